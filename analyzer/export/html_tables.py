"""The summary tables of the HTML report; every quotation and label leads to the card of its position."""

from __future__ import annotations

from collections.abc import Iterable

from analyzer.export.html_text import chip
from analyzer.export.markup import Html, join, tag
from analyzer.export.wording import SYMBOLS, name_target, one_line, quote
from analyzer.records import SpeakerKind, Stance, Status, TargetKind
from analyzer.report import STATUSES, TOUCHED, CorpusTarget, Finding, SpeakerView, TargetView

QUOTE_LENGTH = 220  # characters; about three lines of a table cell
_POINT_STANCES = (Stance.ENDORSES, Stance.CRITICISES, Stance.MENTIONS)
_GAP_STANCES = (Stance.RAISES, Stance.REJECTS)
_NOBODY = tag("span", "–", class_="muted")


def points_table(targets: tuple[TargetView, ...], prefix: str) -> Html:
    """The plan as a whole and the points that are touched: status, who stands where, best quotation."""
    touched = [
        (row, view)
        for row, view in enumerate(targets)
        if view.target.kind is not TargetKind.GAP and view.status in TOUCHED
    ]
    if not touched:
        return Html("")
    heads = ("Point", "Status", *(s.value.capitalize() for s in _POINT_STANCES), "Best quotation")
    rows = [
        tag(
            "tr",
            tag("th", _target_name(view), scope="row"),
            _cell("Status", tag("span", view.status.value, class_=f"status {view.status.value}")),
            *(_cell(s.value.capitalize(), _names(view, s, prefix)) for s in _POINT_STANCES),
            _cell("Best quotation", _quotation(view.best, prefix), _every(view, prefix)),
            id=f"{prefix}t{row}",
        )
        for row, view in touched
    ]
    return _section("Points, as the document reports them", _table(heads, rows))


def omitted_section(targets: tuple[TargetView, ...], omitted: tuple[str, ...], noticed: bool) -> Html:
    """The points that nobody in the document speaks of; `noticed`: something was skipped or guessed on the way."""
    views = [view for view in targets if view.target.id in omitted]
    if not views:
        return Html("")
    note = "Positions on this plan were found, and none of them touches these points."
    if noticed:
        note += " Something was skipped or guessed while reading: see the notices below."
    items = [tag("li", name_target(view.target)) for view in views]
    return _section(
        f"Omitted points ({len(views)})", tag("p", note, class_="muted"), tag("ul", *items, class_="omitted")
    )


def gaps_section(targets: tuple[TargetView, ...], prefix: str) -> Html:
    """What the plan leaves out and somebody raises or rejects, then the gaps that nobody touches."""
    gaps = [(row, view) for row, view in enumerate(targets) if view.target.kind is TargetKind.GAP]
    touched = [(row, view) for row, view in gaps if view.status in TOUCHED]
    if not touched:
        return Html("")
    untouched = [one_line(view.target.title) for _, view in gaps if view.status not in TOUCHED]
    items = []
    for row, view in touched:
        lines = [
            tag(
                "p",
                _stance(stance),
                " by ",
                _names(view, stance, prefix),
                ": ",
                _quotation(view.best_of(stance), prefix),
            )
            for stance in _GAP_STANCES
            if view.speakers(stance)
        ]
        why = tag("p", one_line(view.target.text), f" {one_line(view.target.why)}", class_="muted")
        status = tag("span", view.status.value, class_=f"status {view.status.value}")
        items.append(
            tag(
                "li", tag("p", _target_name(view), " ", status), *lines, _every(view, prefix), why, id=f"{prefix}t{row}"
            )
        )
    rest = tag("p", f"Not raised here: {'; '.join(untouched)}.", class_="muted") if untouched else ""
    return _section("Gaps of the plan", tag("ul", *items, class_="gaps"), rest)


def speakers_table(speakers: tuple[SpeakerView, ...], prefix: str) -> Html:
    """Every speaker with the targets of each stance, and the points that none of their reported words touch."""
    heads = ("Speaker", *(stance.value.capitalize() for stance in Stance), "Points not touched")
    rows = [
        tag(
            "tr",
            tag("th", tag("bdi", one_line(view.name)), " ", _kind(view.kind), scope="row"),
            *(_cell(stance.value.capitalize(), _targets(view, stance, prefix)) for stance in Stance),
            _cell("Points not touched", ", ".join(view.coverage.omitted) or _NOBODY),
        )
        for view in speakers
    ]
    return _section("Speakers", _table(heads, rows))


def overview(rows: Iterable[CorpusTarget]) -> Html:
    """Of all documents: how many give each target which status."""
    heads = ("Target", *(status.value.capitalize() for status in Status))
    body = []
    for row in rows:
        possible = STATUSES[row.view.target.kind]
        counts = {s: row.count(s) if s in possible else None for s in Status}
        cells = [
            tag("td", _NOBODY if n is None else str(n), data_label=s.value.capitalize(), class_="" if n else "none")
            for s, n in counts.items()
        ]
        body.append(tag("tr", tag("th", _target_name(row.view), scope="row"), *cells))
    return _table(heads, body, class_="counts")


def _section(title: str, *content: str) -> Html:
    return tag("section", tag("h3", title), *content)


def _table(heads: Iterable[str], rows: Iterable[Html], class_: str = "") -> Html:
    head = tag("tr", *(tag("th", name, scope="col") for name in heads))
    return tag("div", tag("table", tag("thead", head), tag("tbody", *rows), class_=class_), class_="wide")


def _cell(label: str, *content: str) -> Html:
    return tag("td", tag("div", *content), data_label=label)


def _target_name(view: TargetView) -> Html:
    return tag("span", name_target(view.target))


def _stance(stance: Stance) -> Html:
    words = {Stance.RAISES: "raised", Stance.REJECTS: "rejected"}.get(stance, stance.value)
    return tag("span", f"{SYMBOLS[stance]} {words}", class_=f"stance {stance.value}")


def _names(view: TargetView, stance: Stance, prefix: str) -> Html:
    first = {f.speaker: f for f in reversed(view.findings) if f.position.stance is stance}
    links = [
        tag("a", tag("bdi", one_line(name)), href=f"#{prefix}p{first[name].index}") for name in view.speakers(stance)
    ]
    return join(links, ", ") if links else _NOBODY


def _quotation(finding: Finding | None, prefix: str) -> Html:
    if finding is None:
        return _NOBODY
    position = finding.position
    words = tag(
        "a", f"“{quote(position, QUOTE_LENGTH)}”", href=f"#{prefix}p{finding.index}", class_="quotation", dir="auto"
    )
    source = f" {SYMBOLS[position.stance]} {one_line(finding.speaker)}, {position.confidence:.2f}"
    return join((words, tag("span", source, class_="muted")))


def _every(view: TargetView, prefix: str) -> Html:
    if len(view.findings) < 2:
        return Html("")
    chips = [
        chip(
            f.position.stance,
            f.position.target,
            f"#{prefix}p{f.index}",
            f"{one_line(f.speaker)} {f.position.stance.value}",
        )
        for f in view.findings
    ]
    return tag("p", f"All {len(chips)}: ", *chips, class_="chips")


def _targets(view: SpeakerView, stance: Stance, prefix: str) -> Html:
    first = {f.position.target: f for f in reversed(view.findings) if f.position.stance is stance}
    chips = [
        chip(stance, target, f"#{prefix}p{first[target].index}", f"{one_line(view.name)} {stance.value} {target}")
        for target in view.targets(stance)
    ]
    return join(chips, " ") if chips else _NOBODY


def _kind(kind: SpeakerKind) -> Html:
    shown = "" if kind is SpeakerKind.AUTHOR else "the plan's own words" if kind is SpeakerKind.TEXT else kind.value
    return tag("span", shown, class_="muted") if shown else Html("")
