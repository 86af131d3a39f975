"""The message broker through which applications may post: where it is, and what it holds for us."""

from __future__ import annotations

from dataclasses import dataclass

from bus.core.route import Credentials

SCHEMES = ("amqp", "amqps", "redis", "rediss")
"""How addresses of brokers begin; those of Redis neither name a sender nor confirm."""
NAMING = frozenset({"amqp", "amqps"})
"""Schemes of brokers that vouch for the user a message is from."""


@dataclass(frozen=True, slots=True)
class Broker:
    """A broker, and how to log in: `ca_file` is a PEM file, empty for the machine's certificates.

    `prefix` begins the names of what is the bus's there; `prefetch` is how many messages it may
    have in hand that are not on disk yet.
    """

    address: str
    credentials: Credentials | None = None
    ca_file: str = ""
    prefix: str = "bus"
    prefetch: int = 500
    connect_timeout: float = 10.0

    @property
    def scheme(self) -> str:
        """How it is spoken to."""
        return self.address.partition(":")[0].lower()

    @property
    def names_users(self) -> bool:
        """Whether it vouches for the user that a message is from."""
        return self.scheme in NAMING

    @property
    def exchange(self) -> str:
        """Where applications post."""
        return self.prefix

    @property
    def incoming(self) -> str:
        """The queue of what they posted."""
        return f"{self.prefix}.in"

    @property
    def rejected(self) -> str:
        """The queue of what was not taken, with the reason."""
        return f"{self.prefix}.rejected"

    def incoming_of(self, user: str) -> str:
        """Where one user posts, of a broker that does not tell users apart itself."""
        return f"{self.incoming}.{user}"

    def outgoing(self, application: str) -> str:
        """The queue of what an application is sent."""
        return f"{self.prefix}.out.{application}"
