"""The shipped weights are whole, or are refused."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from analyzer import models
from analyzer.errors import ModelError


@pytest.fixture
def copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for path in models.FOLDER.iterdir():
        if path.suffix in (".onnx", ".json"):
            shutil.copyfile(path, tmp_path / path.name)
    monkeypatch.setattr(models, "FOLDER", tmp_path)
    models.read_manifest.cache_clear()
    yield tmp_path
    models.read_manifest.cache_clear()


@pytest.mark.parametrize("name", ["judge", "encoder"])
def test_damaged_file_is_refused_in_one_line(copied: Path, name: str) -> None:
    path = copied / f"{name}.onnx"
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0xFF
    path.write_bytes(content)
    with pytest.raises(ModelError, match=r"damaged.*reinstall") as caught:
        models.open_session(name)
    assert "\n" not in str(caught.value)


def test_missing_file_is_refused(copied: Path) -> None:
    (copied / "judge.onnx").unlink()
    with pytest.raises(ModelError, match="cannot be read"):
        models.open_session("judge")


def test_unreadable_manifest_is_refused(copied: Path) -> None:
    (copied / "manifest.json").write_text("{", encoding="utf-8")
    with pytest.raises(ModelError, match=r"manifest\.json"):
        models.open_session("judge")


def test_manifest_tells_where_the_figures_come_from() -> None:
    manifest = json.loads((models.FOLDER / "manifest.json").read_text(encoding="utf-8"))
    assert {"name", "threshold", "second_stance", "calibration", "origin"} <= manifest["judge"].keys()
    assert manifest["judge"]["origin"]


def test_shipped_files_stay_below_forty_megabytes() -> None:
    assert all(path.stat().st_size < 40_000_000 for path in models.FOLDER.iterdir() if path.is_file())
