"""The shipped weights are whole, or are refused."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from analyzer import models
from analyzer.comparing import list_texts
from analyzer.encoding import OnnxEncoder, Vectors, load_encoder
from analyzer.errors import ModelError
from analyzer.plans import list_plans
from analyzer.wordings import embed_wordings, list_wordings


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


class Counting(OnnxEncoder):
    def __init__(self) -> None:
        self.asked: list[str] = []

    def encode(self, texts: Sequence[str]) -> Vectors:
        self.asked += texts
        return load_encoder().encode(texts)


def test_kept_wordings_are_those_of_the_shipped_plans_and_the_encoder() -> None:
    """When this fails: python -m training.wordings"""
    encoder, plans = Counting(), list_plans()
    kept = [embed_wordings(list_wordings(plan), encoder) for plan in plans]
    compared = [embed_wordings(list_texts(plan), encoder) for plan in plans]
    assert encoder.asked == []
    assert [len(vectors) for vectors in compared] == [len(list_texts(plan)) for plan in plans]
    assert np.allclose(kept[0], load_encoder().encode(list_wordings(plans[0])), atol=1e-5)


def test_wording_that_is_not_kept_is_embedded() -> None:
    encoder, wordings = Counting(), [*list_wordings(list_plans()[0]), "Both armies leave the island."]
    assert len(embed_wordings(wordings, encoder)) == len(encoder.asked) == len(wordings)
