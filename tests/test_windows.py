"""Windows: what the judge reads at once."""

from __future__ import annotations

from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.models import open_tokenizer
from analyzer.plans import load_plan
from analyzer.windows import CONTEXT, TARGET, WINDOW, cut_windows, stack_targets, stack_windows, target_text

SENTENCES = [f"Sentence number {n} speaks of a ceasefire and of talks in Geneva." for n in range(60)]


def test_every_sentence_is_judged_once() -> None:
    windows = cut_windows(SENTENCES, open_tokenizer())
    assert [p.number for w in windows for p in w.sentences] == list(range(60))


def test_later_windows_begin_with_the_sentences_before_them() -> None:
    first, second, *_ = cut_windows(SENTENCES, open_tokenizer())
    judged = second.sentences[0].number
    assert [p.number for p in second.context] == list(range(judged - len(second.context), judged))
    assert second.context
    assert sum(p.end - p.start for p in second.context) <= CONTEXT
    assert not first.context


def test_windows_keep_to_their_size() -> None:
    assert all(len(w.tokens) <= WINDOW + 2 for w in cut_windows(SENTENCES, open_tokenizer()))


def test_offsets_of_tokens_are_characters_of_the_sentence() -> None:
    (window,) = cut_windows(["Beijing’s paper calls for a truce."], open_tokenizer())
    (placed,) = window.sentences
    start, end = placed.offsets[0]
    assert "Beijing’s paper calls for a truce."[start:end] == "Beijing"


def test_masks_mark_exactly_the_sentence() -> None:
    windows = cut_windows(SENTENCES[:30], open_tokenizer())
    ids, owner = stack_windows(windows)
    assert ids.shape[0] == owner.shape[0] == len(windows)
    for b, window in enumerate(windows):
        for s, placed in enumerate(window.sentences):
            assert np.flatnonzero(owner[b, s]).tolist() == list(range(placed.start, placed.end))


@pytest.mark.parametrize("plan_id", ["china-2023", "us-28-2025"])
def test_every_target_has_a_row_of_words(plan_id: str) -> None:
    plan = load_plan(plan_id)
    ids = stack_targets(plan.targets, open_tokenizer())
    assert ids.shape[0] == len(plan.targets)
    assert ids.shape[1] <= TARGET
    assert (ids[:, :3] > 0).all()


def test_gap_is_worded_as_missing() -> None:
    gap = load_plan("china-2023").target("gap:troop-withdrawal")
    assert target_text(gap).startswith("missing: ")


@given(st.lists(st.text(max_size=60), max_size=8), st.integers(0, 5))
def test_any_text_can_be_cut(sentences: list[str], seed: int) -> None:
    windows = cut_windows(sentences, open_tokenizer(), Random(seed))
    judged = [p.number for w in windows for p in w.sentences]
    assert judged == sorted(set(judged))
    assert set(judged) <= set(range(len(sentences)))
