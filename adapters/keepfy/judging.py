"""What Keepfy's answer to a unified message says became of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from adapters.http_xml.client import HttpAnswer
from adapters.http_xml.judge import (
    CODES,
    OF_STATUS,
    PROBLEM_LIMIT,
    fault_of,
    judge,
    meant_fault,
    report_of,
    status_line,
)
from adapters.keepfy.known_faults import FAULTS
from adapters.keepfy.session import NO_JSON, record_in
from bus.core.errors import SenderFault
from bus.core.known_faults import recognise
from bus.core.outcome import Outcome, Report
from bus.core.text import Text
from bus.ports.adapter import Parcel
from bus.ports.codec import Codec

AT_THE_DOOR = frozenset({Outcome.UNREACHABLE, Outcome.BUSY})
NOT_READ = Text(
    "{status}, uma resposta que não se entende", "{status}, an answer that is not understood"
)


async def judged(answer: HttpAnswer, parcel: Parcel, codec: Codec) -> Report:
    """What became of a message: by the answer in JSON, else by its status."""
    told = record_in(answer.body)
    if told is None:
        outcome = OF_STATUS.get(answer.status, Outcome.UNKNOWN)
        outcome = outcome if outcome in AT_THE_DOOR else Outcome.UNKNOWN
        problem = NO_JSON.filled(status=status_line(answer))
        return report_of(outcome, fault_of(CODES[outcome], problem, parcel), answer)
    parts = {key.lower(): each for key, each in told.items()}
    header, content = parts.get("header"), parts.get("content")
    if not isinstance(header, dict) or not isinstance(content, dict):
        return _of_words(json.dumps(told, ensure_ascii=False, default=str), answer, parcel)
    if said := _error(content):
        return _of_words(said, answer, parcel, refused=True)
    try:
        xml = codec.from_json(_mended(header, content))
    except SenderFault:
        problem = NOT_READ.filled(status=status_line(answer))
        return report_of(Outcome.UNKNOWN, fault_of("OUTCOME_UNKNOWN", problem, parcel), answer)
    return (await judge(replace(answer, body=xml), parcel, codec)).report


def _of_words(text: str, answer: HttpAnswer, parcel: Parcel, *, refused: bool = False) -> Report:
    """What words mean: what a table knows, else what the status says; an ERROR is a no at least."""
    meant = recognise(text, parcel.application.known_faults, FAULTS)
    told = f"{status_line(answer)}: {text}"[:PROBLEM_LIMIT].rstrip(".")
    if meant:
        return report_of(meant.outcome, meant_fault(meant, told, parcel), answer)
    outcome = Outcome.REFUSED if refused else OF_STATUS.get(answer.status, Outcome.UNKNOWN)
    report = report_of(outcome, fault_of(CODES[outcome], told, parcel), answer)
    return replace(report, unmapped=text) if outcome is Outcome.UNKNOWN else report


def _error(content: Mapping[str, Any]) -> str:
    """The codes and words of a receipt that says Error, in any letter case; empty: it does not."""
    processing = _named(content, "processinginformation")
    if not isinstance(processing, dict):
        return ""
    if str(_named(processing, "status")).casefold() != "error":
        return ""
    details = _named(processing, "details")
    rows = details if isinstance(details, list) else [details]
    texts = [
        ": ".join(filter(None, (str(_named(row, name) or "") for name in ("code", "message"))))
        for row in rows
        if isinstance(row, dict)
    ]
    return "; ".join(filter(None, texts)) or "ERROR"


def _mended(header: Mapping[str, Any], content: Mapping[str, Any]) -> bytes:
    """The answer as the codec reads it: what tells how it was processed is a response."""
    type_ = "Response" if _named(content, "processinginformation") is not None else "Receipt"
    kept = {key: each for key, each in header.items() if key.lower() not in {"type", "event"}}
    told = {"Header": {**kept, "Type": type_}, "Content": content}
    return json.dumps(told, ensure_ascii=False, default=_spelt).encode("utf-8", "replace")


def _named(told: Mapping[str, Any], name: str) -> Any:  # noqa: ANN401
    return next((each for key, each in told.items() if key.lower() == name), None)


def _spelt(value: object) -> str:
    return f"{value:f}" if isinstance(value, Decimal) else str(value)
