"""Opens connections to brokers."""

from __future__ import annotations

import ssl
from typing import Any
from urllib.parse import urlsplit

from kombu.connection import Connection

from bus.core.broker import Broker

HEARTBEAT = 20
"""Seconds; after twice as many of silence a connection is given up."""
WRITING = 20.0
"""Seconds that a broker may take no bytes, as one does that is out of memory."""
GIVEN_BACK = 120
"""Seconds after which Redis gives what a bus that died had in hand to the next."""
SECURE = frozenset({"amqps", "rediss"})


class BrokerConnection:
    """A connection that is open, for one thread; it raises what its library does (`problems`)."""

    def __init__(self, broker: Broker) -> None:
        self._client = Connection(
            broker.address,
            userid=broker.credentials.user if broker.credentials else None,
            password=broker.credentials.password if broker.credentials else None,
            ssl=_tls(broker),
            connect_timeout=broker.connect_timeout,
            heartbeat=HEARTBEAT if broker.names_users else 0,
            transport_options=_options(broker),
        )
        self._transport = self._client.transport
        self.native = self._transport.driver_type == "amqp"
        """Whether it speaks AMQP: it confirms, returns, and vouches for users."""
        self._open = self._transport.establish_connection()

    @property
    def socket(self) -> Any:  # noqa: ANN401 - a socket, with or without TLS
        """The socket of one that speaks AMQP."""
        return self._open.sock

    def channel(self) -> Any:  # noqa: ANN401 - kombu has no types
        """A new channel, on which bodies stay the bytes that came."""
        channel = self._transport.create_channel(self._open)
        channel.auto_decode = False
        return channel

    def drain(self, seconds: float) -> bool:
        """Handle what came; whether something came in that time."""
        try:
            self._transport.drain_events(self._open, timeout=seconds)
        except TimeoutError:
            return False
        return True

    def beat(self) -> None:
        """Show that we live, and look whether the other side does; about once a second."""
        if self.native:
            self._transport.heartbeat_check(self._open)

    def close(self) -> None:
        """Say goodbye; what was not acknowledged goes back to its queue."""
        self._transport.close_connection(self._open)

    def drop(self) -> None:
        """Let go of one that is lost."""
        if self.native:
            self._open.collect()
        else:
            self._transport.close_connection(self._open)


def _tls(broker: Broker) -> object:
    if broker.scheme not in SECURE:
        return False
    trusted = {"cert_reqs": ssl.CERT_REQUIRED, "ca_certs": broker.ca_file or None}
    if broker.names_users:
        return {**trusted, "server_hostname": urlsplit(broker.address).hostname}
    return {f"ssl_{name}": value for name, value in trusted.items()}


def _options(broker: Broker) -> dict[str, object]:
    if broker.names_users:
        return {
            # A queue that has no leader yet leaves its declaration without an answer.
            "read_timeout": broker.connect_timeout,
            "write_timeout": WRITING,
            "client_properties": {"connection_name": "eai-bus"},
        }
    return {
        "socket_connect_timeout": broker.connect_timeout,
        "polling_interval": 0.05,
        "visibility_timeout": GIVEN_BACK,
        **{name: f"{broker.prefix}.{name}" for name in ("unacked_key", "unacked_index_key")},
        "unacked_mutex_key": f"{broker.prefix}.unacked_mutex",
    }
