"""All questions, in the order in which they are asked."""

from __future__ import annotations

from tests.benchmarks import (
    accept,
    deliver,
    depara,
    growth,
    imports,
    journal,
    latency,
    load,
    memory,
    server,
    validation,
    waiting,
    whole,
)
from tests.benchmarks.peers import question as peers

QUESTIONS = (
    validation.QUESTION,
    journal.QUESTION,
    accept.QUESTION,
    deliver.QUESTION,
    whole.QUESTION,
    server.QUESTION,
    depara.QUESTION,
    growth.QUESTION,
    waiting.QUESTION,
    imports.QUESTION,
    latency.QUESTION,
    memory.QUESTION,
    load.QUESTION,
    peers.QUESTION,
)
