"""Search: statements of the report by meaning and by words."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from analyzer.dashboard.downloads import offer_downloads, rows_to_csv
from analyzer.dashboard.filters import Filters, name_author, name_holder
from analyzer.dashboard.listing import show_with_way
from analyzer.dashboard.markup import passage_card, show_note
from analyzer.dashboard.state import View, search_index
from analyzer.export.wording import document_title, join_names, name_target, one_line
from analyzer.records import Position, Report, SpeakerKind, Stance
from analyzer.search import Hit, Passage

MOST = 20  # hits; about three screens, beyond which a narrower query serves better
COLUMNS = ("document", "sentence", "start", "end", "text", "speakers", "positions", "similarity", "matching words")


def show_page(view: View) -> None:
    """Show the page."""
    report = view.whole
    query: str = st.text_input("Search the statements", key="query", bind="query-params", max_chars=500)
    left, right = st.columns(2)
    titles = {target.id: name_target(target) for target in report.plan.targets}
    stances = left.multiselect("Stance", [s.value for s in Stance], key="stance", placeholder="All")
    targets = right.multiselect("Target", list(titles), key="about", format_func=titles.__getitem__, placeholder="All")
    if not query.strip():
        st.write(
            "Type what you look for in your own words. Statements of the same meaning are found in other words, too."
        )
        return
    index = search_index(view)
    hits = index.find(query, lambda p: _keeps(p, report, view.filters, stances, targets), MOST)
    if not hits:
        st.write("No statement passes the filters. Choose fewer of them here or in the sidebar.")
        return
    show_note(
        f"The {len(hits)} nearest, best first. Similarity is the cosine of the meanings, 1 for the same words; "
        "words that match are marked. A low similarity without a marked word is seldom an answer."
    )
    for number, hit in enumerate(hits):
        _show_hit(hit, report, f"hit-{number}")
    offer_downloads(view, "search", lambda: hits_to_csv(hits, report), "statements")


def _keeps(passage: Passage, report: Report, filters: Filters, stances: Sequence[str], targets: Sequence[str]) -> bool:
    """True if the statement's document is in view and it has a position, or a speaker, that the filters ask for."""
    document = report.analyses[passage.document].document.name
    if filters.documents and document not in filters.documents:
        return False
    if not (stances or targets or filters.least):
        return not filters.speakers or bool(set(name_speakers(passage, document)) & set(filters.speakers))
    return any(
        filters.passes(p) and (not stances or p.stance.value in stances) and (not targets or p.target in targets)
        for p in passage.positions
    )


def name_speakers(passage: Passage, document: str) -> tuple[str, ...]:
    """Name who says the statement, and who holds the positions of its sentence."""
    said = (
        name_author(document) if s.kind is SpeakerKind.AUTHOR else one_line(s.name) for s in passage.statement.speakers
    )
    return tuple(dict.fromkeys((*said, *(name_holder(p) for p in passage.positions))))


def hits_to_csv(hits: Sequence[Hit], report: Report) -> str:
    """Return the hits as CSV, one sentence a line."""
    rows = []
    for hit in hits:
        document, sentence = report.analyses[hit.passage.document].document, hit.passage.sentence
        rows.append(
            (
                document.name,
                hit.passage.statement.sentence,
                sentence.start,
                sentence.end,
                sentence.of(document.text),
                "; ".join(name_speakers(hit.passage, document.name)),
                "; ".join(map(_name_position, hit.passage.positions)),
                round(hit.similarity, 4),
                "; ".join(word.of(document.text) for word in hit.words),
            )
        )
    return rows_to_csv(COLUMNS, rows)


def _name_position(position: Position) -> str:
    return f"{name_holder(position)} {position.stance.value} {position.target}"


def _show_hit(hit: Hit, report: Report, key: str) -> None:
    analysis = report.analyses[hit.passage.document]
    sentence = hit.passage.sentence
    who = join_names(name_speakers(hit.passage, analysis.document.name))
    card = passage_card(
        sentence.of(analysis.document.text),
        sentence.start,
        hit.words,
        hit.passage.positions,
        who,
        document_title(analysis),
        f"similarity {hit.similarity:.2f}",
    )
    show_with_way(card, key, analysis.document.name, hit.passage.statement.sentence)
