"""Speaks GraphQL to Keepfy: a token for key and secret, and questions that carry it.

Nobody sees a key, a secret or a token: none is in a log, a report or an error.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from adapters.http_xml.client import HttpAnswer, Silence
from adapters.http_xml.judge import CODES, PROBLEM_LIMIT, status_line
from adapters.http_xml.kind import client_to
from adapters.keepfy.known_faults import FAULTS, SESSION_ENDED
from bus.core.errors import Fault
from bus.core.known_faults import KnownFault, recognise, searchable
from bus.core.outcome import Outcome, Report
from bus.core.route import Application
from bus.core.text import NOTHING, Text

MEDIA_TYPE = "application/json; charset=utf-8"
OWN_SHARE = 0.95  # of the engine's limit, as everywhere over HTTP
ACCESS_TOKEN = "access-token"  # noqa: S105 - the name of a header
TOKEN_FOR = (
    "mutation ($key: String!, $secret: String!) "  # noqa: S105 - a question, no secret
    "{ createAccessToken(key: $key, secret: $secret) }"
)
NO_TOKEN = Text("não veio nenhum token", "no token came")
NO_JSON = Text("{status}, e não é JSON", "{status}, which is no JSON")
NO_DATA = Text("uma resposta sem data", "an answer without data")
HTTP_WAIT = frozenset({425, 429, 503})
AT = Text("em {address}: {problem}", "at {address}: {problem}")
NO_KEYS = Text(
    "faltam `credentials`: Access Key e Access Secret",
    "`credentials` are missing: Access Key and Access Secret",
)


class NotAnswered(Exception):
    """A question that was not answered: a report, and whether another token may help."""

    def __init__(self, report: Report, *, ended: bool = False) -> None:
        super().__init__(str(report.fault))
        self.report = report
        self.ended = ended


class KeepfySession:
    """The token of one application, and its questions."""

    def __init__(self, application: Application, graphql: str, most_answer: int) -> None:
        credentials = application.credentials
        self._key = credentials.user if credentials else ""
        self._secret = credentials.password if credentials else ""
        self._application = replace(application, address=graphql, credentials=None)
        self._channel = client_to(self._application, most_answer)
        self._token = ""

    async def headers(self, within: float) -> Mapping[str, str]:
        """What a call carries to be admitted: nothing, where no keys are configured."""
        if not self._key:
            return {}
        if not self._token:
            keys = {"key": self._key, "secret": self._secret}
            data = await self._post(TOKEN_FOR, keys, {}, within)
            token = data.get("createAccessToken")
            if not isinstance(token, str) or not token.isascii() or not token.isprintable():
                raise self.not_done(Outcome.UNREACHABLE, NO_TOKEN)
            self._token = token
        return {ACCESS_TOKEN: self._token}

    async def begin_anew(self, within: float) -> None:
        """Get another token, whatever the last one is good for; NotAnswered where none comes."""
        self._token = ""
        await self.headers(within)

    def forget(self, headers: Mapping[str, str]) -> bool:
        """Let go of the token that was refused; whether there was one."""
        used = headers.get(ACCESS_TOKEN, "")
        if used and used == self._token:
            self._token = ""
        return bool(used)

    async def ask(self, question: str, within: float) -> Mapping[str, Any]:
        """The data of an answer, by another token where the last has ended; else NotAnswered."""
        if not self._key:
            raise self.not_done(Outcome.UNREACHABLE, NO_KEYS)
        headers = await self.headers(within)
        try:
            return await self._post(question, {}, headers, within)
        except NotAnswered as refused:
            if not refused.ended:
                raise
        self.forget(headers)
        return await self._post(question, {}, await self.headers(within), within)

    async def close(self) -> None:
        """Let go of connections."""
        await self._channel.close()

    def without_secrets(self, answer: HttpAnswer) -> HttpAnswer:
        """An answer that repeats no secret: some error pages show what they were sent."""
        body = answer.body
        for secret in filter(None, (self._secret, self._token)):
            body = body.replace(secret.encode(), b"***")
        return replace(answer, body=body)

    def not_done(
        self, outcome: Outcome, problem: Text | str, meant: KnownFault | None = None
    ) -> NotAnswered:
        """What is told of a call that did not bring what it was made for."""
        code = meant.code if meant else CODES[outcome]
        if outcome is Outcome.UNREACHABLE and not meant:
            code = "UNREACHABLE"
        details: dict[str, Text | str] = {
            "application": self._application.name,
            "problem": AT.filled(address=self._application.address, problem=problem),
        }
        if meant and meant.advice != NOTHING:
            details["product_advice"] = meant.advice
        return NotAnswered(Report(outcome, fault=Fault(code, details=details)))

    async def _post(
        self,
        question: str,
        variables: Mapping[str, str],
        headers: Mapping[str, str],
        within: float,
    ) -> Mapping[str, Any]:
        body = json.dumps({"query": question, "variables": variables}).encode()
        heard = await self._channel.post(
            body, MEDIA_TYPE, reuse=False, within=within * OWN_SHARE, headers=headers
        )
        if isinstance(heard, Silence):  # a question changes nothing, whatever came of it
            raise self.not_done(Outcome.UNREACHABLE, heard.problem)
        # What brings a token may say it in the same answer as an error: only data is read of it.
        told = record_in(heard.body)
        if told is None:
            problem = NO_JSON.filled(status=status_line(heard))
            busy = heard.status in HTTP_WAIT
            raise self.not_done(Outcome.BUSY if busy else Outcome.UNREACHABLE, problem)
        if said := error_text(told):
            raise self._refused(said)
        data = told.get("data")
        if not isinstance(data, dict):
            raise self.not_done(Outcome.UNREACHABLE, NO_DATA)
        return data

    def _refused(self, said: str) -> NotAnswered:
        for secret in filter(None, (self._secret, self._token)):
            said = said.replace(secret, "***")
        meant = recognise(said, self._application.known_faults, FAULTS)
        outcome = meant.outcome if meant else Outcome.REFUSED
        fault = self.not_done(outcome, said[:PROBLEM_LIMIT].rstrip("."), meant)
        return NotAnswered(fault.report, ended=bool(SESSION_ENDED.search(searchable(said))))


def record_in(body: bytes) -> dict[str, Any] | None:
    """The object that a JSON text is, its numbers as Decimal; None where it is none."""
    try:
        told = json.loads(body, parse_float=Decimal)
    except (ValueError, RecursionError):
        return None
    return told if isinstance(told, dict) else None


def error_text(told: Mapping[str, Any]) -> str:
    """The codes and words of the errors in a GraphQL answer; empty where there are none."""
    errors = told.get("errors")
    if not errors:
        return ""
    texts: list[str] = []
    for error in errors if isinstance(errors, list) else [errors]:
        if not isinstance(error, dict):
            texts.append(str(error))
            continue
        extensions = error.get("extensions")
        code = extensions.get("code", "") if isinstance(extensions, dict) else ""
        texts.append(": ".join(filter(None, (str(code), str(error.get("message", ""))))))
    return "; ".join(texts)
