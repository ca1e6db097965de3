"""Other ways to find positions, measured on the same documents: what the usual means reach."""

from __future__ import annotations

from functools import cache
from typing import Any

from analyzer.encoding import load_encoder
from analyzer.matching import TargetIndex
from analyzer.normalize import tidy_text
from analyzer.records import Document, Plan
from analyzer.segment import segment_text
from training.scoring import Found

NEAREST_FLOOR = 0.40  # cosine from which the nearest target counts as touched; best of 0.30, 0.35 … 0.60 on tests/gold
PLAIN = 0.05  # VADER's own bound between a neutral sentence and one with a sentiment


def take_nearest(document: Document, plan: Plan) -> list[Found]:
    """Each sentence has the nearest target by cosine, endorsed or raised, held by the writer."""
    return _nearest(document, plan, None)


def take_nearest_with_sentiment(document: Document, plan: Plan) -> list[Found]:
    """The same, the stance on points by the sentence's sentiment (VADER, Hutto and Gilbert 2014)."""
    return _nearest(document, plan, _load_lexicon())


@cache
def _load_lexicon() -> Any:
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

    return SentimentIntensityAnalyzer()


def _nearest(document: Document, plan: Plan, lexicon: Any) -> list[Found]:
    tidy, sentences = tidy_text(document.text), segment_text(document.text)
    words = [s.span.of(tidy) for s in sentences]
    found = []
    for sentence, text, (nearest, *_) in zip(
        sentences, words, TargetIndex(plan, load_encoder(), every=True).find_candidates(words), strict=True
    ):
        if nearest.similarity < NEAREST_FLOOR:
            continue
        stance = "raises" if nearest.target.startswith("gap:") else "endorses"
        if lexicon and stance == "endorses":
            feeling = lexicon.polarity_scores(text)["compound"]
            stance = "criticises" if feeling <= -PLAIN else "endorses" if feeling >= PLAIN else "mentions"
        span = sentence.span
        found.append(Found(document.name, span.start, span.end, nearest.target, stance, "author"))
    return found
