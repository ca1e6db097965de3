"""The README's commands and code work as they stand."""

from __future__ import annotations

import re
import shlex
import shutil
from pathlib import Path

import pytest

from analyzer.cli import main

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
COMMANDS = [line for block in re.findall(r"```sh\n(.*?)```", README, re.DOTALL) for line in block.splitlines()]
CODE = re.findall(r"```python\n(.*?)```", README, re.DOTALL)


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    shutil.copytree(ROOT / "samples", tmp_path / "samples")
    shutil.copytree(ROOT / "plans", tmp_path / "plans")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_every_command_ends_as_the_readme_says(checkout: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert len(COMMANDS) >= 8
    for line in COMMANDS:
        command, _, remark = line.partition("  # ")
        program, *args = shlex.split(command)
        assert program == "peaceplan"
        assert main(args) == (2 if remark.startswith("refused") else 0), line
    assert (checkout / "report.html").exists()


@pytest.mark.parametrize("code", CODE)
def test_python_code_runs(code: str, checkout: Path, capsys: pytest.CaptureFixture[str]) -> None:
    exec(compile(code, "README.md", "exec"), {})
    assert "Zelensky" in capsys.readouterr().out


def test_files_that_the_readme_links_to_exist() -> None:
    links = re.findall(r"\]\(([^)#:]+)\)", README)
    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []
