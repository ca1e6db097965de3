"""Where the reader is: the page, and in a document the sentence and the card that are framed, and the steps between."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from analyzer.dashboard.markup import show_note
from analyzer.export.wording import count_of
from analyzer.records import Analysis, Position

PLACE = "place"  # the sentence that is framed, by number
CARD = "card"  # a document's name, and the position of it that is framed
SCROLL = "scroll"  # whether to bring the place into view
OPENED = "opened"  # whether a document was opened from the list, below which it stands
LIST = "documents-list"  # whether the list of documents is open
TIMES = "scrolled"  # how often that was done


def leave_page() -> None:
    """Go to the page that a press asked for ("go_to" in the session), if one did; nothing below is run then."""
    if target := st.session_state.pop("go_to", None):
        st.switch_page(st.session_state["pages"][target], query_params={})


def go_to_sentence(sentence: int | None) -> None:
    """Frame a sentence of the document that is read at the next run, and bring it into view; None frames nothing."""
    st.session_state.update({PLACE: sentence, CARD: None, SCROLL: sentence is not None})


def open_below(document: str) -> None:
    """Read a document at the next run, from its heading on; for callbacks of the list above it."""
    st.session_state.update({"reading": document, OPENED: True})
    go_to_sentence(None)


def show_heading() -> None:
    """Bring the document's heading into view, once after it was opened from the list."""
    if st.session_state.pop(OPENED, False):
        _run("document.querySelector('.pp > h2')?.scrollIntoView()")


def show_steps(analysis: Analysis) -> None:
    """Lead from position to position, by button and by key."""
    positions, place = analysis.positions, _framed_sentence()
    if not positions:
        return
    order = order_positions(positions)
    card = framed_card(analysis)
    before, after = find_steps(positions, order, place, card)
    with st.container(key="steps", horizontal=True, vertical_alignment="center"):
        for label, key, other in (("Previous position", "P", before), ("Next position", "N", after)):
            st.button(label, shortcut=key, on_click=frame_position, args=(analysis, other), disabled=other is None)
        if card is not None:
            show_note(f"Position {order.index(card) + 1} of {len(order)}: framed in the text, its card open.")
        elif place is not None:
            show_note(f"Framed in the text: sentence {place + 1}, from which you came.")
        else:
            show_note(f"{count_of(len(order), 'position')}; the keys N and P lead from one to the next.")


def order_positions(positions: Sequence[Position]) -> list[int]:
    """Return the positions of a document in the order of the text, as indices."""
    return sorted(range(len(positions)), key=lambda n: (positions[n].sentence, positions[n].evidence.start, n))


def find_steps(
    positions: Sequence[Position], order: Sequence[int], place: int | None, card: int | None
) -> tuple[int | None, int | None]:
    """Return the positions before and after the framed one; without one, those around the framed sentence."""
    if card is not None:
        rank = order.index(card)
        earlier, later = order[:rank], order[rank + 1 :]
    else:
        earlier = [n for n in order if place is not None and positions[n].sentence < place]
        later = [n for n in order if place is None or positions[n].sentence > place]
    return (earlier[-1] if earlier else None), (later[0] if later else None)


def frame_place(analysis: Analysis, prefix: str) -> None:
    """Frame the sentence and the card, and bring them into view; `prefix` is that of the article's ids."""
    place, card = _framed_sentence(), framed_card(analysis)
    if place is None:
        return
    names = [f"{prefix}s{place}"] + ([f"{prefix}p{card}"] if card is not None else [])
    framed = ", ".join(f".pp #{name}" for name in names)
    st.html(f"<style>{framed} {{ outline: 3px solid var(--link); outline-offset: 3px; border-radius: 3px; }}</style>")
    if not st.session_state.pop(SCROLL, False):  # once, or every later run would jump
        return
    # The names are made of whole numbers; nothing of a document enters the script.
    steps = ["document.querySelectorAll('details[data-stepped]').forEach(card => card.removeAttribute('open'))"]
    for name in names[1:]:
        found = f"document.getElementById('{name}')"
        steps.append(f"['open', 'data-stepped'].forEach(mark => {found}?.setAttribute(mark, ''))")
    steps.append(f"document.getElementById('{names[0]}')?.scrollIntoView({{block: 'center'}})")
    # A slow browser has the article later than this, and what comes in above it moves it once more: so the steps are
    # taken again for a while, until the reader does something.
    found = f"document.getElementById('{names[0]}')"
    seek = f"if ({found} && more > 0) {{ run(); more -= 1 }} if (left && more > 0) setTimeout(seek, 50, left - 1)"
    stop = "addEventListener(what, () => { more = 0 }, {once: true, capture: true})"
    script = (
        f"let more = 20; const run = () => {{ {'; '.join(steps)} }}; const seek = left => {{ {seek} }}; "
        f"['wheel', 'pointerdown', 'keydown', 'touchstart'].forEach(what => {stop}); seek(100)"
    )
    _run(script)


def _run(script: str) -> None:
    st.session_state[TIMES] = times = st.session_state.get(TIMES, 0) + 1  # the page runs no script twice in a row
    st.html(f"<script>{{ {script} }} // {times}</script>", unsafe_allow_javascript=True)


def frame_position(analysis: Analysis, index: int) -> None:
    """Frame a position of the document that is read at the next run, and bring it into view."""
    go_to_sentence(analysis.positions[index].sentence)
    st.session_state[CARD] = (analysis.document.name, index)


def _framed_sentence() -> int | None:
    place = st.session_state.get(PLACE)
    return place if isinstance(place, int) else None


def framed_card(analysis: Analysis) -> int | None:
    """Return the position that is framed, if it is one of this document as it is shown now."""
    name, index = st.session_state.get(CARD) or ("", 0)
    known = name == analysis.document.name and index < len(analysis.positions)
    return index if known and analysis.positions[index].sentence == _framed_sentence() else None
