"""Train the encoder for search: queries and the sentences that answer them come near each other.

python -m training.encoder --start runs/0/judge.pt --out runs/encoder

It goes on from a judge, which has learnt what the texts are about and who is for what. A sentence's vector is the mean
of its tokens, read with the sentences around it in view ("late chunking", Günther et al. 2024), so that "he rejected
it" lies near what is rejected. Queries come from `data/queries.jsonl`, written and judged by hand for documents of the
training data, and from the labelled positions: the wordings of a target, with or without a stance or a speaker, and
the sentences that take it. What all-MiniLM-L6-v2 takes for alike stays alike: its similarities are a second teacher.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

import numpy as np
import torch
from tokenizers import Tokenizer
from torch import Tensor

from analyzer.plans import read_plan
from analyzer.records import Plan
from analyzer.windows import cut_windows, stack_texts, stack_windows
from training.data import Labelled, is_held_out, read_labelled
from training.export import SentenceEncoder, ship_encoder
from training.scoring import discount
from training.train import DATA, ROOT, make_judge, prepare_run

SOME = 64  # sentences from which the others are seen, for what the original takes for alike
SHARPNESS = 20.0  # of the softmax over sentences, the usual one for cosines (Reimers and Gurevych's library)
WORDS_FOR = {
    "endorses": ("support for {}", "who backs {}", "calls for {}", "who welcomes {}", "in favour of {}"),
    "criticises": ("criticism of {}", "who rejects {}", "doubts about {}", "against {}", "objections to {}"),
    "mentions": ("{}", "mentions of {}"),
    "raises": ("missing: {}", "demand for {}", "who asks for {}", "nothing on {}"),
    "rejects": ("refusal of {}", "who is against {}", "no need for {}", "opposition to {}"),
}


@dataclass(frozen=True)
class Asked:
    """A query and what answers it: of its own document every sentence is judged."""

    text: str
    document: str
    grades: dict[int, int]  # sentence: 2 answers it, 1 helps


def read_queries(path: Path) -> list[Asked]:
    """Read the queries that were written by hand."""
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return [Asked(r["query"], r["doc"], {int(n): int(g) for n, g in r["relevant"]}) for r in rows]


def ask_of_records(document: Labelled, plan: Plan, rng: Random, most: int) -> list[Asked]:
    """Make queries out of a document's positions: of a target's wordings, at times with a stance or a speaker."""
    records = [r for r in document.records if r["target"] != "plan" or r["stance"] != "mentions"]
    queries = []
    for record in rng.sample(records, min(most, len(records))):
        target = plan.target(record["target"])
        wording = rng.choice([target.title, *target.wordings, " ".join(target.topics) or target.title]).rstrip(".")
        wording = wording if rng.random() < 0.5 else wording.lower()
        kind = rng.choice(("plain", "stance", "speaker"))
        text = wording
        if kind == "stance":
            text = rng.choice(WORDS_FOR[record["stance"]]).format(wording)
        elif kind == "speaker" and record["speaker"] != "author":
            name = rng.choice((record["speaker"], record["speaker"].split()[-1]))
            text = rng.choice(("{} on {}", "{}: {}", "what does {} say about {}", "{} {}")).format(name, wording)
        grades: dict[int, int] = {}
        for other in records:
            if other["target"] != record["target"]:
                continue
            same = (kind != "stance" or other["stance"] == record["stance"]) and (
                kind != "speaker" or other["speaker"] == record["speaker"]
            )
            grades[other["sentence"]] = max(grades.get(other["sentence"], 0), 2 if same else 1)
        queries.append(Asked(text, document.name, grades))
    return queries


def encode_texts(model: SentenceEncoder, texts: Sequence[str], tokenizer: Tokenizer) -> Tensor:
    """Return the vectors of texts on their own, (N, D)."""
    ids = torch.from_numpy(stack_texts(texts, tokenizer))
    mask = (ids != 0).to(torch.float32)
    vectors: Tensor = model(ids, mask, mask[:, None])[:, 0]
    return vectors


def encode_documents(
    model: SentenceEncoder, documents: Sequence[Labelled], tokenizer: Tokenizer, rng: Random | None
) -> Tensor:
    """Return the vectors of all sentences of some documents, (N, D), each read with those around it."""
    placed, first = [], 0
    for document in documents:
        placed += [(window, first) for window in cut_windows(document.sentences, tokenizer, rng)]
        first += len(document.sentences)
    placed.sort(key=lambda pair: len(pair[0].tokens))  # windows of like length together
    vectors, order = [], []
    for start in range(0, len(placed), 16):
        batch = placed[start : start + 16]
        ids, owner = stack_windows([window for window, _ in batch])
        mask = torch.from_numpy((ids != 0).astype(np.float32))
        found = model(torch.from_numpy(ids), mask, torch.from_numpy(owner))
        for b, (window, first_of) in enumerate(batch):
            vectors.append(found[b, : len(window.sentences)])
            order += [first_of + sentence.number for sentence in window.sentences]
    whole = torch.zeros(first, vectors[0].shape[-1])
    return whole.index_copy(0, torch.tensor(order), torch.cat(vectors))


def encode_alone(model: SentenceEncoder, texts: Sequence[str], tokenizer: Tokenizer) -> Tensor:
    """As `encode_texts`, of any number of texts, texts of like length together; nothing is learnt."""
    order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
    with torch.no_grad():
        parts = [
            encode_texts(model, [texts[i] for i in order[start : start + 32]], tokenizer)
            for start in range(0, len(order), 32)
        ]
    return torch.zeros(len(texts), parts[0].shape[-1]).index_copy(0, torch.tensor(order), torch.cat(parts))


def measure_loss(queries: Tensor, sentences: Tensor, asked: Sequence[Asked], documents: Sequence[Labelled]) -> Tensor:
    """Cross-entropy of each query over its document's sentences and those of others that surely do not answer it."""
    firsts, first = {}, 0
    free = torch.zeros(sum(len(d.sentences) for d in documents), dtype=torch.bool)
    plans = []
    for document in documents:
        firsts[document.name] = (first, len(document.sentences), document.plan)
        taken = {r["sentence"] for r in document.records}
        for n in range(len(document.sentences)):
            free[first + n] = n not in taken
            plans.append(document.plan)
        first += len(document.sentences)
    logits = SHARPNESS * queries @ sentences.T
    losses = []
    for row, query in enumerate(asked):
        start, length, plan = firsts[query.document]
        # A sentence of another document on the same plan may answer, too, unless it takes no position at all.
        kept = free | torch.tensor([p != plan for p in plans])
        kept[start : start + length] = True
        wanted = torch.zeros(len(kept))
        for n, grade in query.grades.items():
            wanted[start + n] = 3.0 if grade == 2 else 1.0
        chances = logits[row].masked_fill(~kept, -1e4).log_softmax(-1)
        losses.append(-(wanted / wanted.sum() * chances).sum())
    return torch.stack(losses).mean()


def measure_ndcg(
    model: SentenceEncoder, asked: Sequence[Asked], documents: Sequence[Labelled], tokenizer: Tokenizer
) -> float:
    """Return nDCG@10 over the sentences of all these documents; what was not judged for a query counts as no answer."""
    model.eval()
    with torch.no_grad():
        sentences = encode_documents(model, documents, tokenizer, None)
        queries = encode_texts(model, [a.text for a in asked], tokenizer)
    firsts, first = {}, 0
    for document in documents:
        firsts[document.name] = first
        first += len(document.sentences)
    figures = []
    for row, query in zip(queries @ sentences.T, asked, strict=True):
        gains = {firsts[query.document] + n: 2**g - 1 for n, g in query.grades.items()}
        found = [gains.get(int(i), 0) for i in row.topk(10).indices]
        figures.append(discount(found) / discount(sorted(gains.values(), reverse=True)[:10]))
    return float(np.mean(figures))


def measure_drift(seen: Tensor, original: Tensor, itself: Tensor | None = None) -> Tensor:
    """How far similarities (N, M) are from the original model's, in nats a row (Hinton et al. 2015).

    `itself` (N,) is the column that is a row's own text, which tells nothing.
    """
    apart = torch.zeros_like(original)
    if itself is not None:
        apart[torch.arange(len(itself)), itself] = -1e4
    wanted, got = ((SHARPNESS * x + apart).log_softmax(-1) for x in (original, seen))
    return (wanted.exp() * (wanted - got)).sum(-1).mean()


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Train the encoder for search.")
    parser.add_argument("--out", type=Path, required=True, help="folder for the weights and the log")
    parser.add_argument("--ship", type=Path, help="folder of the shipped models, whose encoder is replaced at the end")
    parser.add_argument("--start", type=Path, required=True, help="weights of the judge to go on from")
    parser.add_argument("--original", type=Path, help="weights of the second teacher; without, all-MiniLM-L6-v2")
    parser.add_argument("--epochs", type=int, default=4)
    parser.add_argument("--batch", type=int, default=8, help="documents at once")
    parser.add_argument("--rate", type=float, default=1e-4)
    parser.add_argument("--others", type=float, default=0.25, help="share of the other documents that an epoch sees")
    parser.add_argument("--made", type=int, default=3, help="queries made of a document's positions")
    parser.add_argument("--alike", type=float, default=0.5, help="weight of what the second teacher takes for alike")
    parser.add_argument("--found", type=float, default=0.5, help="weight of what the second teacher finds for a query")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args(argv)
    rng, _ = prepare_run(args.seed, args.threads)
    args.out.mkdir(parents=True, exist_ok=True)
    log = (args.out / "log.jsonl").open("w", encoding="utf-8")

    def say(**entry: object) -> None:
        print(json.dumps(entry), flush=True)
        log.write(json.dumps(entry) + "\n")
        log.flush()

    judge, tokenizer = make_judge(0.1)
    judge.load_state_dict(torch.load(args.start))
    judge.words.requires_grad_(False)
    model = SentenceEncoder(judge)
    teacher, _ = make_judge(0.0)
    if args.original:
        teacher.load_state_dict(torch.load(args.original))
    original = SentenceEncoder(teacher).eval()
    plans = {
        p.id: p for folder in (DATA / "plans", ROOT / "plans") for p in map(read_plan, sorted(folder.glob("*.toml")))
    }
    documents = {d.name: d for d in read_labelled(DATA / "documents")}
    by_document: dict[str, list[Asked]] = {}
    for asked in read_queries(DATA / "queries.jsonl"):
        by_document.setdefault(asked.document, []).append(asked)
    held = [name for name in sorted(by_document) if is_held_out(name)]
    watched = [q for name in held for q in by_document[name]]
    asking = [name for name in by_document if name not in held]
    others = [name for name in documents if name not in by_document]
    say(
        documents=len(asking),
        others=len(others),
        queries=sum(map(len, by_document.values())) - len(watched),
        held=len(watched),
    )
    say(epoch=-1, ndcg=round(measure_ndcg(model, watched, [documents[n] for n in held], tokenizer), 4))
    known = {n: encode_alone(original, documents[n].sentences, tokenizer) for n in (*asking, *others)}
    trunk = [p for n, p in judge.named_parameters() if n.split(".")[0] in ("places", "sides", "norm", "layers")]
    optimizer = torch.optim.AdamW(trunk, lr=args.rate, weight_decay=0.01)
    begun, steps = time.monotonic(), 0
    seen = len(asking) + round(args.others * len(others))
    whole = args.epochs * (seen // args.batch)
    for epoch in range(args.epochs):
        names = [*asking, *rng.sample(others, round(args.others * len(others)))]
        rng.shuffle(names)
        losses = []
        for start in range(0, len(names) - args.batch + 1, args.batch):
            group = [documents[n] for n in names[start : start + args.batch]]
            asked_now = [
                q
                for d in group
                for q in (*by_document.get(d.name, ()), *ask_of_records(d, plans[d.plan], rng, args.made))
            ]
            asked_now = [q for q in asked_now if q.grades]
            if not asked_now:
                continue
            model.train()
            for g in optimizer.param_groups:
                g["lr"] = args.rate * min(1.0, (steps + 1) / (0.05 * whole)) * max(0.02, 1 - steps / whole)
            texts = [q.text for q in asked_now]
            queries, sentences = encode_texts(model, texts, tokenizer), encode_documents(model, group, tokenizer, rng)
            before = torch.cat([known[d.name] for d in group])
            some = torch.tensor(rng.sample(range(len(before)), min(SOME, len(before))))
            parts = [
                measure_loss(queries, sentences, asked_now, group),
                measure_drift(sentences[some] @ sentences.T, before[some] @ before.T, some),
                measure_drift(queries @ sentences.T, encode_alone(original, texts, tokenizer) @ before.T),
            ]
            loss = parts[0] + args.alike * parts[1] + args.found * parts[2]
            optimizer.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(trunk, 1.0)
            optimizer.step()
            losses.append([float(part.detach()) for part in parts])
            steps += 1
        ndcg = measure_ndcg(model, watched, [documents[n] for n in held], tokenizer)
        say(
            epoch=epoch,
            seconds=round(time.monotonic() - begun),
            loss=[round(float(x), 3) for x in np.mean(losses, 0)],
            ndcg=round(ndcg, 4),
        )
        torch.save(judge.state_dict(), args.out / "encoder.pt")
    if args.ship:
        ship_encoder(args.out / "encoder.pt", args.ship)
    return 0


if __name__ == "__main__":
    sys.exit(main())
