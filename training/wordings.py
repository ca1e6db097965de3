"""Keep the vectors of the shipped plans' wordings with the package: python -m training.wordings

To be run after a plan or the encoder has changed; tests/test_models.py says when it was not.
"""

from __future__ import annotations

from analyzer.encoding import load_encoder
from analyzer.plans import list_plans
from analyzer.wordings import KEPT, keep_wordings


def main() -> None:
    """Write the file."""
    print(f"{KEPT}: {keep_wordings(list_plans(), load_encoder())} wordings")


if __name__ == "__main__":
    main()
