"""A plan as the TOML text of a plan file, whose form plans/README.md describes."""

from __future__ import annotations

import json
from collections.abc import Sequence

from analyzer.records import Plan, Target, TargetKind


def plan_to_toml(plan: Plan) -> str:
    """Return the text that plans.read_plan reads as this plan; what is empty and not required is left out.

    What breaks the form is written as it is, for read_plan to refuse. White space that read_plan squeezes comes back
    squeezed.
    """
    lines = [
        _field("id", plan.id),
        _field("title", plan.title),
        *_optional("official_title", plan.official_title),
        _field("sponsors", plan.sponsors),
        f"date = {plan.date.isoformat()}",
        _field("conflict", plan.conflict),
        *_optional("published", plan.published),
        _field("summary", plan.summary),
        *_optional("names", plan.names),
    ]
    for target in (*plan.points, *plan.gaps):
        lines += ["", *_target(target)]
    return "\n".join(lines) + "\n"


def _target(target: Target) -> list[str]:
    gap = target.kind is TargetKind.GAP
    return [
        "[[gaps]]" if gap else "[[points]]",
        _field("id", target.id.removeprefix("gap:")) if gap else f"number = {target.id}",
        _field("title", target.title),
        _field("text", target.text),
        *(_optional("why", target.why) if gap else _optional("provisions", target.provisions)),
        *_optional("topics", target.topics),
        *_optional("phrasings", target.phrasings),
        *_optional("near_misses", target.near_misses),
    ]


def _optional(key: str, value: str | Sequence[str]) -> list[str]:
    return [_field(key, value)] if value else []


def _field(key: str, value: str | Sequence[str]) -> str:
    if isinstance(value, str):
        return f"{key} = {_quote(value)}"
    return f"{key} = [" + "".join(f"\n    {_quote(item)}," for item in value) + ("\n]" if value else "]")


def _quote(text: str) -> str:
    """Return a TOML basic string: JSON's escapes are among TOML's; U+007F has to be escaped, too."""
    whole = text.encode("utf-8", "replace").decode("utf-8")
    return json.dumps(whole, ensure_ascii=False).replace("\x7f", "\\u007F")
