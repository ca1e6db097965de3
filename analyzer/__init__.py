"""Peace plans and who stands where on them: files in, positions out.

    read_document     a path → Document
    load_plan         an id or a path → Plan
    analyze           documents and a plan → Report
    write_report      Report → table, JSON, JSONL, CSV, Markdown, HTML
    make_brief        a Report and a target, speaker or document → Brief
    write_brief       Brief → Markdown, HTML, Word
    load_report       a saved JSON → Report
    Workspace         a corpus on disk: add, analyze, report
    search            a workspace and a query → sentences, best first

The nouns are in analyzer.records, the errors in analyzer.errors. Heavy libraries are imported where they are used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from analyzer.export import load_report, write_report
    from analyzer.export.brief import make_brief, write_brief
    from analyzer.pipeline import analyze, analyze_document
    from analyzer.plans import list_plans, load_plan
    from analyzer.reading import iterate_documents, make_document, read_document
    from analyzer.searching import search
    from analyzer.workspace import Workspace, start_workspace

_HOMES = {
    "read_document": "reading",
    "iterate_documents": "reading",
    "make_document": "reading",
    "load_plan": "plans",
    "list_plans": "plans",
    "analyze": "pipeline",
    "analyze_document": "pipeline",
    "write_report": "export",
    "load_report": "export",
    "make_brief": "export.brief",
    "write_brief": "export.brief",
    "Workspace": "workspace",
    "start_workspace": "workspace",
    "search": "searching",
}
__all__ = [
    "Workspace",
    "analyze",
    "analyze_document",
    "iterate_documents",
    "list_plans",
    "load_plan",
    "load_report",
    "make_brief",
    "make_document",
    "read_document",
    "search",
    "start_workspace",
    "write_brief",
    "write_report",
]


def __getattr__(name: str) -> Any:
    """Import a public verb when it is first asked for."""
    if name in _HOMES:
        from importlib import import_module

        return getattr(import_module(f"analyzer.{_HOMES[name]}"), name)
    raise AttributeError(f"module 'analyzer' has no attribute {name!r}")
