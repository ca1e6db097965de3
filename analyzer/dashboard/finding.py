"""Search: sentences of the report by meaning and by words, with filters, counts, and more like one of them."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from analyzer.dashboard.choosing import choose_several
from analyzer.dashboard.downloads import Cell, offer_downloads, rows_to_csv, rows_to_json
from analyzer.dashboard.facets import show_facets
from analyzer.dashboard.filters import Filters, list_holders, name_author, name_holder
from analyzer.dashboard.listing import show_with_way
from analyzer.dashboard.marking import drop_marks, explain_shades, keep_marks
from analyzer.dashboard.markup import passage_card, show, show_note
from analyzer.dashboard.searches import show_searches
from analyzer.dashboard.state import View, searcher_of
from analyzer.errors import QueryError
from analyzer.export.markup import tag
from analyzer.export.wording import join_names, name_target, one_line
from analyzer.records import Position, Report, SpeakerKind, Stance
from analyzer.searching import By, Found, Hit

MOST = 20  # hits a page; about three screens
WAYS = {By.BOTH: "Meaning and words", By.MEANING: "Meaning alone", By.WORDS: "Words alone"}
COLUMNS = ("document", "sentence", "start", "end", "text", "speakers", "positions", "similarity", "matching words")
HELP = (
    'Words, a "phrase", AND, OR, NOT, begin*; and filters such as stance:criticises target:10 speaker:Zelensky '
    "country:China outlet:Herald after:2023-03-01 before:2023-06 speech:direct."
)


def show_page(view: View) -> None:
    """Show the page."""
    report = view.whole
    query: str = st.text_input("Search the statements", key="query", bind="query-params", max_chars=500, help=HELP)
    left, middle, right = st.columns(3)
    titles = {target.id: name_target(target) for target in report.plan.targets}
    stances = choose_several("Stance", "stance", [s.value for s in Stance], left)
    targets = choose_several("Target", "about", list(titles), middle, titles.__getitem__)
    by = right.selectbox("Search by", list(WAYS), key="by", format_func=WAYS.__getitem__, bind="query-params")
    like = _chosen_example(query)
    show_searches(bool(query.strip()) and like is None)
    if not query.strip() and like is None:
        drop_marks()
        st.write(
            "Type what you look for in your own words. Statements of the same meaning are found in other words, too."
        )
        show_note(HELP)
        return
    places = _places_in_view(view.report, view.whole, view.filters, stances, targets)
    searcher = searcher_of(st.session_state, view)
    skip = MOST * _page_of((query, like, by, places))
    try:
        example = searcher.find_sentence(*like) if like else None
        found = searcher.search("" if like else query, like=example, by=by, places=places, most=MOST, skip=skip)
    except QueryError as error:
        drop_marks()
        show(tag("p", str(error), role="alert"))
        return
    if not found.hits:
        drop_marks()
        if places is None:
            st.write("Nothing was found. Use other words, or search by meaning, too.")
        else:
            st.write("No statement passes the filters. Choose fewer of them here or in the sidebar.")
        return
    keep_marks(f"like sentence {like[1] + 1} of {like[0]}" if like else query, found.hits)
    results, beside = st.columns([3, 1], gap="medium")
    with results:
        _show_found(found, skip, by, like, report)
    with beside:
        documents = [analysis.document for analysis in report.analyses]
        offered = {
            "stance": [s.value for s in Stance],
            "target": list(titles),
            "speaker": view.holders if view.report is report else list_holders(report),
            "outlet": [document.outlet for document in documents if document.outlet],
            "document": [document.name for document in documents],
        }
        show_facets(found.facets, offered, titles)
    offer_downloads(
        view,
        "search",
        lambda: rows_to_csv(COLUMNS, list_hits(found.hits)),
        lambda: rows_to_json(COLUMNS, list_hits(found.hits)),
        "statements",
    )


def _places_in_view(
    narrowed: Report, whole: Report, filters: Filters, stances: Sequence[str], targets: Sequence[str]
) -> frozenset[tuple[str, int]] | None:
    """The sentences to choose from; None for all.

    Where a speaker, a stance, a target or a confidence is asked for, those with such a position are in view; a speaker
    alone also has the sentences in which they speak.
    """
    by_position = bool(filters.least or filters.unreviewed or stances or targets)
    if not (filters.limit_documents or filters.speakers or by_position):
        return None
    places: set[tuple[str, int]] = set()
    for analysis in narrowed.analyses:
        name = analysis.document.name
        if filters.speakers or by_position:
            places |= {
                (name, p.sentence)
                for p in analysis.positions
                if (not stances or p.stance.value in stances) and (not targets or p.target in targets)
            }
            if not by_position:
                places |= {
                    (name, s.sentence)
                    for s in analysis.statements
                    for speaker in s.speakers
                    if (name_author(name) if speaker.kind is SpeakerKind.AUTHOR else one_line(speaker.name))
                    in filters.speakers
                }
        else:
            places |= {(name, s.number) for s in analysis.sentences}
    return frozenset(places)


def _chosen_example(query: str) -> tuple[str, int] | None:
    """The sentence like which others are wanted; a new query makes an end of it."""
    example = st.session_state.get("like")
    if example and example[2] == query:
        return example[0], example[1]
    return None


def _page_of(what: object) -> int:
    """The page that is shown of a search; a new search begins at the first."""
    state = st.session_state
    if state.get("searched") != what:
        state["searched"], state["result-page"] = what, 0
    page: int = state.get("result-page", 0)
    return page


def _turn(by: int) -> None:
    st.session_state["result-page"] = max(0, st.session_state.get("result-page", 0) + by)


def _take_example(hit: Hit) -> None:
    st.session_state["like"] = (hit.document, hit.number, st.session_state.get("query", ""))


def _drop_example() -> None:
    st.session_state.pop("like", None)


def _show_found(found: Found, skip: int, by: By, like: tuple[str, int] | None, report: Report) -> None:
    if like:
        show_note(f"Like sentence {like[1] + 1} of {like[0]}.")
        st.button("Back to the query", on_click=_drop_example)
    last = skip + len(found.hits)
    show_note(f"{skip + 1} to {last} of {found.total}, best first.")
    if any(hit.similarity is not None for hit in found.hits):
        show(tag("p", explain_shades()))
        show_note(
            "Similarity is the cosine of the meanings, 1 for the same words. A low similarity without a marked word "
            "is seldom an answer."
        )
    titles = {a.document.name: a.document.title for a in report.analyses}
    for place, hit in enumerate(found.hits):
        _show_hit(hit, titles.get(hit.document), f"hit-{place}")
    with st.container(horizontal=True):
        st.button("Previous page", on_click=_turn, args=(-1,), disabled=not skip)
        st.button("Next page", on_click=_turn, args=(1,), disabled=last >= found.total)


def _show_hit(hit: Hit, title: str | None, key: str) -> None:
    near = f"similarity {hit.similarity:.2f}" if hit.similarity is not None else "found by its words"
    about = [one_line(title or hit.document), hit.outlet and one_line(hit.outlet), hit.date and hit.date.isoformat()]
    card = passage_card(
        hit.text,
        hit.span.start,
        hit.words,
        tuple(p for _, p in hit.positions),
        join_names(name_speakers(hit)),
        *(part for part in about if part),
        near,
        close=hit.similarity is not None,
    )
    right = show_with_way(card, key, hit.document, hit.number)
    right.button("More like this", key=f"like-{key}", on_click=_take_example, args=(hit,), type="tertiary")


def name_speakers(hit: Hit) -> tuple[str, ...]:
    """Name who holds the positions of a sentence, or else who speaks in it."""
    said = (name_author(hit.document) if s.kind is SpeakerKind.AUTHOR else one_line(s.name) for s in hit.speakers)
    return tuple(dict.fromkeys(said))


def list_hits(hits: Sequence[Hit]) -> list[tuple[Cell, ...]]:
    """Return the hits as rows of COLUMNS, one sentence each."""
    rows: list[tuple[Cell, ...]] = []
    for hit in hits:
        rows.append(
            (
                hit.document,
                hit.number,
                hit.span.start,
                hit.span.end,
                hit.text,
                "; ".join(name_speakers(hit)),
                "; ".join(_name_position(p) for _, p in hit.positions),
                "" if hit.similarity is None else round(hit.similarity, 4),
                "; ".join(hit.text[w.start - hit.span.start : w.end - hit.span.start] for w in hit.words),
            )
        )
    return rows


def _name_position(position: Position) -> str:
    return f"{name_holder(position)} {position.stance.value} {position.target}"
