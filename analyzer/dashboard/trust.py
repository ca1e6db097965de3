"""How far to trust what is shown: the judge's figures on labelled documents, and what people have looked at since."""

from __future__ import annotations

from analyzer.errors import ModelError
from analyzer.export.wording import count_of
from analyzer.models import read_manifest
from analyzer.records import Report

OTHER = "other plans"  # in the manifest's scores, beside the ids of plans that were measured on their own
PAGE = "How often it is right, and how that was measured, is on the page docs/evaluation.md of the project."


def describe_judge(report: Report) -> str:
    """Say how good the judge that made the report is, as training/evaluate.py measured it and noted in the manifest.

    Where nothing is noted, or of another judge or threshold than the report's, it says only where the figures stand.
    """
    try:
        scores = read_manifest().get("scores", {})
    except ModelError:
        return PAGE
    models, plan = report.models, report.plan.id
    if models is None or (models.judge, models.threshold) != (scores.get("judge"), scores.get("threshold")):
        return PAGE
    own = plan in scores["on"]
    figures = scores["on"].get(plan if own else OTHER)
    if figures is None:
        return PAGE
    documents = count_of(figures["documents"], "labelled document")
    which = f"{documents} that it was not" if own else f"{documents} on other plans, none of which it was"
    right, finds = (f"{100 * figures[score]:.0f} of 100" for score in ("precision", "recall"))
    return (
        f"On {which} trained on, {right} positions found are right in target and stance, and it finds {finds}; "
        "see docs/evaluation.md."
    )
