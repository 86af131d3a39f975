"""Calls Omie's services: one POST each, with the keys in the body, within all of its limits.

Nobody sees a body: the keys stand in it. What Omie says is read by its text, whatever the status.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from hashlib import sha256
from typing import NamedTuple

from adapters.http_xml.client import HttpAnswer, HttpClient, Question, Silence
from adapters.http_xml.judge import CODES, PROBLEM_LIMIT, status_line
from adapters.http_xml.kind import client_to
from adapters.omie.access import A_MINUTE, AppAccess, Tasks
from adapters.omie.known_faults import FAULTS, is_block, is_empty_list, is_running, seconds_in
from adapters.omie.numbers import Record, read_json, written
from bus.core.errors import Fault
from bus.core.known_faults import KnownFault, recognise
from bus.core.outcome import Outcome, Report
from bus.core.route import Application
from bus.core.text import NOTHING, Text

MEDIA_TYPE = "application/json; charset=utf-8"
OWN_SHARE = 0.95  # of the engine's limit, as everywhere over HTTP
READING = ("Listar", "Consultar", "Pesquisar", "Posicao", "Obter")
"""How the methods begin that change nothing."""
HTTP_WAIT = frozenset({425, 429, 503})
BLOCKED = Text(
    "a Omie bloqueou o aplicativo por mais {seconds:.0f} s; nada é perguntado até lá",
    "Omie has blocked the app for {seconds:.0f} s more; nothing is asked until then",
)
TOO_MANY = Text(
    "o limite de chamadas por minuto de {method} foi atingido",
    "the limit of calls a minute of {method} is reached",
)
JUST_ASKED = Text(
    "a mesma chamada de {method} foi feita há menos de um minuto",
    "the same call of {method} was made less than a minute ago",
)
NO_ROOM = Text(
    "outras chamadas de {method} ainda não terminaram",
    "other calls of {method} have not ended yet",
)
BY_ITSELF = Text(
    "Nada a fazer: o barramento guarda os limites da Omie e a chama de novo sozinho.",
    "Nothing to do: the bus keeps to Omie's limits, and calls again by itself.",
)
NO_JSON = Text("{status}, e não é JSON", "{status}, which is no JSON")
HIDDEN = "***"
"""What stands for a key in what is told."""


class Patience(NamedTuple):
    """Seconds that a call may take, and those after which nothing more may leave (None: any)."""

    within: float
    start_within: float | None = None


class _Call(NamedTuple):
    """A call: `keeps` is that the answer to the same one of a moment ago does as well; `since` the
    service of which we must have changed nothing after that. `fresh` is that no answer will do but
    its own.
    """

    service: str
    method: str
    body: bytes
    digest: bytes
    keeps: bool
    since: str
    fresh: bool

    @property
    def reads(self) -> bool:
        """Whether it changes nothing."""
        return self.method.startswith(READING)


class NotDone(Exception):
    """A call that did not bring what it was made for: a report, and Omie's own words."""

    def __init__(self, report: Report, said: str = "") -> None:
        super().__init__(str(report.fault))
        self.report = report
        self.said = said


class OmieClient:
    """The way to the services of one app."""

    def __init__(self, application: Application, access: AppAccess, most_answer: int) -> None:
        credentials = application.credentials
        self._application = replace(application, credentials=None)
        self._most_answer = most_answer
        self.access = access
        self._key = credentials.user if credentials else ""
        self._secret = credentials.password if credentials else ""
        self._services: dict[str, HttpClient] = {}
        self._questions: Tasks = set()
        self._service("")  # an address that makes no sense is told at once

    async def call(  # noqa: PLR0913 - what is asked, and how old an answer may be
        self,
        service: str,
        method: str,
        param: Record,
        patience: Patience,
        *,
        keep: bool = False,
        since: str = "",
        fresh: bool = False,
    ) -> Record:
        """The answer of a service; NotDone where there is none, or it is a fault.

        What was asked within the last minute is not asked again: a question has its answer from
        then; so has a change that says `keep`, for its key makes a second one do nothing. One that
        names a service (`since`) wants none from before our last change there, and one that is
        `fresh` none but its own: they are busy until the minute is over.
        """
        body = self._body(method, param)
        digest = sha256(service.encode() + b"\n" + body).digest()
        call = _Call(
            service, method, body, digest, keep or method.startswith(READING), since, fresh
        )
        if not call.reads:
            return await self._change(call, patience)
        if fresh:
            return await self._ask(call, patience)
        return await self.access.shared(digest, lambda: self._ask(call, patience), self._questions)

    async def probe(self, within: float) -> Fault | None:
        """Whether something answers HTTP there; the keys are not asked for."""
        answer = await self._service("").ask(Question("OPTIONS"), within)
        return self.fault("UNREACHABLE", answer.problem) if isinstance(answer, Silence) else None

    async def refused(self, within: float) -> Fault | None:
        """Why the app does not take what is asked with these keys; None where it does (K-01)."""
        param: Record = {"pagina": 1, "registros_por_pagina": 1}
        try:
            await self.call("geral/familias", "PesquisarFamilias", param, Patience(within))
        except NotDone as fault:
            return None if is_empty_list(fault.said) else fault.report.fault
        return None

    async def close(self) -> None:
        """Let go of all connections."""
        questions = tuple(self._questions)
        for question in questions:
            question.cancel()
        await asyncio.gather(*questions, return_exceptions=True)
        services, self._services = self._services, {}
        for service in services.values():
            await service.close()

    # -- one call ----------------------------------------------------------------------------------

    async def _change(self, call: _Call, patience: Patience) -> Record:
        self.access.changes(call.service)
        try:
            return await self._ask(call, patience)
        finally:
            self.access.changes(call.service)

    async def _ask(self, call: _Call, patience: Patience) -> Record:
        loop = asyncio.get_running_loop()
        own = patience.within * OWN_SHARE
        deadline = loop.time() + own
        room = self.access.room_for(call.method, reads=call.reads)
        try:
            async with asyncio.timeout(own):
                await room.acquire()
        except TimeoutError:
            raise self._busy(NO_ROOM.filled(method=call.method), None) from None
        try:
            if (answer := self._answered(call)) is not None:
                return answer
            self._refuse_early(call.method)
            self.access.count(call.method)
            left = max(0.01, deadline - loop.time())
            return await self._post(call, patience._replace(within=left))
        finally:
            room.release()

    def _answered(self, call: _Call) -> Record | None:
        """The answer of the same call, where it was just made; a refusal where that will not do."""
        before = self.access.asked(call.digest)
        if not before:
            return None
        as_it_was = not call.since or self.access.is_as_it_was(call.since, before)
        if as_it_was and not call.fresh:
            if isinstance(before.answer, Exception):
                raise before.answer
            if before.answer is not None and call.keeps:
                return before.answer
        left = before.until - self.access.now()
        raise self._busy(JUST_ASKED.filled(method=call.method), left)

    def _refuse_early(self, method: str) -> None:
        """Where asking now would do harm, or no good."""
        if blocked := self.access.blocked_for:
            raise self._busy(BLOCKED.filled(seconds=blocked), blocked)
        if wait := self.access.wait_for_turn(method):
            raise self._busy(TOO_MANY.filled(method=method), wait)

    async def _post(self, call: _Call, patience: Patience) -> Record:
        method, digest, left = call.method, call.digest, self.access.now()
        self.access.remember(digest, None)  # whoever gives this call up cannot tell what left
        heard = await self._service(call.service).post(
            call.body, MEDIA_TYPE, reuse=False, **patience._asdict()
        )
        if isinstance(heard, Silence):
            self.access.remember(digest, None, A_MINUTE if heard.sent else 0.0)
            raise NotDone(self._silence(heard, method))
        try:
            record = self._read(self._without(self._secret, heard), method)
        except NotDone as refused:
            wait = refused.report.retry_after
            denied = refused.said and refused.report.outcome is Outcome.UNREACHABLE
            stands = refused if denied or is_empty_list(refused.said) else None
            self.access.remember(digest, stands, A_MINUTE if wait is None else wait, left)
            raise
        self.access.remember(digest, record, left=left)
        self.access.answered(method)
        return record

    def _body(self, method: str, param: Record) -> bytes:
        call = {"call": method, "app_key": self._key, "app_secret": self._secret}
        return written({**call, "param": [param]})

    def _service(self, service: str) -> HttpClient:
        if service not in self._services:
            root = self._application.address
            address = f"{root.rstrip('/')}/{service}/" if service else root
            there = replace(self._application, address=address)
            self._services[service] = client_to(there, self._most_answer)
        return self._services[service]

    def _without(self, word: str, answer: HttpAnswer) -> HttpAnswer:
        """An answer that does not repeat a key: some error pages show what they were sent."""
        if not word:
            return answer
        return replace(answer, body=answer.body.replace(word.encode(), HIDDEN.encode()))

    def _no(self, answer: HttpAnswer, said: str, method: str) -> NotDone:
        """A fault, in words that do not repeat the App Key."""
        said = said.replace(self._key, HIDDEN) if self._key else said
        told = self._refusal(self._without(self._key, answer), said, method)
        return NotDone(told, said)

    # -- what was heard ----------------------------------------------------------------------------

    def _read(self, answer: HttpAnswer, method: str) -> Record:
        """The record that an answer is. A fault may come with any status, so its text decides.

        In a record the digits of the App Key are somebody's data; only in what is told they go.
        """
        try:
            record = read_json(answer.body)
        except ValueError:
            record = None
        if not isinstance(record, dict):
            raise NotDone(self._unreadable(self._without(self._key, answer), method))
        if said := str(record.get("faultstring") or ""):
            raise self._no(answer, said.removeprefix("ERROR: "), method)
        status = str(record.get("codigo_status") or record.get("cCodStatus") or "0")
        if status.strip("0"):
            said = str(record.get("descricao_status") or record.get("cDesStatus") or status)
            raise self._no(answer, said, method)
        if answer.status >= 300:  # noqa: PLR2004 - HTTP's success ends there
            raise NotDone(self._unreadable(self._without(self._key, answer), method))
        return record

    def _refusal(self, answer: HttpAnswer, said: str, method: str) -> Report:
        """What a fault of Omie's means; one that nobody mapped is a refusal, and told once."""
        meant = recognise(said, self._application.known_faults, FAULTS)
        outcome = meant.outcome if meant else Outcome.REFUSED
        wait = answer.retry_after
        if is_block(said) or answer.status == 425:  # noqa: PLR2004 - how Omie tells a block
            self.access.block(seconds_in(said))
            outcome, wait = Outcome.BUSY, self.access.blocked_for
        elif is_running(said):
            wait = self.access.wait_while_running(method)
        elif outcome is Outcome.BUSY:
            wait = seconds_in(said) or wait
        if outcome is Outcome.UNKNOWN and method.startswith(READING):
            outcome, meant = Outcome.BUSY, None
        fault = self._meant(outcome, meant, said[:PROBLEM_LIMIT].rstrip("."))
        unmapped = "" if meant or outcome is Outcome.BUSY or is_empty_list(said) else said
        return Report(outcome, answer.body, fault=fault, retry_after=wait, unmapped=unmapped)

    def _meant(self, outcome: Outcome, meant: KnownFault | None, problem: str) -> Fault:
        fault = self.fault(meant.code if meant else CODES[outcome], problem)
        if meant and meant.advice != NOTHING and meant.advice.pt:
            return replace(fault, details={**fault.details, "product_advice": meant.advice})
        return fault

    def _unreadable(self, answer: HttpAnswer, method: str) -> Report:
        """What is no JSON is a failure of the way, never an empty list."""
        problem = NO_JSON.filled(status=status_line(answer))
        if answer.status in HTTP_WAIT:
            fault = self.fault("BUSY", problem)
            return Report(Outcome.BUSY, answer.body, fault=fault, retry_after=answer.retry_after)
        return self._in_doubt(problem, method, answer.body)

    def _silence(self, silence: Silence, method: str) -> Report:
        if not silence.sent:
            return Report(Outcome.UNREACHABLE, fault=self.fault("UNREACHABLE", silence.problem))
        return self._in_doubt(silence.problem, method, b"")

    def _in_doubt(self, problem: Text, method: str, body: bytes) -> Report:
        """Nobody knows what came of a change; a question changed nothing, whatever came of it."""
        if method.startswith(READING):
            return Report(Outcome.UNREACHABLE, body, fault=self.fault("UNREACHABLE", problem))
        return Report(Outcome.UNKNOWN, body, fault=self.fault("OUTCOME_UNKNOWN", problem))

    def _busy(self, problem: Text, wait: float | None) -> NotDone:
        fault = self.fault("BUSY", problem)
        advised = replace(fault, details={**fault.details, "product_advice": BY_ITSELF})
        return NotDone(Report(Outcome.BUSY, fault=advised, retry_after=wait))

    def fault(self, code: str, problem: Text | str) -> Fault:
        """A fault of the app, told with the name of its application."""
        return Fault(code, details={"application": self._application.name, "problem": problem})
