"""What is taken from a queue, and what is put into one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, auto


@dataclass(frozen=True, slots=True)
class Letter:
    """A message as a broker handed it over, with what it tells of it.

    `user` is the one that the broker vouches for, empty where it names none. `mark` is by what it
    is acknowledged, on the connection `connection` alone.
    """

    body: bytes
    user: str
    connection: int
    mark: object
    reply_to: str = ""
    correlation_id: str = ""
    message_id: str = ""
    content_type: str = ""
    content_encoding: str = ""
    redelivered: bool = False


@dataclass(frozen=True, slots=True)
class OutgoingLetter:
    """A message to be put into a queue, to stay there when the broker is started again."""

    queue: str
    body: bytes
    headers: Mapping[str, str | int] = field(default_factory=dict)
    properties: Mapping[str, str] = field(default_factory=dict)
    """Of AMQP: `message_id`, `correlation_id`, `content_type` …"""


class Fate(Enum):
    """What became of a message that was to be put into a queue."""

    KEPT = auto()  # the broker has confirmed it
    RETURNED = auto()  # there is no such queue
    REFUSED = auto()  # the queue does not take it, as one that is full
    IN_DOUBT = auto()  # the connection was lost before the broker said anything
    NOT_SENT = auto()  # no byte of it left
