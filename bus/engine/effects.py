"""OK is not effect: a destination is asked whether it shows what it said OK to (S16).

The bus asks on behalf of the origin: the question is a message as the origin would send it, its ids
go into the destination's terms like those of any other, and nothing of it is a message of the
journal. What it came to is a fact beside `delivered`; nothing is sent again because of it.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from bus.core.contract import Contract, IdRole, MessageShape
from bus.core.effect import (
    FINAL,
    EffectRule,
    EffectVerdict,
    ExpectedText,
    Told,
    Uncheckable,
    is_shown,
    question_content,
)
from bus.core.element import Element
from bus.core.envelope import (
    BusinessEvent,
    BusinessRequest,
    DeliveryMode,
    Event,
    Header,
    MessageType,
)
from bus.core.errors import BusFault, Fault, Refusal
from bus.core.outcome import Outcome, Report
from bus.core.route import Application
from bus.core.text import NOTHING, Details, Text, same
from bus.core.translation import Translation
from bus.engine.question import ASK_WITHIN
from bus.engine.translate import UNKNOWN_THERE, Translator, withheld
from bus.journal.commands import Claim
from bus.journal.effects import RecordEffect
from bus.journal.rows import DeliveryRow, MessageRow
from bus.ports.adapter import Parcel, ProgressLost
from bus.ports.codec import Document, Draft
from bus.ports.ports import Ports

WHY_TEXTS: Mapping[Uncheckable, Text] = {
    Uncheckable.QUERY_REFUSED: Text("a consulta foi recusada", "the query was refused"),
    Uncheckable.SILENT: Text(
        "não houve resposta legível à consulta", "there was no readable answer to the query"
    ),
    Uncheckable.ID_UNKNOWN: Text(
        "não se sabe como o destino chama o documento",
        "nobody knows what the destination calls the document",
    ),
    Uncheckable.NOTHING_TO_ASK: Text(
        "a mensagem não diz de que perguntar", "the message does not say what to ask about"
    ),
    Uncheckable.CONTRACT_MISSING: Text(
        "falta o contrato da mensagem ou da consulta",
        "the contract of the message or of the query is missing",
    ),
    Uncheckable.NOT_DECLARED: Text(
        "a rota não declara mais o que deve aparecer",
        "the route declares no more what must be shown",
    ),
}
"""Why an effect cannot be checked, in words."""


class EffectFinding(NamedTuple):
    """What one question about a delivery came to."""

    verdict: EffectVerdict
    why: Uncheckable | None = None
    problem: str | Text = ""

    @property
    def is_final(self) -> bool:
        """Whether asking again can change nothing about it."""
        return self.verdict is EffectVerdict.CONFIRMED or self.why in FINAL


CONFIRMED = EffectFinding(EffectVerdict.CONFIRMED)
ABSENT = EffectFinding(EffectVerdict.ABSENT)


class _Case(NamedTuple):
    """A delivered message, who said OK to it, and the question."""

    message: MessageRow
    reader: Application
    rule: EffectRule
    query: Contract
    own: Contract


class EffectChecks:
    """Asks destinations for the effect of what they said OK to, and records what that came to."""

    def __init__(self, ports: Ports, translator: Translator) -> None:
        self._ports = ports
        self._translator = translator
        self._turns: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        """By application, whose question it is now: one at a time is put to each."""

    async def check(self, claim: Claim) -> DeliveryRow:
        """Ask about a delivery whose time has come; where tries are left, it is asked again."""
        delivery, rule = claim.delivery, self.rule_of(claim.message, claim.delivery)
        found = await self.look(claim.message, delivery, claim.body)
        if rule and not found.is_final and delivery.asked < rule.tries:
            again = RecordEffect(delivery, EffectVerdict.NONE, wait=rule.after)
            return await self._ports.journal.record_effect(again)
        return await self.record(claim.message, delivery, found)

    async def record(
        self, message: MessageRow, delivery: DeliveryRow, found: EffectFinding, actor: str = ""
    ) -> DeliveryRow:
        """Record a finding, as what the bus found by itself or at a person's wish."""
        rule = self.rule_of(message, delivery)
        fault = fault_of(delivery, rule, found)
        asked = rule.ask if rule else ""
        told = RecordEffect(delivery, found.verdict, fault, asked=asked, actor=actor)
        after = await self._ports.journal.record_effect(told)
        if after.effect is found.verdict is not delivery.effect:
            self._ports.observer.effect_found(message, after, fault)
        return after

    def rule_of(self, message: MessageRow, delivery: DeliveryRow) -> EffectRule | None:
        """What a delivery must show, by the configuration in force."""
        return self._ports.deployment().effect_of(delivery.rule, message.transaction)

    async def look(
        self, message: MessageRow, delivery: DeliveryRow, body: bytes | None
    ) -> EffectFinding:
        """Ask once whether the destination shows a delivery; nothing is recorded.

        One question at a time is put to an application, whoever has it asked.
        """
        async with self._turns[delivery.destination]:
            return await self._look_in_turn(message, delivery, body)

    async def _look_in_turn(
        self, message: MessageRow, delivery: DeliveryRow, body: bytes | None
    ) -> EffectFinding:
        rule = self.rule_of(message, delivery)
        application = self._ports.deployment().applications.get(delivery.destination)
        if rule is None or application is None or body is None:
            return _uncheckable(Uncheckable.NOT_DECLARED)
        find = self._ports.contracts.find
        query, own = (
            find(rule.transaction, rule.version),
            find(message.transaction, message.version),
        )
        if query is None or own is None:
            lacking = f"{message.transaction} {message.version}" if query else rule.ask
            return _uncheckable(Uncheckable.CONTRACT_MISSING, lacking)
        try:
            return await self._look(_Case(message, application, rule, query, own), body)
        except Refusal as refusal:
            return _uncheckable(Uncheckable.SILENT, refusal.fault.problem)
        except Exception as error:  # noqa: BLE001 - a foreign adapter may raise anything
            self._ports.observer.troubled("an effect could not be asked for", error)
            return _uncheckable(Uncheckable.SILENT, type(error).__name__)

    async def _look(self, case: _Case, body: bytes) -> EffectFinding:
        document = await self._ports.codec.read(body, case.message.carrier)
        texts = [(one.path, _texts(document, one)) for one in case.rule.about]
        expected, unknown = await self._expected(case, document)
        silent = [path for path, found in texts if not found]
        if silent or not expected:
            return _uncheckable(Uncheckable.NOTHING_TO_ASK, ", ".join(silent))
        question = await self._question(case, document.envelope.header, texts)
        asked_as = case.message._replace(
            transaction=case.rule.transaction, version=case.rule.version
        )
        prepared = await self._translator.prepare(asked_as, question, case.reader)
        if reason := withheld(prepared, case.reader.name):
            problem = reason.fault.problem if reason.fault else NOTHING
            return _uncheckable(Uncheckable.ID_UNKNOWN, problem)
        report = await self._ask(case.reader, question, prepared.translation)
        return await self._judged(report, expected, unknown)

    async def _question(
        self, case: _Case, header: Header, texts: Sequence[tuple[str, Sequence[str]]]
    ) -> Document:
        """The question as the origin would put it."""
        rule = case.rule
        asked = header._replace(
            uuid=self._ports.clock.new_id(),
            type=MessageType.BUSINESS,
            transaction=rule.transaction,
            version=rule.version,
            delivery=DeliveryMode.SYNC,
        )
        business = (
            BusinessRequest(rule.transaction)
            if case.query.shape is MessageShape.REQUEST
            else BusinessEvent(rule.transaction, Event.UPSERT)
        )
        draft = Draft(asked, business, question_content(texts))
        return await self._ports.codec.read(self._ports.codec.compose(draft))

    async def _expected(
        self, case: _Case, document: Document
    ) -> tuple[list[ExpectedText], frozenset[str]]:
        """What must be shown, ids as the destination calls them; and those nobody knows there."""
        found = document.ids(case.own.ids)
        ids = {(one.path, one.value): one for one in found if one.element.role is not IdRole.OPAQUE}
        expected: list[ExpectedText] = []
        unknown: set[str] = set()
        for told in case.rule.shows:
            for text in _texts(document, told):
                one = ids.get((told.source, text))
                there = (
                    await self._translator.ids_there(one, case.message, document, case.reader)
                    if one
                    else frozenset({text})
                )
                expected.append(ExpectedText(told.path, there | {text}))
                if not there:
                    unknown.add(text)
        return expected, frozenset(unknown)

    async def _ask(
        self, reader: Application, question: Document, translation: Translation
    ) -> Report:
        """What the destination answers, in the time that a question may take."""
        uuid, seconds = question.envelope.header.uuid, min(ASK_WITHIN, reader.timeout)
        parcel = Parcel(
            reader,
            question,
            question.write(uuid, translation),
            uuid,
            repeat_safe=True,
            timeout=seconds,
            translation=translation,
        )
        try:
            async with asyncio.timeout(seconds):
                return await self._ports.open_adapter(reader).send(parcel)
        except (TimeoutError, BusFault, ProgressLost):
            details: Details = {"application": reader.name, "problem": f"> {seconds:g} s"}
            return Report(Outcome.UNKNOWN, fault=Fault("OUTCOME_UNKNOWN", details=details))

    async def _judged(
        self, report: Report, expected: Sequence[ExpectedText], unknown: frozenset[str]
    ) -> EffectFinding:
        """What an answer says of the effect."""
        problem = report.fault.problem if report.fault else NOTHING
        if report.outcome is Outcome.REFUSED:
            lacks_id = report.fault is not None and report.fault.code == UNKNOWN_THERE
            why = Uncheckable.ID_UNKNOWN if lacks_id else Uncheckable.QUERY_REFUSED
            return _uncheckable(why, problem)
        if report.outcome is not Outcome.DELIVERED:
            return _uncheckable(Uncheckable.SILENT, problem)
        if is_shown(expected, await self._content(report)):
            return CONFIRMED
        return _uncheckable(Uncheckable.ID_UNKNOWN, ", ".join(unknown)) if unknown else ABSENT

    async def _content(self, report: Report) -> Element:
        """What a destination returned, in its own ids; SenderFault where that cannot be read."""
        if report.response and report.response.content:
            return report.response.content
        return (await self._ports.codec.read(report.answer)).content()


def fault_of(delivery: DeliveryRow, rule: EffectRule | None, found: EffectFinding) -> Fault | None:
    """What is told of an effect that is absent, or could not be asked for; None of one that is."""
    details: Details = {
        "application": delivery.destination,
        "ask": rule.ask if rule else "-",
        "owner": rule.owner if rule else "-",
        "message": delivery.message,
    }
    if found.verdict is EffectVerdict.ABSENT:
        return Fault("EFFECT_ABSENT", details=details)
    if found.why:
        words = WHY_TEXTS[found.why]
        problem = found.problem if isinstance(found.problem, Text) else same(found.problem)
        told = Text(f"{words.pt} ({problem.pt})", f"{words.en} ({problem.en})")
        details = {**details, "problem": told if problem.en else words, "why": found.why.value}
        silent = found.why is Uncheckable.SILENT
        return Fault("EFFECT_UNANSWERED" if silent else "EFFECT_NOT_CHECKABLE", details=details)
    return None


def _uncheckable(why: Uncheckable, problem: str | Text = "") -> EffectFinding:
    return EffectFinding(EffectVerdict.NOT_CHECKABLE, why, problem)


def _texts(document: Document, told: Told) -> tuple[str, ...]:
    """The texts of a message at a path, blank ones left out; or the text itself."""
    literal = told.literal
    if literal is not None:
        return (literal,)
    return tuple(text for one in document.texts(told.source) if (text := one.strip()))
