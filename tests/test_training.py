"""The recipe's parts that decide what a figure means: what is kept from training, what is averaged, what is learnt from."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from analyzer.models import open_tokenizer
from analyzer.windows import cut_windows
from training.data import (
    LABEL_SHARE,
    Batch,
    Labelled,
    Task,
    collate,
    draw_batches,
    draw_readings,
    read_hints,
    read_labelled,
    read_tasks,
)
from training.model import Judge, Panel, Shape
from training.public import drop_benchmarks, read_set, stack_statements
from training.scores import fit_scale
from training.scoring import load_gold
from training.shipping import MORE, ShippedPanel, merge_tokens, widen_keys
from training.teach import store_hints
from training.train import DATA, ROOT, Trainer, is_held, mask_words, measure_loss

HELD = ["tr-cn-14", "tr-cn-16", "tr-cn-17", "tr-cn-56"]
TINY = Shape(layers=2, width=48, heads=4, vocabulary=30522, inner=64)


@pytest.fixture(scope="module")
def tasks() -> dict[str, Task]:
    return read_tasks([ROOT / "plans"], open_tokenizer())


def make_document(*records: tuple[int, str, str, str, str]) -> Labelled:
    keys = ("sentence", "speaker", "target", "stance", "evidence")
    sentences = ("Ana Petrov called for a truce.", "She said the sanctions had to go.", "It rained.")
    return Labelled("tr-x", "china-2023", sentences, tuple(dict(zip(keys, r, strict=True)) for r in records))


DOCUMENT = make_document(
    (0, "Ana Petrov", "3", "endorses", "called for a truce"),
    (1, "Ana Petrov", "10", "endorses", "the sanctions had to go"),
)


def draw(tasks: dict[str, Task], document: Labelled = DOCUMENT) -> Batch:
    (batch,) = draw_batches([document], tasks, open_tokenizer(), 4, None)
    return batch


def test_records_become_labels_of_their_sentence_and_target(tasks: dict[str, Task]) -> None:
    batch, ids = draw(tasks), tasks["china-2023"].ids
    present = {(s, ids[t]) for _, s, t in batch.present.nonzero().tolist()}
    assert present == {(0, "3"), (1, "10")}
    assert batch.real.sum() == 3


def test_record_on_a_target_that_is_left_out_is_not_learnt_from(tasks: dict[str, Task]) -> None:
    whole = tasks["china-2023"]
    kept = [i for i, target in enumerate(whole.ids) if target != "10"]
    less = Task(whole.plan, tuple(whole.ids[i] for i in kept), whole.tokens[kept])
    batch = draw({"china-2023": less})
    assert {(s, less.ids[t]) for _, s, t in batch.present.nonzero().tolist()} == {(0, "3")}


def test_pronoun_is_held_by_a_name_in_view(tasks: dict[str, Task]) -> None:
    batch = draw(tasks)
    tokens = [open_tokenizer().id_to_token(i) for i in batch.ids[0].tolist()]
    named = {tokens[choice - 2] for choice in batch.holders.nonzero()[:, 1].tolist()}
    assert named == {"ana", "pet", "##rov"}


def test_panel_says_the_mean_of_its_judges(tasks: dict[str, Task]) -> None:
    torch.manual_seed(0)
    one, two = Judge(TINY, 0.0), Judge(TINY, 0.0)
    two.words.load_state_dict(one.words.state_dict())
    batch = draw(tasks)
    with torch.no_grad():
        apart = [j(batch.ids, batch.owner, batch.targets) for j in (one, two)]
        together = Panel([one, two])(batch.ids, batch.owner, batch.targets)
    for a, b, mean in zip(*apart, together, strict=True):
        assert torch.allclose((a + b) / 2, mean, atol=1e-5)


def test_panel_refuses_judges_with_other_words() -> None:
    with pytest.raises(ValueError, match="word embeddings"):
        Panel([Judge(TINY), Judge(TINY)])


def test_training_lowers_the_loss_and_leaves_the_words_alone(tasks: dict[str, Task]) -> None:
    torch.manual_seed(0)
    judge, batch = Judge(TINY, 0.0), draw(tasks)
    words = judge.words.weight.clone()
    trainer = Trainer(judge, 1e-3, 1e-3, weight=1.5, masked=0.0, average=0.5)
    before = measure_loss(judge, batch, 1.5, 0.0).sum().item()
    for step in range(12):
        trainer.step(batch, step / 12)
    assert measure_loss(trainer.averaged(), batch, 1.5, 0.0).sum().item() < before
    assert torch.equal(judge.words.weight, words)


def test_weights_are_averaged_exponentially_in_the_second_half(tasks: dict[str, Task]) -> None:
    judge, batch = Judge(TINY, 0.0), draw(tasks)
    trainer = Trainer(judge, 1e-2, 1e-2, weight=1.5, masked=0.0, average=0.9)
    trainer.step(batch, 0.49)
    assert trainer.mean is None and trainer.averaged() is judge
    trainer.step(batch, 0.5)
    first = trainer.parameters[0].detach().clone()
    trainer.step(batch, 0.75)
    second = trainer.parameters[0].detach()
    assert not torch.equal(first, second)
    assert torch.allclose(trainer.mean[0], 0.9 * first + 0.1 * second, atol=1e-6)
    assert torch.equal(next(trainer.averaged().places.parameters()), trainer.mean[0])


def test_hidden_words_leave_the_frame_alone() -> None:
    ids = torch.tensor([[101, 2000, 2001, 102, 2002, 102, 0, 0]])
    assert mask_words(ids, 1.0).tolist() == [[101, 103, 103, 102, 103, 102, 0, 0]]
    assert torch.equal(mask_words(ids, 0.0), ids)


def test_varied_plan_keeps_some_of_its_targets(tasks: dict[str, Task]) -> None:
    whole = tasks["china-2023"]
    varied = [whole.vary(open_tokenizer(), Random(seed)) for seed in range(40)]
    assert all(0 < len(v.ids) == len(v.tokens) for v in varied)
    assert all(set(v.ids) <= set(whole.ids) for v in varied)
    assert {len(v.ids) < len(whole.ids) for v in varied} == {True, False}


def read_shipped(shipped: ShippedPanel, batch: Batch) -> tuple[list[Tensor], list[Tensor]]:
    """Logits with the targets new, and with what the first call made of them."""
    nothing = torch.zeros(2, TINY.layers, TINY.heads, 0, TINY.width // TINY.heads + MORE)
    none = torch.zeros(1, 1, dtype=torch.long)
    with torch.no_grad():
        *new, keys, values, vectors = shipped(
            batch.ids, batch.owner, batch.targets, nothing, nothing, torch.zeros(2, 0, TINY.width)
        )
        *kept, _, _, _ = shipped(batch.ids, batch.owner, none, keys, values, vectors)
    return new, kept


def test_shipped_form_of_a_panel_says_the_same_with_targets_new_or_kept(tasks: dict[str, Task]) -> None:
    torch.manual_seed(0)
    one, two = Judge(TINY, 0.0), Judge(TINY, 0.0)
    two.words.load_state_dict(one.words.state_dict())
    panel, batch = Panel([one, two]).eval(), draw(tasks)
    with torch.no_grad():
        expected = panel(batch.ids, batch.owner, batch.targets)
    whole, merged = (read_shipped(ShippedPanel(panel, merging), batch) for merging in (0, 3))
    for a, b, c in zip(expected, *whole, strict=True):
        assert torch.allclose(a, b, atol=1e-4)
        assert torch.allclose(a, c, atol=1e-4)
    for b, c in zip(*merged, strict=True):
        assert torch.allclose(b, c, atol=1e-4)


def test_tokens_that_are_alike_are_merged_without_loss() -> None:
    torch.manual_seed(0)
    keys, values, queries = torch.randn(3, 2, 6, 8).unbind(0)
    twice = widen_keys(keys.repeat(1, 2, 1), torch.zeros(2, 12)), nn.functional.pad(values.repeat(1, 2, 1), (0, MORE))
    order = torch.tensor([0, 6, 1, 7, 2, 8, 3, 9, 4, 10, 5, 11])
    merged_keys, merged_values = merge_tokens(*(x[:, order] for x in twice), 1)
    assert merged_keys.shape[1] == 7  # the silent one, too
    asked = nn.functional.pad(queries, (0, MORE), value=1.0)
    expected = (queries @ keys.transpose(1, 2)).softmax(-1) @ values
    found = (asked @ merged_keys.transpose(1, 2)).softmax(-1) @ merged_values
    assert torch.allclose(found[..., :-MORE], expected, atol=1e-5)


def test_there_is_a_token_to_attend_to_where_nothing_is_new() -> None:
    keys, _ = merge_tokens(torch.zeros(2, 0, 8 + MORE), torch.zeros(2, 0, 8 + MORE), 3)
    assert keys.shape == (2, 1, 8 + MORE)
    assert (keys[..., -MORE:].sum(-1) < -1000).all()


def test_confidence_scale_is_found_again() -> None:
    rng = Random(0)
    shares = [rng.uniform(0.05, 0.95) for _ in range(4000)]
    right = [rng.random() < s for s in shares]
    scale, offset = fit_scale([(shares, right)])
    assert scale == pytest.approx(1.0, abs=0.15)
    assert offset == pytest.approx(0.0, abs=0.15)


def test_group_of_few_positions_counts_as_much_as_one_of_many() -> None:
    many = ([0.5] * 900, [True] * 900)
    few = ([0.5] * 9, [False] * 9)
    _, offset = fit_scale([many, few])
    assert offset == pytest.approx(0.0, abs=0.01)


def test_rows_of_the_benchmarks_are_kept_from_the_first_stage() -> None:
    tests = [("Games make people cruel.", "This house would ban violent video games", 0)]
    rows = [
        ("A new text", "Violent video games should be banned", 0),  # the same topic in other words
        ("games make people cruel", "Zoos should be closed", 1),  # the same text
        ("Animals suffer there", "Zoos should be closed", 0),
    ]
    assert drop_benchmarks(rows, tests) == rows[2:]


def test_public_rows_have_their_own_target_only() -> None:
    rows = [("a truce helps", "there should be a truce", 0), ("zoos are cruel", "zoos are good", 1)]
    for seed in range(4):
        batch = stack_statements(rows, open_tokenizer(), Random(seed))
        words = {"truce", "zoo"}
        read = {}
        for b, s, t in batch.present.nonzero().tolist():
            sentence = open_tokenizer().decode((batch.ids[b] * batch.owner[b, s].long()).tolist())
            target = open_tokenizer().decode(batch.targets[t].tolist())
            (word,) = (w for w in words if w in sentence)
            assert word in target
            read[word] = batch.stance[b, s, t].argmax().item()
        assert read == {"truce": 0, "zoo": 1}
        assert not batch.marked.any() and not len(batch.held)


def test_long_and_unlabelled_rows_are_not_read(tmp_path: Path) -> None:
    rows = [
        {"text": "short", "target": "a", "label": "endorses"},
        {"text": "long " * 61, "target": "a", "label": "endorses"},
        {"text": "short", "target": "a", "label": "unrelated"},
    ]
    path = tmp_path / "some.train.jsonl"
    path.write_text("".join(json.dumps(r) + "\n" for r in rows), encoding="utf-8")
    assert read_set(path) == [("short", "a", 0)]
    assert len(read_set(path, longest=None)) == 2


def test_no_labelled_document_of_the_tests_is_trained_on() -> None:
    training = read_labelled(DATA / "documents")
    texts = {" ".join(sentence.lower().split()) for d in training for sentence in d.sentences}
    gold = ROOT / "tests" / "gold"
    unseen = {g.plan for g in load_gold(gold)} - {"china-2023"} | {"minsk-2-2015"}
    assert len(unseen) == 3 and not unseen & {d.plan for d in training}
    for g in load_gold(gold):
        text = (gold / f"{g.doc}.txt").read_text(encoding="utf-8")
        long = [" ".join(text[a:z].lower().split()) for a, z in g.spans if z - a > 40]
        assert not [s for s in long if s in texts]


def test_every_training_record_fits_its_plan_and_its_sentence() -> None:
    everything = read_tasks([DATA / "plans", ROOT / "plans"], open_tokenizer())
    for d in read_labelled(DATA / "documents"):
        targets = set(everything[d.plan].ids)
        for r in d.records:
            assert str(r["target"]) in targets, d.name
            assert r["evidence"] in d.sentences[r["sentence"]], d.name


def test_held_out_documents_are_the_same_in_every_run() -> None:
    names = [f"tr-cn-{n}" for n in range(60)]
    assert [n for n in names if is_held(n, 14)] == HELD
    assert not any(is_held(n, 0) for n in names)


def test_padding_of_a_shorter_window_has_no_labels(tasks: dict[str, Task]) -> None:
    brief = Labelled("tr-y", "china-2023", ("Ana Petrov called for a truce.",), DOCUMENT.records[:1])
    pairs = [(d, w) for d in (brief, DOCUMENT) for w in cut_windows(d.sentences, open_tokenizer())]
    batch = collate(pairs, tasks["china-2023"])
    padded = batch.ids[0] == 0
    assert padded.any() and not (batch.ids[1] == 0).any()
    assert batch.owner[0][:1, padded].sum() == batch.evidence[0][padded].sum() == 0
    assert batch.real.sum(1).tolist() == [1, 3]
    assert batch.present[0].sum() == 1


def read_back(
    folder: Path, name: str, figures: np.ndarray, texts: dict[str, tuple[str, ...]] | None = None
) -> Labelled:  # type: ignore[type-arg]
    store_hints([{name: figures}], folder / "hints.npz")
    return read_hints(folder / "hints.npz", [DOCUMENT], texts or {})[-1]


def test_what_is_learnt_lies_between_the_label_and_the_teachers_reading(tmp_path: Path, tasks: dict[str, Task]) -> None:
    ids = tasks["china-2023"].ids
    figures = np.zeros((3, len(ids), 4), np.float32)
    figures[0, ids.index("3")] = (0.6, 0.2, 0.8, 0.0)
    figures[2, ids.index("4")] = (0.4, 1.0, 0.0, 0.0)
    batch = draw(tasks, read_back(tmp_path, DOCUMENT.name, figures))
    both, missed = batch.present[0, 0, ids.index("3")].item(), batch.present[0, 1, ids.index("10")].item()
    assert both == pytest.approx(LABEL_SHARE + (1 - LABEL_SHARE) * 0.6, abs=0.01)
    assert missed == pytest.approx(LABEL_SHARE)
    assert batch.present[0, 2, ids.index("4")].item() == pytest.approx((1 - LABEL_SHARE) * 0.4, abs=0.01)
    stance = batch.stance[0, 0, ids.index("3")].tolist()
    assert stance == pytest.approx([LABEL_SHARE + (1 - LABEL_SHARE) * 0.2, (1 - LABEL_SHARE) * 0.8, 0], abs=0.04)
    assert batch.marked.tolist() == [1]


def test_text_that_only_a_teacher_read_is_learnt_from_without_evidence_or_holder(
    tmp_path: Path, tasks: dict[str, Task]
) -> None:
    figures = np.full((1, len(tasks["china-2023"].ids), 4), 0.5, np.float32)
    read = read_back(tmp_path, "speech@china-2023", figures, {"speech": ("The guns must fall silent.",)})
    batch = draw(tasks, read)
    assert batch.present[0, 0].tolist() == pytest.approx([0.5] * len(tasks["china-2023"].ids), abs=0.01)
    assert not batch.marked.any() and not len(batch.held)


def test_reading_of_a_text_that_is_not_at_hand_is_left_out(tmp_path: Path) -> None:
    assert read_back(tmp_path, "speech@china-2023", np.zeros((1, 19, 4), np.float32)) == DOCUMENT


def test_faint_presence_is_stored_as_none(tmp_path: Path) -> None:
    read = read_back(tmp_path, DOCUMENT.name, np.full((3, 19, 4), 0.01, np.float32))
    assert read.hints is not None and not read.hints.any()


def test_further_readings_are_on_plans_that_are_not_a_documents_own() -> None:
    docs = [DOCUMENT, Labelled("tr-y", "other", ("It rained.",))]
    drawn = draw_readings(docs, {"speech": ("Hello.",)}, ["other", "china-2023"])
    assert {(d.name, d.plan) for d in drawn if d.name.startswith("speech")} == {
        ("speech@china-2023", "china-2023"),
        ("speech@other", "other"),
    }
    assert ("tr-x@other", "other") in {(d.name, d.plan) for d in drawn}
    assert "tr-y@other" not in {d.name for d in drawn}
    assert not any(d.labelled for d in drawn)


def test_shipped_readings_are_of_documents_that_training_may_see() -> None:
    known = {d.name: d for d in read_labelled(DATA / "documents")}
    tasks = read_tasks([DATA / "plans", ROOT / "plans"], open_tokenizer())
    with np.load(DATA / "hints.npz") as hints:
        for name, figures in hints.items():
            text, _, plan = name.partition("@")
            assert text in known or text.startswith(("ungdc_ukraine.unlabelled-", "unscon.all-")), name
            assert not is_held(text, 14) or text not in known, name
            if text in known:
                task = tasks[plan or known[text].plan]
                assert figures.shape == (len(known[text].sentences), len(task.ids), 4), name
