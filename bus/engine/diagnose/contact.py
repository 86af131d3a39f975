"""Speaks to an application without an effect: an empty message first, then a WhoIs."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Coroutine
from datetime import UTC, datetime
from typing import Any, TypeVar

from bus.core.diagnosis import Contact, Enabled, Introduction, Means
from bus.core.element import Element
from bus.core.envelope import (
    BusinessRequest,
    DeliveryMode,
    Header,
    MessageType,
    Product,
)
from bus.core.errors import Fault, Refusal
from bus.core.outcome import Outcome, Report
from bus.core.route import Application
from bus.core.text import Details, Text
from bus.journal.rows import MICROSECONDS
from bus.ports.adapter import PROBE_WITHIN, Adapter, CredentialsCheck, Knocker, Parcel
from bus.ports.codec import Document, Draft
from bus.ports.ports import Ports

ANSWERED_WITHIN = 5.0
"""Seconds that an application has for each answer."""
WHO_IS = "WhoIs"
OURSELVES = "BUS"

Result = TypeVar("Result")

_SILENT = Text("sem resposta em {limit:g} s", "no answer within {limit:g} s")
_NO_ANSWER = frozenset({Outcome.UNREACHABLE, Outcome.BUSY})
"""After these nothing more is asked."""


async def contact(ports: Ports, application: Application, products: Collection[str]) -> Contact:
    """What comes of speaking to it; what it says of itself counts where it names its product."""
    if not application.adapter:
        return Contact(Means.CONFIGURATION)
    try:
        adapter = ports.open_adapter(application)
        if isinstance(adapter, Knocker):
            return await _knocked(ports, application, adapter, products)
        return await _probed(application, adapter)
    except Refusal as refusal:
        return Contact(Means.PROBE, fault=refusal.fault)
    except Exception as error:  # noqa: BLE001 - a foreign adapter may raise anything
        details = {"application": application.name, "problem": type(error).__name__}
        return Contact(Means.PROBE, fault=Fault("ADAPTER_FAILED", details=details))


async def _probed(application: Application, adapter: Adapter) -> Contact:
    probed = await _in_time(adapter.probe(), PROBE_WITHIN)
    fault = _silence(application, PROBE_WITHIN) if isinstance(probed, _Late) else probed
    if fault is None and application.credentials and isinstance(adapter, CredentialsCheck):
        checked = await _in_time(adapter.check_credentials(), ANSWERED_WITHIN)
        fault = _silence(application, ANSWERED_WITHIN) if isinstance(checked, _Late) else checked
    return Contact(Means.PROBE, fault=fault)


async def _knocked(
    ports: Ports, application: Application, adapter: Knocker, products: Collection[str]
) -> Contact:
    asked = await _who_is(ports)
    report = await _said(application, adapter, asked, b"")
    if report.outcome in _NO_ANSWER and not _is_puzzled(report):
        return Contact(Means.EMPTY_MESSAGE, report.outcome, report.fault)
    told = await _said(application, adapter, asked, asked.raw)
    introduction = await _introduction(ports, told, products)
    if told.response and not report.response:
        return Contact(Means.WHO_IS, told.outcome, None, introduction)
    return Contact(Means.EMPTY_MESSAGE, report.outcome, report.fault, introduction)


def _is_puzzled(report: Report) -> bool:
    """Whether it answered that it does not understand the call, which says that it is there."""
    return report.fault is not None and report.fault.code == "CALL_NOT_UNDERSTOOD"


async def _said(
    application: Application, adapter: Knocker, asked: Document, message: bytes
) -> Report:
    id_ = asked.envelope.header.uuid
    parcel = Parcel(application, asked, message, id_, repeat_safe=False, timeout=ANSWERED_WITHIN)
    report = await _in_time(adapter.knock(parcel), ANSWERED_WITHIN)
    if isinstance(report, _Late):
        fault = _silence(application, ANSWERED_WITHIN)
        return Report(Outcome.UNKNOWN, fault=fault)
    return report


async def _who_is(ports: Ports) -> Document:
    at = datetime.fromtimestamp(ports.clock.now() // MICROSECONDS, UTC)
    header = Header(
        uuid=ports.clock.new_id(),
        type=MessageType.BUSINESS,
        transaction=WHO_IS,
        version="1.000",
        standard_version="1.0",
        source_application=OURSELVES,
        product=Product(OURSELVES),
        generated_on=f"{at:%Y-%m-%dT%H:%M:%SZ}",
        delivery=DeliveryMode.SYNC,
    )
    draft = Draft(header, BusinessRequest(WHO_IS), Element("BusinessContent"))
    return await ports.codec.read(ports.codec.compose(draft))


async def _introduction(ports: Ports, told: Report, products: Collection[str]) -> Introduction:
    if not told.response:
        return Introduction()
    try:
        answer = await ports.codec.read(told.answer)
    except Refusal:
        return Introduction()
    product = answer.envelope.header.product
    known = product.name.casefold() in {name.casefold() for name in products}
    rows = answer.content().all("EnabledTransactions/Transaction")
    enabled = tuple(map(_enabled, rows)) if rows else None
    return Introduction(product.version if known else "", Means.WHO_IS, enabled)


def _enabled(row: Element) -> Enabled:
    mode = row.text_at("Mode").casefold()
    both = mode == "both_enabled"
    return Enabled(
        row.text_at("Name"),
        row.text_at("Version"),
        receives=both or mode == "receive_enabled",
        sends=both or mode == "send_enabled",
    )


def _silence(application: Application, limit: float) -> Fault:
    details: Details = {"application": application.name, "problem": _SILENT.filled(limit=limit)}
    return Fault("UNREACHABLE", details=details)


class _Late:
    """Nothing came in time."""


async def _in_time(call: Coroutine[Any, Any, Result], limit: float) -> Result | _Late:
    """What comes of a call in time; one that does not let go is left behind."""
    asking = asyncio.ensure_future(call)
    done, _ = await asyncio.wait([asking], timeout=limit)
    if not done:
        asking.cancel()
        return _Late()
    return asking.result()
