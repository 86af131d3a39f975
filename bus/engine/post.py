"""What an application posts to the bus."""

from __future__ import annotations

from dataclasses import dataclass

from bus.core.envelope import Carrier
from bus.core.route import Application
from bus.journal.commands import CursorMove
from bus.ports.codec import Carried


@dataclass(frozen=True, slots=True)
class Post:
    """A body as it arrived, from an application that is already known.

    `carried` is what its door found in it (None: the body is the message itself); `parent` the
    message that a person (`actor`) sends again; `overwrites`: though a newer one was delivered.
    Without `waits` nobody is there to be told the answer of a synchronous message; `cursor` is how
    far its sender has been read with it.
    """

    body: bytes
    sender: Application
    carrier: Carrier = Carrier.HTTP
    remote: str = ""
    carried: Carried | None = None
    parent: str = ""
    actor: str = ""
    overwrites: bool = False
    waits: bool = True
    cursor: CursorMove | None = None
