"""Speaks to one branch of Keepfy: unified messages go there, events and registers come."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from urllib.parse import urlencode, urlsplit, urlunsplit

from adapters.http_xml.client import HttpAnswer, HttpClient, Question, Silence
from adapters.keepfy.judging import judged
from adapters.keepfy.known_faults import SESSION_ENDED
from adapters.keepfy.reading import KeepfyReading
from adapters.keepfy.session import MEDIA_TYPE, OWN_SHARE, KeepfySession, NotAnswered
from adapters.keepfy.unified import SENT, written
from bus.core.errors import Fault, SenderFault
from bus.core.known_faults import searchable
from bus.core.outcome import Outcome, Report
from bus.core.route import Application
from bus.core.text import Text
from bus.ports.adapter import PROBE_WITHIN, Inbound, Parcel, Poll, Webhook
from bus.ports.codec import Codec

CHECKED_WITHIN = 4.0
"""Seconds that Keepfy has to give a token."""
NO_PLACE = Text(
    "o Keepfy não tem lugar para {transaction}", "Keepfy has no place for {transaction}"
)


class KeepfyAdapter:
    """Delivers to one branch, and takes what it has."""

    def __init__(
        self,
        application: Application,
        codec: Codec,
        channel: HttpClient,
        session: KeepfySession,
        reading: KeepfyReading,
    ) -> None:
        self._application = application
        self._branch = application.options.get("branch", "")
        self._codec = codec
        self._channel = channel
        self._session = session
        self._reading = reading

    async def send(self, parcel: Parcel) -> Report:
        """Deliver by one POST; by a second where the token of the first was not taken."""
        transaction = parcel.document.envelope.header.transaction
        if transaction.casefold() not in SENT:
            return self._refusal(NO_PLACE.filled(transaction=transaction))
        try:
            body = written(self._codec, parcel.message, self._branch)
        except SenderFault as fault:
            said = fault.fault.problem
            return self._refusal(Text(said.pt.rstrip("."), said.en.rstrip(".")))
        deadline = asyncio.get_running_loop().time() + parcel.timeout * OWN_SHARE
        try:
            report, again = await self._try(body, parcel, deadline)
            return (await self._try(body, parcel, deadline))[0] if again else report
        except NotAnswered as refused:
            return refused.report

    async def ask(self, parcel: Parcel) -> Report | None:
        """None: there is no such question."""
        return None

    async def read(self, source: Poll | Webhook) -> Inbound:
        """What the branch has for the bus."""
        return await self._reading.read(source)

    async def probe(self) -> Fault | None:
        """Whether something answers HTTP at the address."""
        answer = await self._channel.ask(Question("OPTIONS"), PROBE_WITHIN * OWN_SHARE)
        if isinstance(answer, Silence):
            return self._fault("UNREACHABLE", answer.problem)
        return None

    async def check_credentials(self) -> Fault | None:
        """Whether Keepfy gives a token for the keys."""
        try:
            await self._session.begin_anew(CHECKED_WITHIN)
        except NotAnswered as refused:
            return refused.report.fault
        return None

    async def close(self) -> None:
        """Let go of connections."""
        await self._session.close()
        await self._channel.close()

    async def _try(self, body: bytes, parcel: Parcel, deadline: float) -> tuple[Report, bool]:
        """What one POST came to, and whether another token may help."""
        clock = asyncio.get_running_loop().time
        headers = await self._session.headers(max(0.01, deadline - clock()))
        answer = await self._channel.post(
            body,
            MEDIA_TYPE,
            reuse=False,
            within=max(0.01, deadline - clock()),
            start_within=parcel.start_within,
            headers=headers,
        )
        if isinstance(answer, Silence):
            return self._silence(answer), False
        answer = self._session.without_secrets(answer)
        report = await judged(answer, parcel, self._codec)
        return report, _has_ended(answer, report) and self._session.forget(headers)

    def _silence(self, silence: Silence) -> Report:
        if silence.sent:
            fault = self._fault("OUTCOME_UNKNOWN", silence.problem)
            return Report(Outcome.UNKNOWN, silence.body, fault=fault)
        return Report(Outcome.UNREACHABLE, fault=self._fault("UNREACHABLE", silence.problem))

    def _refusal(self, problem: Text) -> Report:
        return Report(Outcome.REFUSED, fault=self._fault("IMPOSSIBLE_THERE", problem))

    def _fault(self, code: str, problem: Text) -> Fault:
        return Fault(code, details={"application": self._application.name, "problem": problem})


def _has_ended(answer: HttpAnswer, report: Report) -> bool:
    """Whether nothing was processed because a token is not taken any more."""
    if report.outcome is not Outcome.UNREACHABLE:
        return False
    words = searchable(answer.body.decode("utf-8", "replace"))
    return answer.status == 401 or bool(SESSION_ENDED.search(words))  # noqa: PLR2004 - HTTP's


def of_branch(application: Application, branch: str) -> Application:
    """An application whose address names the branch, without what it presents elsewhere."""
    parts = urlsplit(application.address)
    query = "&".join(filter(None, (parts.query, urlencode({"branchId": branch}))))
    address = urlunsplit(parts._replace(query=query))
    return replace(application, address=address, credentials=None)
