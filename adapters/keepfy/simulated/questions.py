"""The GraphQL of a simulated Keepfy, as far as it is known: a token, and lists page by page."""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Mapping
from typing import Any

from adapters.keepfy.simulated.books import Branch
from bus.core.route import Credentials

LIST = re.compile(
    r"activeCustomers\(pagination: \{page: (\d+), size: (\d+)\}, query: \{\}\) "
    r"\{ items \{ ([\w ]+) \} hasMore \}"
)
Answer = dict[str, Any]


class Questions:
    """Answers GraphQL for one customer of Keepfy; without a login every key is taken."""

    def __init__(self, branch: Branch, login: Credentials | None) -> None:
        self._branch = branch
        self._login = login
        self._tokens: set[str] = set()
        self.asked = 0

    def admits(self, token: str) -> bool:
        """Whether a call with a token is let in."""
        return self._login is None or token in self._tokens

    def end_sessions(self) -> None:
        """Take no token any more that was given until now."""
        self._tokens.clear()

    def answer(self, body: bytes, token: str) -> Answer:
        """The answer to a question."""
        try:
            told = json.loads(body)
            question, variables = str(told["query"]), told.get("variables") or {}
        except (ValueError, TypeError, KeyError):
            return problem("INVALID_INPUT", "the body is no question")
        if "createAccessToken" in question:
            return self._give_token(variables)
        if not self.admits(token):
            return problem("INVALID_SESSION", "the session has ended")
        found = LIST.search(question)
        if not found:
            return problem("INVALID_INPUT", "the question is not known")
        self.asked += 1
        return self._page(int(found[1]), int(found[2]), found[3].split())

    def _give_token(self, variables: Mapping[str, Any]) -> Answer:
        login = self._login
        if login and (variables.get("key"), variables.get("secret")) != (
            login.user,
            login.password,
        ):
            return problem("AUTHENTICATION_FAILED", "key or secret is wrong")
        token = secrets.token_hex(8)
        self._tokens.add(token)
        return {"data": {"createAccessToken": token}}

    def _page(self, page: int, size: int, fields: list[str]) -> Answer:
        rows = self._branch.customers
        strange = [name for name in fields if rows and name not in rows[0]]
        if strange:
            return problem("INVALID_INPUT", f"no field {strange[0]}")
        shown = [
            {name: row.get(name) for name in fields}
            for row in rows[(page - 1) * size : page * size]
        ]
        return {"data": {"activeCustomers": {"items": shown, "hasMore": page * size < len(rows)}}}


def problem(code: str, text: str) -> Answer:
    """An error as GraphQL tells one."""
    return {"errors": [{"message": text, "extensions": {"code": code}}], "data": None}
