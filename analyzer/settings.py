"""Thresholds and names of models, each with its origin."""

from __future__ import annotations

DEFAULT_ENCODER = "search-2"  # a member of the judge, trained on by training/encoder.py
EARLIER_ENCODERS = frozenset({"search-1"})  # shipped once; workspaces may hold their vectors
ENCODER_TOKENS = 256  # the length that all-MiniLM-L6-v2 was trained on
ENCODER_BATCH_TOKENS = 4096  # bounds the memory of one call; larger batches are not faster on two cores
CANDIDATES = 6  # how many of a sentence's likeliest targets are kept with a position, to be shown
DEFAULT_PLAN = "china-2023"
