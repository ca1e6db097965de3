"""A report as one HTML file that needs nothing else: summary tables, and each article with what was found in its words.

The page works without its few lines of script, which only open cards and light up evidence. A content security policy
lets no other script or style run, so that even a hole in the escaping could not execute anything from a document.
"""

from __future__ import annotations

import base64
import hashlib
from importlib import resources

from analyzer.export.html_tables import gaps_section, omitted_section, overview, points_table, speakers_table
from analyzer.export.html_text import article
from analyzer.export.markup import Html, join, link, tag
from analyzer.export.wording import (
    CAVEAT,
    CONFIDENCE,
    OMISSION,
    SYMBOLS,
    count_of,
    describe_gap_in_reading,
    describe_making,
    document_title,
    join_names,
    one_line,
)
from analyzer.records import Notice, Report, Stance
from analyzer.report import view_corpus, view_speakers, view_targets


def report_to_html(report: Report) -> str:
    """Return the page. Everything from documents, plan and models is text in it, never markup."""
    title = f"Positions on {one_line(report.plan.title)}"
    return make_page(title, _top(report), tag("main", *_main(report), id="main"), script=_resource("report.js"))


def make_page(title: str, *body: Html, script: str = "") -> str:
    """Return a page in the style of the report; its policy lets nothing run but `script`, which is our own."""
    style = _resource("report.css")
    policy = (
        f"default-src 'none'; style-src '{_fingerprint(style)}'; script-src "
        + (f"'{_fingerprint(script)}'; " if script else "'none'; ")
        + "base-uri 'none'; form-action 'none'"
    )
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", http_equiv="Content-Security-Policy", content=policy),
        tag("title", title),
        tag("style", Html(style)),
    )
    code = tag("script", Html(script)) if script else Html("")
    return f"<!doctype html>\n{tag('html', head, tag('body', *body, code), lang='en')}\n"


def _resource(name: str) -> str:
    return resources.files("analyzer.export").joinpath(name).read_text(encoding="utf-8")


def _fingerprint(code: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(code.encode("utf-8")).digest()).decode("ascii")


def _top(report: Report) -> Html:
    plan = report.plan
    facts = f"{join_names(plan.sponsors)}, {plan.date.isoformat()} · {one_line(plan.conflict)} · published: "
    legend = [tag("li", tag("span", SYMBOLS[s], " ", s.value, class_=f"chip {s.value}")) for s in Stance]
    failed = tag("a", f"{count_of(len(report.failures), 'input')} not analysed", href="#failures")
    return tag(
        "header",
        tag("a", "Skip to the findings", href="#main", class_="skip"),
        tag("p", "Positions on a peace plan", class_="eyebrow"),
        tag("h1", one_line(plan.title)),
        tag("p", facts, link(one_line(plan.published), plan.published), class_="muted"),
        tag(
            "p", count_of(len(report.analyses), "document"), " read", *([", ", failed] if report.failures else []), "."
        ),
        tag("p", tag("strong", "To be checked. "), CAVEAT, class_="caveat"),
        tag("ul", *legend, class_="legend", aria_label="Stances and their signs"),
    )


def _main(report: Report) -> list[Html]:
    parts = []
    if len(report.analyses) > 1:
        entries = [
            tag(
                "li",
                tag("a", document_title(analysis), href=f"#d{d}"),
                " ",
                tag("span", _tally(report, d), class_="muted"),
            )
            for d, analysis in enumerate(report.analyses)
        ]
        parts.append(tag("nav", tag("h2", "Documents"), tag("ol", *entries), aria_label="Documents"))
        parts.append(tag("section", tag("h2", "All documents"), overview(view_corpus(report)), id="all"))
    parts += [_document(report, document) for document in range(len(report.analyses))]
    if report.failures:
        failed = [
            tag("li", tag("b", tag("bdi", one_line(f.source))), ": ", one_line(f.message)) for f in report.failures
        ]
        parts.append(tag("section", tag("h2", "Not analysed"), tag("ul", *failed), id="failures", class_="failures"))
    making = [tag("p", line) for line in (describe_making(report), CONFIDENCE, OMISSION)]
    plan = tag("p", f"Plan file: {one_line(report.plan.id)}.")
    parts.append(tag("section", tag("h2", "How this was made"), *making, plan, id="making"))
    return parts


def _tally(report: Report, document: int) -> str:
    analysis = report.analyses[document]
    if not analysis.coverage.assessed:
        return "not assessed"
    return (
        f"{count_of(len(analysis.positions), 'position')}, {count_of(len(analysis.coverage.omitted), 'point')} omitted"
    )


def _document(report: Report, document: int) -> Html:
    analysis = report.analyses[document]
    prefix = f"d{document}-"
    targets = view_targets(report, document)
    speakers = view_speakers(report, document)
    source = analysis.document
    origin = [one_line(source.outlet or ""), source.date.isoformat() if source.date else "", one_line(source.source)]
    parts = [tag("bdi", part) for part in origin if part]
    if source.url:
        parts.append(link(one_line(source.url), source.url))
    unread = describe_gap_in_reading(analysis.coverage)
    notices = (*source.notices, *analysis.notices)
    return tag(
        "section",
        tag("h2", document_title(analysis), dir="auto"),
        tag("p", join(parts, " · "), class_="muted"),
        tag("p", unread, class_="caveat") if unread else "",
        points_table(targets, prefix),
        omitted_section(targets, analysis.coverage.omitted, noticed=bool(notices)),
        gaps_section(targets, prefix),
        speakers_table(speakers, prefix) if speakers else "",
        tag("section", tag("h3", "Notices"), tag("ul", *map(_notice, notices)), class_="notices") if notices else "",
        tag("article", tag("h3", "The text"), article(analysis, report.plan, prefix), aria_label="The text"),
        id=f"d{document}",
        class_="document",
    )


def _notice(notice: Notice) -> Html:
    return tag("li", one_line(notice.message), f" (page {notice.page})" if notice.page else "")
