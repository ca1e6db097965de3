"""Quotations without a speaker beside them: of who spoke before, ends the same quotation, or comes next."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from analyzer.quotations import Quotation
from analyzer.records import Sentence, SpeakerKind, Speech, Statement

SPOKEN = (Speech.DIRECT, Speech.MIXED)
NEARBY = 40  # statements before and after a quotation among which its speaker is looked for


def _share_marks(one: Statement, other: Statement, quotations: Sequence[Quotation]) -> bool:
    """True if both stand between the same quotation marks."""
    return any(q.span.overlap(one.span) and q.span.overlap(other.span) for q in quotations)


def settle_quotations(
    statements: Sequence[Statement], sentences: Sequence[Sentence], quotations: Sequence[Quotation]
) -> Iterator[Statement]:
    """Give quotations without a speaker to whoever ends the same one, the last one who spoke nearby, or the next."""
    paragraph = {s.number: s.paragraph for s in sentences}
    settled: list[Statement] = []
    for n, statement in enumerate(statements):
        if statement.speakers or statement.speech is not Speech.DIRECT:
            settled.append(statement)
            continue
        here = paragraph[statement.sentence]
        before = next(
            (
                s
                for s in reversed(settled[-NEARBY:])
                if s.speech not in (Speech.VOICE,)
                and s.speakers
                and s.speakers[0].kind is not SpeakerKind.TEXT
                and s.sentence <= statement.sentence
            ),
            None,
        )
        after = next(
            (
                s
                for s in statements[n + 1 : n + 1 + NEARBY]
                if s.speech is not Speech.VOICE and s.speakers and s.sentence > statement.sentence
            ),
            None,
        )
        begun = before is not None and _share_marks(before, statement, quotations)
        if after and not begun and after.speech in SPOKEN and _share_marks(statement, after, quotations):
            source, how = after, "named at the end of the same quotation"
        elif before and paragraph[before.sentence] == here:
            source, how = before, "goes on speaking"
        elif after and paragraph[after.sentence] == here:
            source, how = after, "named in the sentence after"
        elif before and here - paragraph[before.sentence] <= 1:
            source, how = before, "goes on speaking"
        else:
            settled.append(statement)
            continue
        settled.append(replace(statement, speakers=tuple(replace(s, resolution=how) for s in source.speakers[:1])))
    yield from settled
