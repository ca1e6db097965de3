"""What tests of the dashboard share: pages as a reader sees them, with a stand-in for the judge."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

import analyzer.workspace.contents as contents
from analyzer.dashboard import caches
from analyzer.dashboard import state as session
from analyzer.records import Document, Failure, Plan, Report
from tests.factories import WordEncoder, make_analysis, make_report

APP = Path(__file__).parent.parent / "app.py"


def analyze_nothing(documents: Sequence[Document], plan: Plan) -> Report:
    """A stand-in for the judge that finds no position, and fails on a document that asks for it."""
    document = documents[0]
    if "FAIL" in document.text:
        return Report(plan, (), (Failure(document.source or document.name, "could not be analysed"),))
    return make_report(make_analysis((), document, plan), plan=plan)


def stub_models(monkeypatch: pytest.MonkeyPatch) -> None:
    """Put stand-ins in place of the models, and forget what earlier pages kept."""
    monkeypatch.setattr(caches, "load_encoder", WordEncoder)
    monkeypatch.setattr(caches, "analyze", analyze_nothing)
    monkeypatch.setattr(contents, "load_encoder", lambda name: WordEncoder())
    monkeypatch.setattr("sys.argv", ["app.py"])
    st.cache_resource.clear()


def open_session(page: str, **state: Any) -> AppTest:
    """A new session, as the command line fills it."""
    at = AppTest.from_file(str(APP), default_timeout=30)
    for key, value in (state | {"go_to": page}).items():
        at.session_state[key] = value
    return settle(at.run())


def settle(at: AppTest) -> AppTest:
    """The session, once it is sure that nothing broke."""
    assert not at.exception, at.exception
    return at


def press(at: AppTest, label: str) -> AppTest:
    """Press the button of that label."""
    return settle(next(button for button in at.button if button.label == label).click().run())


def open_page(page: str, report: Report | None = None, **state: object) -> AppTest:
    """The page as a reader sees it; without a report, of a session that holds nothing."""
    held: dict[str, Any] = {}
    if report is None:
        held |= {"documents": (), "failures": (), "reports": {}, "plans": {}, "default_plan": "china-2023"}
    else:
        session.put_report(held, report)
        held.pop("next_plan")
    return open_session(page, **(held | state))


def html_of(at: AppTest) -> str:
    """Everything that is shown as HTML."""
    return "\n".join(element.proto.body for element in at.get("html"))


def markdown_of(at: AppTest) -> str:
    """Everything that Streamlit reads as Markdown: texts, headings, messages, labels."""
    texts = [e.value for kind in (at.markdown, at.caption, at.title, at.header, at.subheader) for e in kind]
    texts += [e.value for kind in (at.error, at.warning, at.info) for e in kind]
    labels = [e.label for kind in (at.button, at.toggle, at.text_input, at.text_area) for e in kind]
    return "\n".join([*texts, *labels])
