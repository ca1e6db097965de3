"""Keep the vectors of the shipped plans' wordings with the package: python -m training.wordings

To be run after a plan or the encoder has changed; tests/test_models.py says when it was not.
"""

from __future__ import annotations

from analyzer.comparing import list_texts
from analyzer.encoding import load_encoder
from analyzer.plans import list_plans
from analyzer.wordings import KEPT, keep_wordings, list_wordings


def main() -> None:
    """Write the file."""
    groups = [group for plan in list_plans() for group in (list_wordings(plan), list_texts(plan))]
    print(f"{KEPT}: {keep_wordings(groups, load_encoder())} wordings")


if __name__ == "__main__":
    main()
