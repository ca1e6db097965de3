"""The judge's network as a call: what it keeps between calls must not change what it says."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from analyzer.errors import ModelError
from analyzer.models import open_session, open_tokenizer
from analyzer.network import bind_session
from analyzer.plans import load_plan
from analyzer.windows import cut_windows, stack_targets, stack_windows

PLANS = ("china-2023", "africa-2023", "brazil-china-2024")
TEXT = ["Ana Petrov called for a truce.", "She attacked the sanctions.", "Trade grew by a tenth."]


@pytest.fixture(scope="module")
def session():  # type: ignore[no-untyped-def]
    return open_session("judge")


def read(run, plan_id: str):  # type: ignore[no-untyped-def]
    targets = stack_targets(load_plan(plan_id).targets, open_tokenizer())
    return run(*stack_windows(cut_windows(TEXT, open_tokenizer())), targets)


def test_kept_targets_say_what_new_ones_say(session) -> None:  # type: ignore[no-untyped-def]
    run = bind_session(session)
    first, second = read(run, "china-2023"), read(run, "china-2023")
    for a, b in zip(first, second, strict=True):
        np.testing.assert_allclose(a, b, atol=1e-4)


def test_another_plan_is_not_read_with_the_targets_of_the_last(session) -> None:  # type: ignore[no-untyped-def]
    run = bind_session(session)
    for plan_id in (*PLANS, *PLANS):  # more plans than are kept
        fresh = read(bind_session(session), plan_id)
        for a, b in zip(read(run, plan_id), fresh, strict=True):
            np.testing.assert_allclose(a, b, atol=1e-4)


def test_threads_may_share_it(session) -> None:  # type: ignore[no-untyped-def]
    run = bind_session(session)
    with ThreadPoolExecutor(4) as pool:
        shapes = list(pool.map(lambda p: read(run, p)[0].shape, PLANS * 4))
    assert shapes == [(1, len(TEXT), len(load_plan(p).targets)) for p in PLANS * 4]


def test_network_of_another_make_is_refused() -> None:
    with pytest.raises(ModelError, match="another version"):
        bind_session(open_session("encoder"))
