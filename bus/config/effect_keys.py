"""The keys by which a route says what its destinations must show of what they said OK to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from pydantic import Field, ValidationInfo, field_validator

from bus.config.application_keys import Keys
from bus.config.context import Surroundings, around, unknown, wrong
from bus.config.values import Duration
from bus.core.contract import Lifecycle
from bus.core.effect import LITERAL, EffectRule

_RULE = EffectRule("", "", (), (), "")
BUSINESS, RETURNED = "BusinessContent", "ReturnContent"


class EffectKeys(Keys):
    """A question for the destination, and what its answer must show. It changes no delivery."""

    ask: str = Field(
        description="The query that the destination is asked, with its version: a contract that "
        "changes nothing. The bus asks as the origin would, its ids translated like any others.",
        examples=["TraceabilityRequest 2.000"],
    )
    about: dict[str, str] = Field(
        min_length=1,
        description="What the question says: an element of the query, and the element of the "
        "message whose text stands there; or the text itself after a `=`. Paths are below "
        "BusinessContent.",
        examples=["{RequestItem/RequestInternalId: InternalId}"],
    )
    shows: dict[str, str] = Field(
        min_length=1,
        description="What the answer must show, all of it: an element below its ReturnContent, and "
        "the element of the message whose text it must have, or the text itself after a `=`. Of an "
        "id, what the destination calls the same thing will do, as the de-para has it.",
        examples=["{InternalId: InternalId}"],
    )
    after: Duration = Field(
        default=_RULE.after,
        description="How long after its OK the destination is asked, and how long after each "
        "question the next one comes.",
        examples=["5m"],
    )
    tries: int = Field(
        default=_RULE.tries,
        ge=1,
        le=100,
        description="How often it is asked before the effect is absent, or not checkable.",
        examples=["3"],
    )
    owner: str = Field(
        min_length=1,
        max_length=80,
        description="Whose work it is where the effect is absent: a person or a group, by a name "
        "that everybody knows.",
        examples=["compras"],
    )

    @field_validator("ask")
    @classmethod
    def _a_query(cls, value: str, info: ValidationInfo) -> str:
        contract = around(info).contract(value)
        if contract is None:
            raise unknown("unknown_query", value, around(info).queries())
        if contract.lifecycle is not Lifecycle.QUERY:
            raise wrong("no_query", value=value, known=", ".join(around(info).queries()))
        return contract.name

    @field_validator("about", "shows")
    @classmethod
    def _in_the_query(cls, value: dict[str, str], info: ValidationInfo) -> dict[str, str]:
        content = BUSINESS if info.field_name == "about" else RETURNED
        contract = around(info).contract(str(info.data.get("ask", "")))
        if contract is None:
            return value
        for path in value:
            known = around(info).lacks(contract, content, path)
            if known is not None:
                raise unknown("path_elsewhere", path, known, contract=contract.name)
        return value


def refuse_strange(
    effects: Mapping[str, EffectKeys], versions: Iterable[str], world: Surroundings
) -> None:
    """Refuse paths that no version which the route takes of its message has."""
    taken = set(versions)
    for name, keys in effects.items():
        contracts = [
            one
            for one in world.contracts
            if name.casefold() in one.spellings and (not taken or one.version in taken)
        ]
        for path in (*keys.about.values(), *keys.shows.values()):
            lacking = [world.lacks(one, BUSINESS, path) for one in contracts]
            if path.startswith(LITERAL) or not lacking or None in lacking:
                continue
            known = sorted({each for one in lacking for each in one or ()})
            raise unknown("path_elsewhere", path, known, contract=contracts[0].name)
