"""Cited briefs: every quotation stands where it is cited, nothing is markup, silence and failure are told apart."""

from __future__ import annotations

import datetime
import io
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import docx
import pytest
from factories import make_analysis, make_document, make_plan, make_position, make_report
from hypothesis import given, settings
from markdown_it import MarkdownIt
from strategies import reports

from analyzer.cli import main
from analyzer.dashboard.briefs import describe_limits
from analyzer.dashboard.filters import Filters, list_holders, narrow_report
from analyzer.errors import OutputError, QueryError
from analyzer.export import write_report
from analyzer.export.brief import make_brief, render_brief, write_brief
from analyzer.export.brief_parts import Brief
from analyzer.export.brief_subject import read_subject
from analyzer.export.wording import one_line
from analyzer.records import Failure, Report, Speaker, SpeakerKind, Stance
from analyzer.report import UNKNOWN_NAME

APP = Path(__file__).parent.parent / "app.py"
HOSTILE = (
    "<script>bad()</script><img src=x onerror=bad()> ![x](http://evil.test/x.png) [y](javascript:bad()) **b** # _i_"
)
MARKUP = {"html_inline", "html_block", "link_open", "image", "em_open", "strong_open", "code_inline", "fence"}


def briefs_of(report: Report) -> list[Brief]:
    """Every brief that the report can give; documents of one name have none."""
    made = [make_brief(report, target=target.id) for target in report.plan.targets]
    made += [make_brief(report, speaker=name) for name in list_holders(report) if name != UNKNOWN_NAME]
    names = [one_line(analysis.document.name) for analysis in report.analyses]
    return made + [make_brief(report, document=name) for name in names if names.count(name) == 1]


def told_in(brief: Brief) -> str:
    return "\n".join((*brief.facts, *(s for section in brief.sections for s in (section.title, *section.sentences))))


def two_documents() -> Report:
    """Three speakers criticise point 2 in two documents, and a third document was not assessed."""
    one, two, silent = (make_document(name=name, outlet="The Bay Post") for name in ("harbour", "bay", "silent"))
    first = [make_position("2", Stance.CRITICISES, name, document=one) for name in ("Ana Weiss", "Tom Reed")]
    second = [
        make_position("2", Stance.CRITICISES, "Norland", document=two),
        make_position("2", Stance.CRITICISES, "Ana Weiss", document=two),
        make_position("2", Stance.CRITICISES, None, document=two),
        make_position("1", Stance.ENDORSES, "Ana Weiss", document=two),
    ]
    return make_report(make_analysis(first, one), make_analysis(second, two), make_analysis([], silent))


# Quotations


@settings(max_examples=60, deadline=None)
@given(reports())
def test_every_quotation_is_in_its_document_at_the_offsets_that_are_cited(report: Report) -> None:
    for brief in briefs_of(report):
        assert [q.number for q in brief.quotations] == list(range(1, len(brief.quotations) + 1))
        for quotation in brief.quotations:
            texts = [a.document.text for a in report.analyses if a.document.name == quotation.document]
            assert any(
                text[quotation.span.start : quotation.span.end] == quotation.sentence
                and text[quotation.evidence_span.start : quotation.evidence_span.end] == quotation.evidence
                for text in texts
            )
            assert f"characters {quotation.span.start}–{quotation.span.end} (" in quotation.citation


@settings(max_examples=60, deadline=None)
@given(reports())
def test_briefs_of_all_targets_quote_every_position_once(report: Report) -> None:
    quoted = [q for target in report.plan.targets for q in make_brief(report, target=target.id).quotations]
    positions = [p for analysis in report.analyses for p in analysis.positions]
    key = [(p.document, p.span, p.target, p.stance.value, p.confidence, p.evidence) for p in positions]
    assert sorted(key) == sorted(
        (q.document, q.span, q.target, q.stance.value, q.confidence, q.evidence_span) for q in quoted
    )


@settings(max_examples=60, deadline=None)
@given(reports())
def test_sentence_cut_around_its_evidence_is_the_sentence(report: Report) -> None:
    for brief in briefs_of(report):
        for quotation in brief.quotations:
            assert "".join(quotation.pieces) == one_line(quotation.sentence)
            assert quotation.pieces[1].strip() == one_line(quotation.evidence)


def test_reference_names_outlet_title_date_place_and_document() -> None:
    document = make_document(outlet="The Bay Post", date=datetime.date(2031, 5, 5))
    report = make_report(make_analysis([make_position(document=document, page=3)], document))
    (quotation,) = make_brief(report, target="1").quotations
    assert quotation.citation == "The Bay Post, “Harbour talks open”, 2031-05-05, page 3, characters 20–100 (harbour)"


# Words


def test_target_counts_speakers_and_documents_and_names_them() -> None:
    brief = make_brief(two_documents(), target="2")
    assert "Three speakers criticise the point in two documents." in brief.facts
    assert "One statement criticises the point in one document; its speaker could not be identified." in brief.facts
    (criticises, unread) = brief.sections
    assert (
        criticises.sentences[0] == "Three speakers criticise the point in two documents: Ana Weiss, Tom Reed, Norland."
    )
    assert unread.items == ("Harbour talks open (silent): no position on this plan was found",)


def test_target_that_nobody_touches_says_so() -> None:
    brief = make_brief(two_documents(), target="gap:troop-withdrawal")
    assert "No position on the gap was found in the two documents that were assessed." in brief.facts
    assert not brief.quotations and "Omitted" not in told_in(brief)


def test_point_is_omitted_only_by_documents_whose_coverage_says_so() -> None:
    brief = make_brief(two_documents(), target="1")
    omitted = next(section for section in brief.sections if section.title == "Omitted")
    assert omitted.items == ("Harbour talks open (harbour)",)
    assert "One document leaves out the point." in brief.facts


def test_report_in_which_nothing_was_assessed_tells_no_omission() -> None:
    report = make_report(make_analysis([]), failures=(Failure("broken.pdf", "password-protected"),))
    brief = make_brief(report, target="1")
    assert "No document was assessed, so nothing follows about the point." in brief.facts
    assert [section.title for section in brief.sections] == ["Not assessed", "Not analysed"]
    document = make_brief(report, document="harbour")
    assert "Not assessed: no position on this plan was found. No omission is claimed." in document.facts
    assert not document.sections


def test_speaker_omits_only_what_every_document_with_the_speaker_leaves_out() -> None:
    brief = make_brief(two_documents(), speaker="Ana Weiss")
    assert brief.sections[-2].title == "Omitted" and brief.sections[-2].items == ("3 Moving grain",)
    assert "Two statements criticise the point in two documents." in told_in(brief)


def test_writers_of_two_documents_are_two_speakers() -> None:
    documents = (make_document(), make_document(name="bay"))
    report = make_report(*(make_analysis([make_position("1", speaker="author", document=d)], d) for d in documents))
    assert "Two speakers endorse the point in two documents." in make_brief(report, target="1").facts
    assert [q.document for q in make_brief(report, speaker="author of bay").quotations] == ["bay"]


def test_document_names_its_points_its_omissions_and_its_notices() -> None:
    brief = make_brief(make_report(), document="harbour")
    assert [section.title for section in brief.sections] == [
        "The plan as a whole",
        "1 Ceasing fire",
        "2 Lifting sanctions",
        "Troop withdrawal",
        "Omitted",
        "Notices",
    ]
    assert brief.sections[-2].items == ("3 Moving grain",)
    assert brief.sections[-1].items == ("page 2 holds no text (page 2)",)


def test_brief_within_limits_tells_them_and_no_omission() -> None:
    filters = Filters(speakers=("Tom Reed",), least=0.85)
    limits = describe_limits(filters)
    for subject in ({"document": "harbour"}, {"target": "1"}, {"speaker": "Tom Reed"}):
        brief = make_brief(narrow_report(make_report(), filters), limits=limits, **subject)
        assert "Only positions of Tom Reed and with a confidence of at least 0.85 are in view. Omissions" in told_in(
            brief
        )
        assert "Omitted" not in [section.title for section in brief.sections]


# Subjects


@pytest.mark.parametrize(
    ("subject", "told"),
    [
        ("target:99", "there are plan, 1, 2, 3, gap:troop-withdrawal, gap:security-guarantees"),
        ("speaker:Anna Weis", "the nearest: Ana Weiss"),
        ("speaker:Reed", "the nearest: Tom Reed"),
        ("speaker:Qq", "there are Tom Reed; Ana Weiss; author of harbour"),
        ("document:harbor", "the nearest: harbour"),
        ("document:zzz", "there are harbour"),
        ("point:1", "write target:ID, speaker:NAME or document:NAME"),
        ("target:", "write target:ID, speaker:NAME or document:NAME"),
    ],
)
def test_unknown_subject_is_one_line_that_tells_what_there_is(subject: str, told: str) -> None:
    with pytest.raises(QueryError) as refused:
        make_brief(make_report(), **read_subject(subject))
    assert told in str(refused.value) and "\n" not in str(refused.value)


def test_capitals_of_a_name_do_not_matter() -> None:
    assert make_brief(make_report(), speaker="tom reed") == make_brief(make_report(), speaker="Tom Reed")


def test_two_documents_of_one_name_are_refused() -> None:
    with pytest.raises(QueryError, match="2 documents"):
        make_brief(make_report(make_analysis(), make_analysis()), document="harbour")


@pytest.mark.parametrize("subjects", [{}, {"target": "1", "speaker": "Tom Reed"}])
def test_brief_has_exactly_one_subject(subjects: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="one target, one speaker or one document"):
        make_brief(make_report(), **subjects)


# Renderings


class Page(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.quotations: list[str] = []
        self._open: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs
        self._open.append(tag)
        if tag == "blockquote":
            self.quotations.append("")

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        if "blockquote" in self._open:
            self.quotations[-1] += data


def hostile_report() -> Report:
    document = make_document(
        f"{HOSTILE}\n\nThe truce {HOSTILE} must hold. Rain fell.", HOSTILE, title=HOSTILE, outlet=HOSTILE
    )
    speaker = Speaker(HOSTILE, SpeakerKind.GROUP, resolution=HOSTILE)
    plan = make_plan(title=HOSTILE, summary=HOSTILE)
    positions = (
        make_position("1", document=document, speaker=speaker, cue=HOSTILE),
        make_position("gap:troop-withdrawal", Stance.RAISES, document=document, speaker="author"),
    )
    return make_report(make_analysis(positions, document, plan), plan=plan, failures=(Failure(HOSTILE, HOSTILE),))


def check_page(brief: Brief) -> None:
    page = Page(render_brief(brief, "html").decode())
    assert page.quotations == [one_line(quotation.sentence) for quotation in brief.quotations]
    assert not {"script", "img", "iframe", "object"} & set(page.tags)
    assert not [name for name, _ in page.attributes if name.startswith("on")]
    ids = [value for name, value in page.attributes if name == "id"]
    hrefs = [value or "" for name, value in page.attributes if name == "href"]
    assert len(ids) == len(set(ids)) and {href[1:] for href in hrefs} <= set(ids)
    assert all(href.startswith("#") for href in hrefs)


def check_markdown(brief: Brief) -> None:
    markdown = MarkdownIt("commonmark")
    tokens = markdown.parse(render_brief(brief, "md").decode())
    inline = [child for token in tokens for child in token.children or ()]
    assert not MARKUP & {token.type for token in [*tokens, *inline]}
    inside = [tokens[n + 2].children for n, token in enumerate(tokens) if token.type == "blockquote_open"]
    shown = ["".join(child.content for child in children or ()) for children in inside]
    assert shown == [one_line(quotation.sentence) for quotation in brief.quotations]


def check_docx(brief: Brief) -> None:
    file = docx.Document(io.BytesIO(render_brief(brief, "docx")))
    shown = [paragraph.text for paragraph in file.paragraphs if paragraph.style.name == "Quote"]
    assert shown == [re.sub("[\ufffe\uffff]", "\ufffd", one_line(q.sentence)) for q in brief.quotations]
    underlined = [run.text for paragraph in file.paragraphs for run in paragraph.runs if run.underline]
    assert len(underlined) <= len(brief.quotations)


def test_hostile_text_never_becomes_markup() -> None:
    for brief in briefs_of(hostile_report()):
        assert HOSTILE in "".join(brief.facts) + brief.title + "".join(q.sentence for q in brief.quotations)
        check_page(brief)
        check_markdown(brief)
        check_docx(brief)


@settings(max_examples=40, deadline=None)
@given(reports())
def test_page_and_markdown_show_every_quotation_as_it_is(report: Report) -> None:
    for brief in briefs_of(report):
        check_page(brief)
        check_markdown(brief)


@settings(max_examples=10, deadline=None)
@given(reports())
def test_word_opens_the_file_and_has_the_same_quotations(report: Report) -> None:
    for brief in briefs_of(report):
        check_docx(brief)


def test_word_file_has_headings_evidence_and_references() -> None:
    brief = make_brief(make_report(), target="2")
    file = docx.Document(io.BytesIO(render_brief(brief, "docx")))
    headings = [p.text for p in file.paragraphs if p.style.name.startswith("Heading")]
    assert headings == ["Criticises", "Not analysed", "References", "How to read this"]
    assert [run.text for p in file.paragraphs for run in p.runs if run.underline] == ["sanctions clause unworkable"]
    assert f"[1] {brief.quotations[0].citation}" in [p.text for p in file.paragraphs]


def test_title_longer_than_word_takes_is_cut_in_the_properties_alone() -> None:
    document = make_document(title="long " * 80)
    brief = make_brief(make_report(make_analysis(document=document)), document="harbour")
    file = docx.Document(io.BytesIO(render_brief(brief, "docx")))
    assert len(file.core_properties.title) == 255 and file.paragraphs[0].text == brief.title


# Writing


@pytest.mark.parametrize(("name", "start"), [("b.md", b"# Positions"), ("b.html", b"<!doctype"), ("b.DOCX", b"PK")])
def test_suffix_chooses_the_rendering(tmp_path: Path, name: str, start: bytes) -> None:
    write_brief(make_brief(make_report(), target="2"), tmp_path / name)
    assert (tmp_path / name).read_bytes().startswith(start)
    assert [path.name for path in tmp_path.iterdir()] == [name]


@pytest.mark.parametrize("name", ["b.pdf", "b", "missing/b.docx"])
def test_path_that_no_brief_can_take_is_refused_and_nothing_is_left(tmp_path: Path, name: str) -> None:
    with pytest.raises(OutputError):
        write_brief(make_brief(make_report(), target="2"), tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_command_writes_a_brief_prints_it_and_refuses_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    saved, out = str(tmp_path / "r.json"), str(tmp_path / "b.docx")
    write_report(make_report(), "json", Path(saved))
    assert main(["show", saved, "--brief", "target:2", "--out", out]) == 0
    assert "Tom Reed" in "".join(p.text for p in docx.Document(out).paragraphs)
    assert main(["show", saved, "--brief", "speaker:Tom Reed"]) == 0
    assert capsys.readouterr().out == render_brief(make_brief(make_report(), speaker="Tom Reed"), "md").decode()
    for wrong in (
        ["--brief", "target:9"],
        ["--brief", "target:2", "--out", "b.pdf"],
        ["--brief", "target:2", "--format", "csv"],
    ):
        assert main(["show", saved, *wrong]) == 2
        told = capsys.readouterr()
        assert told.out == "" and told.err.startswith("peaceplan: ") and told.err.count("\n") == 1


# Dashboard


@pytest.mark.parametrize(("page", "kind"), [("points", "target"), ("speakers", "speaker"), ("documents", "document")])
def test_page_offers_the_brief_of_what_it_shows_made_when_asked_for(
    page: str, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    st = pytest.importorskip("streamlit")
    from streamlit.testing.v1 import AppTest

    from analyzer.dashboard import briefs
    from analyzer.dashboard import state as session

    made: dict[str, Any] = {}
    offer = st.download_button

    def keep(label: str, data: Any, **named: Any) -> Any:
        made[named["key"]] = data
        return offer(label, data, **named)

    monkeypatch.setattr(st, "download_button", keep)
    monkeypatch.setattr("sys.argv", ["app.py"])
    asked: list[dict[str, str]] = []

    def record(report: Report, **named: str) -> Brief:
        asked.append(named)
        return make_brief(report, **named)

    monkeypatch.setattr(briefs, "make_brief", record)
    held: dict[str, Any] = {}
    session.put_report(held, hostile_report())
    held.pop("next_plan")
    at = AppTest.from_file(str(APP), default_timeout=30)
    for key, value in (held | {"go_to": page}).items():
        at.session_state[key] = value
    at.run()
    assert not at.exception, at.exception
    assert "Cited brief" in [expander.label for expander in at.expander]
    offered = [key for key in made if key.startswith("brief-")]
    assert len(offered) == 3 and not asked
    for key in offered:
        assert made[key]()
    assert [list(one) for one in asked] == [[kind, "limits"]] * 3
