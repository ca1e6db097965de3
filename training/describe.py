"""Count the labelled documents: the figures of the datasheet.

python -m training.describe
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from pathlib import Path

from training.data import Labelled, read_labelled
from training.scoring import Counts, Gold, count_keys, load_gold
from training.train import DATA


def main() -> int:
    """Print the counts as a Markdown table."""
    docs = read_labelled(DATA / "documents")
    china = [d for d in docs if d.plan == "china-2023"]
    rows = [("china-2023", china), ("other plans", [d for d in docs if d.plan != "china-2023"]), ("all", docs)]
    stances = ("endorses", "criticises", "mentions", "raises", "rejects")
    print("| | documents | plans | sentences | without a position | records | " + " | ".join(stances) + " |")
    print("| --- " * (6 + len(stances)) + "|")
    for name, group in rows:
        print(f"| {name} | {' | '.join(_count(group, stances))} |")
    print("\nRecords on china-2023 by target: ", end="")
    targets = Counter(str(r["target"]) for d in china for r in d.records)
    print(", ".join(f"{t} {n}" for t, n in sorted(targets.items(), key=lambda x: -x[1])))
    second = DATA / "second"
    read_twice = [g for g in load_gold(DATA / "documents") if (second / f"{g.doc}.gold.jsonl").exists()]
    total = sum((_agree(g, second) for g in read_twice), Counts())
    alike, first, other = total.right, total.labelled - total.right, total.found - total.right
    print(f"\nSecond reading: position F1 {total.scores()['position_f1']:.3f}; ", end="")
    print(f"{alike} alike, {first} only in the settled labels, {other} only in the second reading")
    return 0


def _agree(gold: Gold, folder: Path) -> Counts:
    """Count one second reading against the settled labels."""
    lines = (folder / f"{gold.doc}.gold.jsonl").read_text(encoding="utf-8").splitlines()
    records = [json.loads(line) for line in lines if line.strip()]
    return count_keys(gold.keys, {(r["sentence"], str(r["target"]), r["stance"]) for r in records})


def _count(docs: list[Labelled], stances: tuple[str, ...]) -> list[str]:
    sentences = sum(len(d.sentences) for d in docs)
    taken = sum(len({r["sentence"] for r in d.records}) for d in docs)
    by_stance = Counter(r["stance"] for d in docs for r in d.records)
    share = f"{1 - taken / sentences:.0%}"
    plans, records = len({d.plan for d in docs}), sum(by_stance.values())
    return [str(x) for x in (len(docs), plans, sentences, share, records, *(by_stance[s] for s in stances))]


if __name__ == "__main__":
    sys.exit(main())
