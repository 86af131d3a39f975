"""What a check finds: which promise is broken, and by what."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import NamedTuple

_NUMBER = re.compile(r"\d+")


class Flaw(StrEnum):
    """The promises that the simulation holds the bus to."""

    LOSS = "loss"  # accepted, and neither delivered nor stopped with a reason
    DOUBLING = "doubling"  # sent again where repeating is not safe, and nobody asked for it
    ORDER = "order"  # a document's deliveries out of their order
    PROMISE = "promise"  # a caller was told what is not so
    ANSWER = "answer"  # an origin did not get its one answer
    NAMING = "naming"  # sent under an id that is not its reader's, or waiting for what is known
    BOOKS = "books"  # facts and state tables disagree
    TROUBLE = "trouble"  # something was raised that nobody expected


class Finding(NamedTuple):
    """One broken promise."""

    flaw: Flaw
    text: str

    @property
    def shape(self) -> str:
        """What it is about, without the names of this history."""
        return f"{self.flaw}: {_NUMBER.sub('n', self.text)}"

    def __str__(self) -> str:
        """In one line."""
        return f"{self.flaw.upper()}: {self.text}"
