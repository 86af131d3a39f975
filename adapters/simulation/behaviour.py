"""How a simulated application meets each message: in turn, by chance, and otherwise always so."""

from __future__ import annotations

import json
import random
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Conduct(StrEnum):
    """What the application does with one message. The comment says whether it is processed."""

    ANSWER = "answer"  # processed; ResponseMessage OK
    RECEIPT = "receipt"  # processed; ReceiptMessage, and a ResponseMessage to the bus later
    TWICE = "twice"  # processed; the answer is sent twice over
    EMPTY = "empty"  # processed; HTTP 200 without a body
    PAGE = "page"  # processed; an HTML page with HTTP 502, as of a proxy that lost patience
    CUT = "cut"  # processed; half of the answer, then the connection closes
    WRONG_UUID = "wrong-uuid"  # processed; the answer names another message
    ANOTHER_TRANSACTION = "another-transaction"  # processed; OK under another transaction's name
    WITHOUT_IDS = "without-ids"  # processed; OK that brings no id
    STRANGE_IDS = "strange-ids"  # processed; OK with ids of an unknown Name and 300 characters
    DROP_AFTER = "drop-after"  # processed; the connection closes without an answer
    OK_WITHOUT_EFFECT = "ok-without-effect"  # not processed; OK and an id all the same
    DROP_BEFORE = "drop-before"  # not processed; the connection closes before the body is read
    REFUSE = "refuse"  # not processed; ResponseMessage ERROR
    TRY_AGAIN = "try-again"  # not processed; ResponseMessage ERROR that asks to come again
    FAIL = "fail"  # not processed; HTTP 500 with the text of a fault
    BUSY = "busy"  # not processed; HTTP 503 with Retry-After
    DENY = "deny"  # not processed; HTTP 401


@dataclass(frozen=True, slots=True)
class ScriptedConduct:
    """One conduct, `times` over. `seconds` pass before the answer, or before a late response."""

    do: Conduct = Conduct.ANSWER
    text: str = "Registro inválido."
    seconds: float = 0.0
    retry_after: int = 1
    times: int = 1


class Behaviour:
    """The conduct that comes next: the sequence first, then a chance of each, else `always`."""

    def __init__(
        self,
        sequence: Iterable[ScriptedConduct] = (),
        chances: Iterable[tuple[float, ScriptedConduct]] = (),
        always: ScriptedConduct | None = None,
        seed: int = 1,
    ) -> None:
        self._sequence = deque(step for step in sequence for _ in range(step.times))
        self._chances = tuple(chances)
        self._always = always or ScriptedConduct()
        self._random = random.Random(seed)  # noqa: S311 - chance that can be had again

    def next(self) -> ScriptedConduct:
        """How to meet the message that comes now."""
        if self._sequence:
            return self._sequence.popleft()
        drawn = self._random.random()
        for chance, step in self._chances:
            if drawn < chance:
                return step
            drawn -= chance
        return self._always


def read_behaviour(text: str) -> Behaviour:
    """A behaviour from a conduct's name or from JSON; ValueError says what is wrong with it.

    JSON: `{"sequence": [STEP], "chances": [{"chance": 0.1, ...}], "always": STEP, "seed": 1}`,
    where a STEP is a name or `{"do": NAME, "text", "seconds", "retry_after", "times"}`.
    """
    given = json.loads(text) if text.lstrip().startswith(("{", "[", '"')) else text
    if isinstance(given, list):
        given = {"sequence": given}
    elif not isinstance(given, dict) or "do" in given:
        given = {"always": given}
    _only(given, ("sequence", "chances", "always", "seed"))
    return Behaviour(
        sequence=[_step(step) for step in given.get("sequence", ())],
        chances=[_chance(step) for step in given.get("chances", ())],
        always=_step(given.get("always", "answer")),
        seed=int(given.get("seed", 1)),
    )


def _chance(given: Mapping[str, object]) -> tuple[float, ScriptedConduct]:
    rest = {key: value for key, value in given.items() if key != "chance"}
    return float(str(given.get("chance", 0))), _step(rest)


def _step(given: object) -> ScriptedConduct:
    row = {"do": given} if isinstance(given, str) else given
    if not isinstance(row, dict):
        raise ValueError(f"{given!r} is neither a conduct nor an object with one")  # noqa: TRY004
    _only(row, KINDS)
    return ScriptedConduct(**{key: KINDS[key](value) for key, value in row.items()})


def _conduct(given: object) -> Conduct:
    _only({str(given): None}, list(Conduct))
    return Conduct(str(given))


def _only(given: Mapping[str, object], known: Iterable[str]) -> None:
    unknown = set(given) - set(known)
    if unknown:
        raise ValueError(f"unknown: {', '.join(sorted(unknown))}; known: {', '.join(known)}")


KINDS: Mapping[str, Callable[[Any], Any]] = {
    "do": _conduct,
    "text": str,
    "seconds": float,
    "retry_after": int,
    "times": int,
}
