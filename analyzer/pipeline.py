"""analyze(): the steps in order."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from threading import Thread
from typing import Any

from analyzer.coverage import measure_coverage, measure_speakers
from analyzer.encoding import Encoder, load_encoder
from analyzer.errors import AnalyzerError
from analyzer.judging import Judge, judge_positions, load_judge
from analyzer.matching import TargetIndex
from analyzer.parsing import load_parser
from analyzer.records import Analysis, Document, Failure, Models, Notice, Plan, Report
from analyzer.segment import segment_text
from analyzer.setting import is_set_elsewhere
from analyzer.statements import extract_statements
from analyzer.unify import Aliases, unify_speakers


@lru_cache(maxsize=16)
def _index_targets(plan: Plan, encoder: Any) -> TargetIndex:
    return TargetIndex(plan, encoder)


def start_loading() -> None:
    """Begin to load the parser, which takes longest; who needs it waits for it and meets its error."""
    Thread(target=load_parser, daemon=True).start()


def analyze_document(
    document: Document, plan: Plan, encoder: Encoder | None = None, judge: Judge | None = None
) -> Analysis:
    """Read one document against one plan."""
    encoder, judge = encoder or load_encoder(), judge or load_judge()
    sentences = segment_text(document.text)
    with ThreadPoolExecutor(1) as beside:  # the parser works in Python, the networks outside of it
        parsed = beside.submit(extract_statements, document, sentences)
        elsewhere = is_set_elsewhere(document.text, len(sentences), plan)
        verdicts = [] if elsewhere else judge.judge(document, sentences, plan)
        index = _index_targets(plan, encoder)
        extraction = parsed.result()
    positions = judge_positions(document, sentences, extraction, index, plan, verdicts)
    coverage = measure_coverage(document.name, positions, plan, len(extraction.statements))
    speakers = measure_speakers(positions, plan)
    notices = (*extraction.notices, *([_describe_setting(plan)] if elsewhere else []))
    return Analysis(document, sentences, extraction.statements, positions, coverage, speakers, notices)


def _describe_setting(plan: Plan) -> Notice:
    return Notice(
        "no position was looked for: the text names several countries, but neither the plan nor a party to "
        f"{plan.conflict}"
    )


def analyze(
    documents: Document | Iterable[Document],
    plan: Plan,
    *,
    encoder: Encoder | None = None,
    judge: Judge | None = None,
    failures: Iterable[Failure] = (),
    aliases: Aliases | None = None,
) -> Report:
    """Read documents against a plan: who takes which stance on which of its points and gaps.

    A document that cannot be analysed becomes a failure in the report, and the others are read; a single document
    handed over by itself raises. `failures` are inputs that could not be read; they are taken up after the documents
    have been consumed, so that an iterator may go on filling the list. `aliases` tell which names mean one speaker
    (unify.read_aliases). Raises ModelError if the models are damaged.
    """
    from analyzer import __version__

    start_loading()
    encoder, judge = encoder or load_encoder(), judge or load_judge()
    analyses: list[Analysis] = []
    failed: list[Failure] = []
    if isinstance(documents, Document):
        analyses.append(analyze_document(documents, plan, encoder, judge))
    else:
        for document in documents:
            try:
                analyses.append(analyze_document(document, plan, encoder, judge))
            except AnalyzerError:
                raise
            except Exception as error:
                failed.append(describe_failure(document, error))
    models = Models(encoder.name, judge.name, judge.threshold)
    return Report(plan, unify_speakers(analyses, plan, aliases), (*failures, *failed), models, __version__)


def describe_failure(document: Document, error: Exception) -> Failure:
    """Return the failure of a document on which a step broke off."""
    reason = f"could not be analysed ({type(error).__name__}: {error}); please report this"
    return Failure(document.source or document.name, " ".join(reason.split()))
