"""Train the encoder for search: queries and the sentences that answer them come near each other.

python -m training.encoder --start runs/0/judge.pt --out runs/encoder

It goes on from a judge, which has learnt what the texts are about and who is for what. A sentence's vector is the mean
of its tokens, read with the sentences around it in view ("late chunking", Günther et al. 2024), so that "he rejected
it" lies near what is rejected. Queries come from `data/queries.jsonl`, written and judged by hand for documents of the
training data, and from the labelled positions: the wordings of a target, with or without a stance or a speaker, and
the sentences that take it. A second teacher keeps what is alike in general: the mean of the similarities that
all-MiniLM-L6-v2 and the larger all-mpnet-base-v2 see, which together know more than either (for the packages of the
latter see teach.py).
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Mapping, Sequence
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
from training.data import Labelled, read_labelled
from training.export import SentenceEncoder, ship_encoder
from training.model import Judge
from training.scoring import discount
from training.teach import make_teacher, read_mpnet
from training.train import DATA, ROOT, is_held, make_judge, prepare_run

SOME = 64  # sentences from which the others are seen, for what the teachers take for alike
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


class Teachers:
    """Encoders whose similarities are learnt from: the mean of what each sees, in texts on their own."""

    def __init__(self, judges: Sequence[Judge], tokenizer: Tokenizer) -> None:
        self.models = [SentenceEncoder(judge).eval() for judge in judges]
        self.tokenizer = tokenizer
        self.known: dict[str, Tensor] = {}

    def encode(self, texts: Sequence[str]) -> Tensor:
        """Return vectors (N, D) whose products are the similarities; each text is encoded once."""
        new = sorted({t for t in texts if t not in self.known}, key=len)
        with torch.no_grad():
            for start in range(0, len(new), 32):
                some = new[start : start + 32]
                parts = [encode_texts(model, some, self.tokenizer) for model in self.models]
                self.known |= zip(some, torch.cat(parts, -1) / len(parts) ** 0.5, strict=True)
        return torch.stack([self.known[t] for t in texts])


def find_rivals(
    asked: Sequence[Asked], documents: Sequence[Labelled], conflicts: Mapping[str, str]
) -> tuple[Tensor, Tensor, Tensor]:
    """Which sentences a query's answers are to be nearer than, which are its own document's, and what each is worth.

    All are (Q, N).

    Rivals are the sentences of the query's own document, for all of them were judged, and of the others those that
    surely are no answer: they take no position, or are about another conflict (`conflicts`, by plan), or take positions
    on the same plan, but on other targets than the answers do.
    """
    firsts, about, first = {}, [], 0
    for document in documents:
        firsts[document.name] = (first, document)
        targets: list[set[str]] = [set() for _ in document.sentences]
        for record in document.records:
            targets[record["sentence"]].add(record["target"])
        about += [(document.plan, found) for found in targets]
        first += len(document.sentences)
    rivals, judged = torch.zeros(2, len(asked), first, dtype=torch.bool)
    worth = torch.zeros(len(asked), first)
    for row, query in enumerate(asked):
        start, own = firsts[query.document]
        wanted = set().union(*(about[start + n][1] for n in query.grades))
        rivals[row] = torch.tensor(
            [
                not targets
                or conflicts[plan] != conflicts[own.plan]
                or (plan == own.plan and bool(wanted) and not wanted & targets)
                for plan, targets in about
            ]
        )
        judged[row, start : start + len(own.sentences)] = True
        for n, grade in query.grades.items():
            worth[row, start + n] = 3.0 if grade == 2 else 1.0
    return rivals | judged, judged, worth


def measure_loss(queries: Tensor, sentences: Tensor, rivals: Tensor, worth: Tensor) -> Tensor:
    """Cross-entropy of each query over its answers and their rivals, (Q, N); an answer counts as it is worth."""
    chances = (SHARPNESS * queries @ sentences.T).masked_fill(~rivals, -1e4).log_softmax(-1)
    return -(worth / worth.sum(-1, keepdim=True) * chances).sum(-1).mean()


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


def measure_drift(seen: Tensor, original: Tensor, apart: Tensor) -> Tensor:
    """How far similarities (N, M) are from the teachers', in nats a row (Hinton et al. 2015), without those `apart`."""
    wanted, got = ((SHARPNESS * x).masked_fill(apart, -1e4).log_softmax(-1) for x in (original, seen))
    return (wanted.exp() * (wanted - got)).sum(-1).mean()


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Train the encoder for search.")
    parser.add_argument("--out", type=Path, required=True, help="folder for the weights and the log")
    parser.add_argument("--ship", type=Path, help="folder of the shipped models, whose encoder is replaced at the end")
    parser.add_argument("--start", type=Path, required=True, help="weights of the judge to go on from")
    parser.add_argument("--hold", type=int, default=14, help="as in the training of the judge")
    parser.add_argument("--epochs", type=int, default=4)
    parser.add_argument("--batch", type=int, default=8, help="documents at once")
    parser.add_argument("--rate", type=float, default=1e-4)
    parser.add_argument("--made", type=int, default=3, help="queries made of a document's positions")
    parser.add_argument("--alike", type=float, default=0.5, help="weight of what the teachers take for alike")
    parser.add_argument("--found", type=float, default=0.5, help="weight of what the teachers find for a query")
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
    teachers = Teachers([make_judge(0.0)[0], make_teacher(read_mpnet())], tokenizer)
    plans = {
        p.id: p for folder in (DATA / "plans", ROOT / "plans") for p in map(read_plan, sorted(folder.glob("*.toml")))
    }
    conflicts = {p.id: p.conflict for p in plans.values()}
    documents = {d.name: d for d in read_labelled(DATA / "documents")}
    by_document: dict[str, list[Asked]] = {}
    for asked in read_queries(DATA / "queries.jsonl"):
        by_document.setdefault(asked.document, []).append(asked)
    held = [name for name in sorted(by_document) if is_held(name, args.hold)]
    watched = [q for name in held for q in by_document[name]]
    asking = [name for name in by_document if name not in held]
    say(documents=len(asking), queries=sum(len(by_document[n]) for n in asking), held=len(watched))
    say(epoch=-1, ndcg=round(measure_ndcg(model, watched, [documents[n] for n in held], tokenizer), 4))
    trunk = [p for n, p in judge.named_parameters() if n.split(".")[0] in ("places", "sides", "norm", "layers")]
    optimizer = torch.optim.AdamW(trunk, lr=args.rate, weight_decay=0.01)
    begun, steps = time.monotonic(), 0
    whole = args.epochs * (len(asking) // args.batch)
    for epoch in range(args.epochs):
        names = rng.sample(asking, len(asking))
        losses = []
        for start in range(0, len(names) - args.batch + 1, args.batch):
            group = [documents[n] for n in names[start : start + args.batch]]
            asked_now = [
                q
                for d in group
                for q in (*by_document.get(d.name, ()), *ask_of_records(d, plans[d.plan], rng, args.made))
            ]
            asked_now = [q for q in asked_now if q.grades]
            model.train()
            for g in optimizer.param_groups:
                g["lr"] = args.rate * min(1.0, (steps + 1) / (0.05 * whole)) * max(0.02, 1 - steps / whole)
            texts = [q.text for q in asked_now]
            queries, sentences = encode_texts(model, texts, tokenizer), encode_documents(model, group, tokenizer, rng)
            before, wanted = teachers.encode([s for d in group for s in d.sentences]), teachers.encode(texts)
            some = torch.tensor(rng.sample(range(len(before)), min(SOME, len(before))))
            itself = some[:, None] == torch.arange(len(before))
            rivals, judged, worth = find_rivals(asked_now, group, conflicts)
            parts = [
                measure_loss(queries, sentences, rivals, worth),
                measure_drift(sentences[some] @ sentences.T, before[some] @ before.T, itself),
                measure_drift(queries @ sentences.T, wanted @ before.T, judged),
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
