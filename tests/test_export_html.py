"""The HTML report: self-contained, every link leads somewhere, and nothing from a document is markup."""

from __future__ import annotations

import base64
import hashlib
import re
from collections import Counter
from dataclasses import replace
from html.parser import HTMLParser
from importlib import resources

import pytest
from factories import make_analysis, make_document, make_plan, make_position, make_report, make_speaker
from hypothesis import given, settings
from strategies import ODD, reports

from analyzer.export.html import report_to_html
from analyzer.export.html_text import article, dominant_stance
from analyzer.export.markup import web_address
from analyzer.export.wording import SYMBOLS, printable
from analyzer.records import Candidate, Failure, Models, Notice, Report, Span, SpeakerKind, Stance, Target, TargetKind

VOID = {"meta"}
ATTRIBUTES = {"lang", "charset", "name", "content", "http-equiv", "href", "class", "id", "title", "scope", "dir", "rel"}
ATTRIBUTES |= {"aria-label", "aria-hidden", "data-cards", "data-p", "data-label"}


class Page(HTMLParser):
    """What the tests ask of a page; refuses elements that are not closed in order."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.code: dict[str, str] = {"script": "", "style": ""}
        self.article = ""  # the characters of the documents, without labels
        self.words = ""
        self._open: list[tuple[str, str]] = []
        self.feed(html)
        self.close()
        assert not self._open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self._open.append((tag, dict(attrs).get("class") or ""))

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop()[0] == tag

    def handle_data(self, data: str) -> None:
        inside = [name for _, classes in self._open for name in classes.split()]
        if self._open and self._open[-1][0] in self.code:
            self.code[self._open[-1][0]] += data
        elif "text" in inside and "chips" not in inside:
            self.article += data
        self.words += data

    def all(self, attribute: str) -> list[str]:
        return [value for _, attrs in self.elements if (value := attrs.get(attribute)) is not None]


def page_of(report: Report) -> Page:
    return Page(report_to_html(report))


def without_space(text: str) -> str:
    return "".join(text.split())


@settings(max_examples=60, deadline=None)
@given(reports())
def test_every_page_is_well_formed_and_every_link_in_it_leads_somewhere(report: Report) -> None:
    page = page_of(report)
    ids = Counter(page.all("id"))
    assert max(ids.values()) == 1
    assert {href[1:] for href in page.all("href") if href.startswith("#")} <= set(ids)
    referred = {
        name for attribute in ("data-cards", "data-p") for value in page.all(attribute) for name in value.split()
    }
    assert referred <= set(ids)


@settings(max_examples=60, deadline=None)
@given(reports())
def test_every_character_of_the_documents_stands_in_the_page(report: Report) -> None:
    texts = "".join(printable(analysis.document.text) for analysis in report.analyses)
    assert without_space(page_of(report).article) == without_space(texts)


@settings(max_examples=60, deadline=None)
@given(reports())
def test_nothing_in_a_report_becomes_markup(report: Report) -> None:
    assert_inert(page_of(report))


def assert_inert(page: Page) -> None:
    script, style = (
        resources.files("analyzer.export").joinpath(f"report.{kind}").read_text() for kind in ("js", "css")
    )
    assert page.code == {"script": script, "style": style}
    assert {name for _, attrs in page.elements for name in attrs} <= ATTRIBUTES
    assert not {"img", "iframe", "object", "embed", "form", "input", "svg", "link", "base"} & {
        t for t, _ in page.elements
    }
    assert all(href.startswith(("#", "http://", "https://")) for href in page.all("href"))
    assert Counter(tag for tag, _ in page.elements)["script"] == 1


@pytest.mark.parametrize(
    "odd", [*ODD, "javascript:alert(1)", "</script><script>alert(1)</script>", "</style>", "--></title>"]
)
def test_an_attack_in_any_field_is_shown_as_text(odd: str) -> None:
    target = Target("1", TargetKind.POINT, odd, odd)
    gap = Target("gap:x", TargetKind.GAP, odd, odd, why=odd)
    plan = replace(
        make_plan(), id=odd, title=odd, conflict=odd, published=odd, sponsors=(odd,), points=(target,), gaps=(gap,)
    )
    document = make_document(
        f"{odd}. And {odd}.", odd, title=odd, outlet=odd, url=odd, source=odd, notices=(Notice(odd),)
    )
    speaker = make_speaker(odd, SpeakerKind.GROUP, resolution=odd)
    where = {"document": document, "sentence": 0, "cue": odd, "candidates": (Candidate("1", 0.4, odd),)}
    found = [
        make_position("1", Stance.ENDORSES, speaker, **where),
        make_position("plan", Stance.CRITICISES, speaker, **where),
        make_position("gap:x", Stance.RAISES, speaker, **where),
    ]
    report = make_report(
        *[make_analysis(found, document, plan, notices=(Notice(odd),))] * 2,
        plan=plan,
        failures=(Failure(odd, odd),),
        models=Models(odd, odd, 0.5),
        version=odd,
    )
    page = page_of(report)
    assert_inert(page)
    assert without_space(printable(odd)) in without_space(page.article)


@pytest.mark.parametrize(
    ("url", "safe"),
    [
        ("https://example.org/a?b=1&c=%20", True),
        ("http://example.org", True),
        ("HTTPS://example.org", True),
        ("javascript:alert(1)", False),
        ("JaVaScRiPt:alert(1)", False),
        (" javascript:alert(1)", False),
        ("java\nscript:alert(1)", False),
        ("data:text/html,<script>", False),
        ("//example.org", False),
        ("https:alert(1)", False),
        ("http://[", False),
        ("https://example.org/\x00", False),
        ("by the ministry, on its website", False),
        ("", False),
        (None, False),
    ],
)
def test_only_addresses_of_the_web_become_links(url: str | None, safe: bool) -> None:
    assert web_address(url) == (url if safe else None)
    hrefs = page_of(make_report(make_analysis(document=make_document(url=url)))).all("href")
    assert (url in hrefs) is safe


def test_the_page_needs_nothing_else_and_lets_nothing_else_run() -> None:
    page = page_of(make_report())
    assert not page.all("src")
    assert "url(" not in page.code["style"]
    assert "@import" not in page.code["style"]
    policy = next(a["content"] for _, a in page.elements if a.get("http-equiv") == "Content-Security-Policy")
    assert policy is not None
    assert "default-src 'none'" in policy
    for kind in ("script", "style"):
        digest = base64.b64encode(hashlib.sha256(page.code[kind].encode()).digest()).decode()
        assert f"{kind}-src 'sha256-{digest}'" in policy


def test_a_sentence_has_the_colour_of_its_dominant_stance_and_a_label_for_every_position() -> None:
    found = [
        make_position("1", Stance.MENTIONS, confidence=0.9),
        make_position("3", Stance.MENTIONS, confidence=0.9),
        make_position("2", Stance.CRITICISES, confidence=0.6),
    ]
    html = report_to_html(make_report(make_analysis(found)))
    assert '<span class="s criticises" id="d0-s1" data-cards="d0-p0 d0-p1 d0-p2">' in html
    labels = re.search(r'id="d0-s1".*?<span class="chips">(.*?)</p>', html, re.S)
    assert labels is not None
    assert re.findall(r'class="chip (\w+)" href="#d0-p(\d)"', labels[1]) == [
        ("mentions", "0"),
        ("mentions", "1"),
        ("criticises", "2"),
    ]


@pytest.mark.parametrize(
    ("stances", "dominant"),
    [
        ([(Stance.MENTIONS, 0.9), (Stance.ENDORSES, 0.2)], Stance.ENDORSES),
        ([(Stance.CRITICISES, 0.9), (Stance.ENDORSES, 0.2), (Stance.ENDORSES, 0.3)], Stance.ENDORSES),
        ([(Stance.CRITICISES, 0.4), (Stance.ENDORSES, 0.5)], Stance.ENDORSES),
        ([(Stance.MENTIONS, 0.4)], Stance.MENTIONS),
    ],
)
def test_the_dominant_stance_is_a_side_then_the_most_frequent_then_the_surest(
    stances: list[tuple[Stance, float]], dominant: Stance
) -> None:
    assert dominant_stance([make_position(stance=s, confidence=c) for s, c in stances]) is dominant


def test_overlapping_evidence_is_underlined_piece_by_piece() -> None:
    found = [make_position("1", evidence="the ceasefire must"), make_position("2", evidence="must begin")]
    html = report_to_html(make_report(make_analysis(found)))
    assert re.findall(r'<u data-p="([^"]+)">([^<]+)</u>', html) == [
        ("d0-p0", "the ceasefire "),
        ("d0-p0 d0-p1", "must"),
        ("d0-p1", " begin"),
    ]


def test_found_words_and_sentences_are_marked_inside_the_evidence_and_no_character_is_lost() -> None:
    analysis = make_analysis()
    at = analysis.document.text.index("sanctions")
    rain = analysis.document.text.index("Rain")
    marks = (Span(at, at + 9), Span(rain, rain + 4))
    page = article(analysis, make_plan(), "d0-", near={2}, words=marks)
    plain = article(analysis, make_plan(), "d0-")
    assert re.findall("<mark>(.*?)</mark>", page) == ["sanctions", "Rain"]
    assert page.count('class="near"') == 1 and '<span class="near"><span class="s' in page
    assert re.sub("<[^>]+>", "", page) == re.sub("<[^>]+>", "", plain)


def test_a_card_tells_who_where_and_how_that_was_found_and_leads_back() -> None:
    html = report_to_html(make_report())
    card = re.search(r'<details class="card endorses" id="d0-p0">(.*?)</details>', html, re.S)
    assert card is not None
    for told in (
        "The document reports Ana Weiss as endorsing point 1, “Ceasing fire”.",
        "must begin now",
        "sentence 2, characters 85–99",
        "reported by “told reporters that”",
        "named in the sentence",
        "0.80",
        'href="#d0-e0"',
        'href="#d0-t1"',
    ):
        assert told in card[1]


def test_colour_is_never_alone() -> None:
    assert len(set(SYMBOLS.values())) == len(Stance)
    html = report_to_html(make_report())
    chips = re.findall(r'<a class="chip (\w+)"[^>]*>(.*?)</a>', html)
    assert chips
    for stance, content in chips:
        assert SYMBOLS[Stance(stance)] in content
        assert re.search(rf" {stance}\b", content)


def test_the_page_says_what_was_left_out_skipped_failed_and_how_it_was_made() -> None:
    words = page_of(make_report()).words
    for told in (
        "Omitted points (1)",
        "3 Moving grain",
        "see the notices below",
        "page 2 holds no text",
        "Not analysed",
    ):
        assert told in words
    for told in (
        "machine reading",
        "Judge: judge-small/1",
        "Threshold of the judge: 0.50",
        "peace-plan-analyzer 0.1.0",
    ):
        assert told in words


def test_a_document_that_was_not_assessed_claims_no_omission() -> None:
    words = page_of(make_report(make_analysis([], make_document("Rain fell.", "weather")))).words
    assert "Not assessed: no position on this plan was found. No omission is claimed." in words
    assert "Omitted points" not in words


def test_what_is_no_sentence_is_shown_as_passed_over() -> None:
    analysis = make_analysis()
    first = analysis.sentences[0].span.of(analysis.document.text)
    html = report_to_html(make_report(replace(analysis, sentences=analysis.sentences[1:])))
    assert re.search(rf'<p class="text passed-over"[^>]*>{first}\s*</p>', html)


def palette(dark: bool) -> dict[str, str]:
    css = resources.files("analyzer.export").joinpath("report.css").read_text()
    light, night = re.findall(r":root \{(.*?)\}", css, re.S)
    return dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", light + (night if dark else "")))


def contrast(one: str, other: str) -> float:
    def luminance(colour: str) -> float:
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("dark", [False, True])
def test_every_text_stands_out_from_its_ground_as_wcag_aa_asks(dark: bool) -> None:
    colour = palette(dark)
    grounds = ("page", "panel", "warn", *(s.value for s in Stance))
    pairs = [("text", ground) for ground in grounds]
    pairs += [(ink, ground) for ink in ("muted", "link") for ground in ("page", "panel")]
    pairs += [("on-strong", f"{s.value}-strong") for s in Stance]
    pairs += [(f"{s.value}-strong", ground) for s in Stance for ground in ("page", "panel", s.value)]
    low = {pair: round(contrast(colour[pair[0]], colour[pair[1]]), 2) for pair in pairs}
    assert {pair: ratio for pair, ratio in low.items() if ratio < 4.5} == {}
