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
    validation,
    whole,
)

QUESTIONS = (
    validation.QUESTION,
    journal.QUESTION,
    accept.QUESTION,
    deliver.QUESTION,
    whole.QUESTION,
    depara.QUESTION,
    growth.QUESTION,
    imports.QUESTION,
    latency.QUESTION,
    memory.QUESTION,
    load.QUESTION,
)
