"""Labelled documents: from the form that people write to the form that programs read.

A person writes one file a document, `NAME.lab`, one sentence a line, its records under it:

    doc: tr-cn-m01
    plan: china-2023
    genre: wire
    date: 2023-03-02

    Envoy backs Beijing's paper
    = Ana Petrov | plan | endorses | backs Beijing's paper

    She told reporters that sanctions were no answer.
    = Ana Petrov | 10 | endorses | sanctions were no answer
    Trade between the two grew by a tenth.

A blank line ends a paragraph. A record is `= speaker | target | stance | evidence`; the evidence stands in the
sentence word for word. `compile_documents.py SOURCE_DIR OUT_DIR --plans DIR` checks every file against its plan and
writes NAME.txt, NAME.sentences.json and NAME.gold.jsonl; a file with a mistake is named with its line and nothing is
written for it.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from analyzer.plans import read_plan
from analyzer.records import STANCES, Plan


class LabelError(ValueError):
    """A labelled file that breaks the form; the message names the line."""


def parse_labels(source: str) -> tuple[dict[str, str], list[list[tuple[str, list[dict[str, str]]]]]]:
    """Split a labelled file into its head and its paragraphs of (sentence, records)."""
    head: dict[str, str] = {}
    lines = source.splitlines()
    body = 0
    for body, line in enumerate(lines):
        if not line.strip():
            break
        key, colon, value = line.partition(":")
        if not colon:
            raise LabelError(f"line {body + 1}: the head holds lines like 'plan: china-2023'")
        head[key.strip()] = value.strip()
    paragraphs: list[list[tuple[str, list[dict[str, str]]]]] = [[]]
    for number, line in enumerate(lines[body:], body + 1):
        line = line.strip()
        if not line:
            if paragraphs[-1]:
                paragraphs.append([])
        elif line.startswith("="):
            fields = [part.strip() for part in line[1:].split("|", 3)]
            if len(fields) != 4 or not all(fields):
                raise LabelError(f"line {number}: a record is '= speaker | target | stance | evidence'")
            if not paragraphs[-1]:
                raise LabelError(f"line {number}: a record stands right under its sentence")
            sentence, records = paragraphs[-1][-1]
            record = dict(zip(("speaker", "target", "stance", "evidence"), fields, strict=True))
            if record["evidence"] not in sentence:
                raise LabelError(
                    f"line {number}: the evidence is not in the sentence word for word: {record['evidence']!r}"
                )
            records.append(record)
        else:
            paragraphs[-1].append((line, []))
    return head, [p for p in paragraphs if p]


def check_records(paragraphs: list[list[tuple[str, list[dict[str, str]]]]], plan: Plan) -> None:
    """Refuse a record whose target or stance the plan does not know."""
    kinds = {target.id: target.kind for target in plan.targets}
    for sentence, records in (pair for p in paragraphs for pair in p):
        for r in records:
            if r["target"] not in kinds:
                raise LabelError(f"no target {r['target']!r} in the plan (sentence {sentence[:60]!r})")
            if r["stance"] not in STANCES[kinds[r["target"]]]:
                raise LabelError(f"{r['target']} cannot be {r['stance']!r} (sentence {sentence[:60]!r})")


def compile_document(source: str, plans: Path) -> tuple[str, dict, list[dict], str]:
    """Return name, sentence list, records and text of one labelled file."""
    head, paragraphs = parse_labels(source)
    for key in ("doc", "plan"):
        if key not in head:
            raise LabelError(f"the head lacks '{key}:'")
    found = list(plans.rglob(f"{head['plan']}.toml"))
    if not found:
        raise LabelError(f"no plan file {head['plan']} under {plans}")
    check_records(paragraphs, read_plan(found[0]))
    text, sentences, records = "", [], []
    for paragraph in paragraphs:
        if text:
            text += "\n\n"
        for i, (sentence, labels) in enumerate(paragraph):
            if i:
                text += " "
            start, text = len(text), text + sentence
            n = len(sentences)
            sentences.append({"sentence": n, "start": start, "end": len(text), "text": sentence})
            records += [{"doc": head["doc"], "plan": head["plan"], "sentence": n, **r} for r in labels]
    listing = {"doc": head["doc"], "plan": head["plan"], **{k: head[k] for k in ("genre", "date") if k in head}}
    return head["doc"], {**listing, "sentences": sentences}, records, text


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Compile labelled documents (.lab) to text, sentences and records.")
    parser.add_argument("source", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--plans", type=Path, action="append", required=True, help="folder of plan files (repeatable)")
    args = parser.parse_args(argv)
    bad = sentences = positioned = count = 0
    for path in sorted(args.source.glob("*.lab")):
        try:
            errors = []
            for plans in args.plans:
                try:
                    name, listing, records, text = compile_document(path.read_text(encoding="utf-8"), plans)
                    break
                except LabelError as error:
                    errors.append(error)
            else:
                raise next((e for e in errors if not str(e).startswith("no plan file")), errors[0])
            if name != path.stem:
                raise LabelError(f"the head says doc: {name}, the file is called {path.stem}")
        except LabelError as error:
            print(f"{path}: {error}", file=sys.stderr)
            bad += 1
            continue
        args.out.mkdir(parents=True, exist_ok=True)
        (args.out / f"{name}.txt").write_text(text, encoding="utf-8")
        (args.out / f"{name}.sentences.json").write_text(
            json.dumps(listing, ensure_ascii=False, indent=1) + "\n", encoding="utf-8"
        )
        lines = "".join(json.dumps(r, ensure_ascii=False) + "\n" for r in records)
        (args.out / f"{name}.gold.jsonl").write_text(lines, encoding="utf-8")
        count, sentences = count + 1, sentences + len(listing["sentences"])
        positioned += len({r["sentence"] for r in records})
    share = 1 - positioned / sentences if sentences else 0
    print(
        f"{count} documents, {sentences} sentences, {share:.0%} of them without a position; {bad} files with a mistake"
    )
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
