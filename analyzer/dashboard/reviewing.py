"""Review: a person goes through the positions of a document and confirms, rejects or corrects each.

What is said is about the position that is framed (places.py), and is kept in the workspace that is shown.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import streamlit as st

from analyzer.dashboard.cards import offer_verbs
from analyzer.dashboard.markup import show, show_note
from analyzer.dashboard.places import CARD, frame_position, framed_card, go_to_sentence, order_positions
from analyzer.dashboard.state import View, follow_workspace, reviewed_in
from analyzer.dashboard.stored import list_rejected, undo_review, write_review
from analyzer.errors import AnalyzerError
from analyzer.export.markup import tag
from analyzer.export.wording import describe_target, name_target, one_line
from analyzer.lexicon import load_lexicon
from analyzer.records import AUTHOR, STANCES, Analysis, Position, Reviewed, Speaker, SpeakerKind, Stance
from analyzer.report import AUTHOR_NAME, UNKNOWN_NAME
from analyzer.workspace import Review

KEPT = "Reviews are kept in a workspace: save there what you added, or start one with peaceplan init."
NAMED = "named by a reviewer"
NEXT, FRAMED, SAID, FORM, SHOWN = "review-next", "review-framed", "review-said", "correcting", "rejected"


def add_rejected(view: View, analysis: Analysis) -> Analysis:
    """Return a document as it is read here: behind its positions those that were rejected, where they are to be seen.

    After a review, the next position is framed; a position stays framed where filters change its place in the list.
    """
    if st.session_state.get(SHOWN) and reviewed_in(st.session_state, view, analysis.document.name):
        rejected = _rejected(view, analysis)
        analysis = replace(analysis, positions=(*analysis.positions, *rejected))
    state = st.session_state
    wanted, card = state.pop(NEXT, None), framed_card(analysis)
    kept, meant = state.get(FRAMED, (None, None))
    if wanted is None and kept == state.get(CARD) and meant is not None:  # no step was made; but filters may have moved
        wanted = meant if card is None or _place(analysis.positions[card]) != _place(meant) else None
    if wanted is not None:
        found = (n for n, p in enumerate(analysis.positions) if _place(p) == _place(wanted))
        if (index := next(found, None)) is None:
            go_to_sentence(None)
        else:
            frame_position(analysis, index)
    card = framed_card(analysis)
    state[FRAMED] = (state.get(CARD), analysis.positions[card] if card is not None else None)
    return analysis


def show_review(view: View, analysis: Analysis) -> None:
    """Offer to review the position that is framed, and say how far the document is reviewed."""
    state, name = st.session_state, analysis.document.name
    whole = next((a for a in view.whole.analyses if a.document.name == name), analysis)
    if reviewed_in(state, view, name) is None:
        if whole.positions:
            show_note(KEPT)
        return
    rejected = _rejected(view, analysis)
    total = len(whole.positions) + len(rejected)
    if not total:
        return
    done = len(rejected) + sum(p.reviewed is not None for p in whole.positions)
    card = framed_card(analysis)
    framed = analysis.positions[card] if card is not None else None
    with st.container(key="review", horizontal=True, vertical_alignment="center"):
        for label, key, verdict in (("Confirm", "Y", Reviewed.CONFIRMED), ("Reject", "X", Reviewed.REJECTED)):
            said = framed is None or framed.reviewed is verdict
            st.button(label, shortcut=key, on_click=_say, args=(view, analysis, verdict), disabled=said)
        st.button("Correct", shortcut="E", on_click=_open_form, disabled=framed is None)
        st.button("Undo", shortcut="U", on_click=_undo, args=(view, analysis), disabled=not done)
        if rejected or state.get(SHOWN):
            shown = f"{'Hide' if state.get(SHOWN) else 'Show'} rejected ({len(rejected)})"
            st.button(shown, type="tertiary", on_click=_switch_rejected)
        show_note(f"{done} of {total} reviewed." + ("" if framed else " Choose a position with N or P."))
    if said := state.pop(SAID, None):
        show(tag("p", said, role="alert"))
    if state.get(FORM) and framed is not None:
        _show_form(view, analysis, framed)


def offer_reviews(view: View, analysis: Analysis, prefix: str) -> None:
    """Offer the same on each card of the article, the ids of which begin with `prefix`."""
    if reviewed_in(st.session_state, view, analysis.document.name) is None:
        return

    def take(index: int, verb: str) -> None:
        if index < len(analysis.positions):
            frame_position(analysis, index)
            if verb == "Correct":
                _open_form()
            else:
                _say(view, analysis, Reviewed.CONFIRMED if verb == "Confirm" else Reviewed.REJECTED)

    offer_verbs(prefix, take)


def name_speaker(name: str) -> Speaker:
    """Return the speaker that a person names, of the kind that the word lists or the form of the name tell."""
    known = load_lexicon().name_of(name)
    if known:
        return Speaker(known[0], known[1], None, NAMED)
    words = name.split()
    person = len(words) > 1 and all(word[:1].isupper() for word in words)
    return Speaker(" ".join(words), SpeakerKind.PERSON if person else SpeakerKind.GROUP, None, NAMED)


def list_speakers(analysis: Analysis) -> dict[str, Speaker | None]:
    """Return whom a position of a document can be given to: who holds one, who speaks, the author, or nobody."""
    held = [p.speaker for p in analysis.positions if p.speaker]
    said = [speaker for statement in analysis.statements for speaker in statement.speakers]
    named = {_label(s): s for s in reversed((*held, *said)) if s.kind is not SpeakerKind.AUTHOR}
    return dict(reversed(named.items())) | {AUTHOR_NAME: AUTHOR, UNKNOWN_NAME: None}


def _label(speaker: Speaker | None) -> str:
    if speaker is None:
        return UNKNOWN_NAME
    return AUTHOR_NAME if speaker.kind is SpeakerKind.AUTHOR else one_line(speaker.name)


def _rejected(view: View, analysis: Analysis) -> tuple[Position, ...]:
    folder = reviewed_in(st.session_state, view, analysis.document.name)
    return list_rejected(folder, view.whole.plan.id, analysis.document.name) if folder else ()


def _place(position: Position) -> tuple[object, ...]:
    """What tells a position from the others of its document, whatever a review made of it."""
    return position.sentence, position.evidence, position.target, position.speaker and position.speaker.mention


def _switch_rejected() -> None:
    st.session_state[SHOWN] = not st.session_state.get(SHOWN)


def _open_form() -> None:
    st.session_state[FORM] = True


def _close_form() -> None:
    st.session_state.pop(FORM, None)


def _show_form(view: View, analysis: Analysis, position: Position) -> None:
    plan, own = view.whole.plan, f"{framed_card(analysis)}-{position.document}"
    titles = {target.id: name_target(target) for target in plan.targets}
    speakers = list_speakers(analysis)
    now = _label(position.speaker)
    with st.container(key="correction", border=True):
        left, middle, right = st.columns([3, 2, 3])
        target = left.selectbox(
            "Target", list(titles), list(titles).index(position.target), titles.__getitem__, key=f"target-{own}"
        )
        kind = plan.target(target).kind
        stances = [stance.value for stance in Stance if stance in STANCES[kind]]
        first = stances.index(position.stance.value) if position.stance.value in stances else 0
        middle.selectbox("Stance", stances, first, key=f"stance-{kind}-{own}")
        right.selectbox(
            "Speaker", list(speakers), list(speakers).index(now), key=f"speaker-{own}", accept_new_options=True
        )
        st.text_input("Note", key=f"note-{own}", max_chars=500, placeholder="For you and others; it changes no figure")
        with st.container(horizontal=True):
            st.button("Save the correction", type="primary", on_click=_correct, args=(view, analysis, own))
            st.button("Cancel", on_click=_close_form)


def _correct(view: View, analysis: Analysis, own: str) -> None:
    state, position = st.session_state, _framed(analysis)
    target = state[f"target-{own}"]
    name = one_line(state[f"speaker-{own}"] or "")
    speakers = list_speakers(analysis)
    same = name == _label(position.speaker)
    speaker = position.speaker if same else speakers[name] if name in speakers else name_speaker(name)
    if speaker and not same and speaker is not AUTHOR:
        speaker = replace(speaker, mention=None, resolution=NAMED)
    stance = Stance(state[f"stance-{view.whole.plan.target(target).kind}-{own}"])
    corrected = replace(position, target=target, stance=stance, speaker=speaker)
    _say(view, analysis, Reviewed.CORRECTED, corrected, state[f"note-{own}"])


def _framed(analysis: Analysis) -> Position:
    card = framed_card(analysis)
    assert card is not None
    return analysis.positions[card]


def _say(view: View, analysis: Analysis, verdict: Reviewed, corrected: Position | None = None, note: str = "") -> None:
    """Write a review and frame the next position that waits for one."""
    state, position = st.session_state, _framed(analysis)

    def write(folder: str) -> None:
        write_review(folder, view.whole.plan.id, position, verdict, corrected, note)
        order = order_positions(analysis.positions)
        later = order[order.index(framed_card(analysis) or 0) + 1 :]
        state[NEXT] = next((analysis.positions[n] for n in later if analysis.positions[n].reviewed is None), position)
        _close_form()

    _write(view, analysis, write)


def _undo(view: View, analysis: Analysis) -> None:
    def write(folder: str) -> None:
        undone = undo_review(folder, view.whole.plan.id, analysis.document.name)
        st.session_state[NEXT] = undone.read if undone else None
        st.session_state[SAID] = _describe_undone(undone, view) if undone else "There was nothing to take back."

    _write(view, analysis, write)


def _describe_undone(review: Review, view: View) -> str:
    """Say which verdict was taken back, and of which position."""
    read = review.read
    target = next((t for t in view.whole.plan.targets if t.id == read.target), None)
    on = describe_target(target) if target else f"target {read.target}, which the plan has no more"
    what = f"sentence {read.sentence + 1}, {_label(read.speaker)} {read.stance.value} {on}"
    return f"The verdict “{review.verdict.value}” is taken back: {what}."


def _write(view: View, analysis: Analysis, write: Callable[[str], None]) -> None:
    state = st.session_state
    folder = reviewed_in(state, view, analysis.document.name)
    assert folder is not None
    try:
        write(folder)
    except AnalyzerError as error:
        state[SAID] = f"Nothing was written. {error}"
        return
    try:
        follow_workspace(state, folder, view.whole.plan.id)
    except AnalyzerError as error:
        state[SAID] = f"It is written, but the workspace cannot be shown as it is now. {error}"
