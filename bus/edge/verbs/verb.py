"""A verb: what is asked, what is done about it on a bus, and what is answered."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from pydantic import BaseModel, ConfigDict

from bus.core.errors import Fault

if TYPE_CHECKING:
    from bus.wiring import Bus


class Asked(BaseModel):
    """What is asked: nothing but its fields."""

    model_config = ConfigDict(extra="forbid", frozen=True)


AskedT = TypeVar("AskedT", bound=Asked)
ToldT = TypeVar("ToldT", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Verb(Generic[AskedT, ToldT]):
    """One thing that may be asked of a bus, by its name: `messages/replay`.

    `do` raises a Refusal where it cannot be done; `patience` is how many seconds it may take.
    """

    name: str
    asked: type[AskedT]
    told: type[ToldT]
    do: Callable[[Bus, AskedT], Awaitable[ToldT]]
    patience: float = 60.0

    @property
    def path(self) -> str:
        """Where the local API takes it."""
        return f"/api/v1/{self.name}"


class FaultOut(BaseModel):
    """A fault as plain values, from which it can be told in any language."""

    code: str
    path: str
    line: int
    details: dict[str, str | dict[str, str]]

    @classmethod
    def of(cls, fault: Fault) -> FaultOut:
        """The plain values of a fault."""
        return cls(**fault.plain())

    def fault(self) -> Fault:
        """The fault again."""
        plain: dict[str, Any] = self.model_dump()
        return Fault.of(plain)
