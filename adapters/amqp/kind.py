"""What an application must say in its configuration to be reached by a queue."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

from adapters.amqp.adapter import AmqpAdapter, OutgoingQueue
from bus.core.adapter_options import connect_timeout, mistake
from bus.core.broker import SCHEMES, Broker
from bus.core.known_faults import KnownFault
from bus.core.route import Application
from bus.core.text import Text
from bus.ports.adapter import Adapter, Feature
from bus.ports.codec import Codec

_BROKER = Broker("")
OPTIONS = {
    "ca_file": Text(
        "Arquivo PEM dos certificados em que confiar, em vez dos da máquina.",
        "PEM file of the certificates to trust in place of the machine's.",
    ),
    "connect_timeout": Text(
        f"Segundos que a conexão pode levar; {_BROKER.connect_timeout:g}, se não for dito.",
        f"Seconds that connecting may take; {_BROKER.connect_timeout:g} where it is not given.",
    ),
    "declare": Text(
        "“yes”: o barramento cria a fila, de quórum, se ela faltar. “no”: a fila é de outro.",
        "“yes”: the bus makes the queue, a quorum queue, if it is missing. “no”: the queue is "
        "somebody else's.",
    ),
    "queue": Text(
        "O nome da fila; `bus.out.` e o nome da aplicação, se não for dito.",
        "The name of the queue; `bus.out.` and the name of the application where it is not given.",
    ),
}
LONGEST_NAME = 255
"""Bytes of a name, as AMQP has them."""


class AmqpKind:
    """Makes adapters for applications that read a queue."""

    name = "amqp"

    def open(self, application: Application, codec: Codec) -> Adapter:
        """An adapter for one application; BusFault where address or options make no sense."""
        broker = Broker(
            _address(application),
            application.credentials,
            application.options.get("ca_file", ""),
            connect_timeout=connect_timeout(application, _BROKER.connect_timeout),
        )
        return AmqpAdapter(application, broker, _queue(application, broker))

    def options(self) -> Mapping[str, Text]:
        """The options it understands."""
        return OPTIONS

    def features(self) -> frozenset[Feature]:
        """None: a broker tells nobody what became of a message."""
        return frozenset()

    def faults(self) -> tuple[KnownFault, ...]:
        """None: a broker has no words about a message."""
        return ()


def _address(application: Application) -> str:
    """The address, which holds no credentials: addresses are shown to people."""
    hint = Text(
        "Use amqp://servidor:porta/vhost, com usuário e senha em `credentials`.",
        "Use amqp://server:port/vhost, with user and password in `credentials`.",
    )
    if not _is_broker(application.address):
        raise mistake(application, "address", ", ".join(f"{one}://" for one in SCHEMES), hint)
    if "@" in urlsplit(application.address).netloc:
        raise mistake(application, "address", "user:password@", hint)
    return application.address


def _is_broker(address: str) -> bool:
    try:
        parts = urlsplit(address)
        return parts.scheme in SCHEMES and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def _queue(application: Application, broker: Broker) -> OutgoingQueue:
    name = application.options.get("queue", broker.outgoing(application.name))
    if not 0 < len(name.encode()) <= LONGEST_NAME or name.startswith("amq."):
        hint = Text(
            f"Use um nome de 1 a {LONGEST_NAME} bytes que não comece por `amq.`.",
            f"Use a name of 1 to {LONGEST_NAME} bytes that does not begin with `amq.`.",
        )
        raise mistake(application, "options.queue", name, hint)
    declared = application.options.get("declare", "yes")
    if declared not in {"yes", "no"}:
        hint = Text("Escreva “yes” ou “no”.", "Write “yes” or “no”.")
        raise mistake(application, "options.declare", declared, hint)
    return OutgoingQueue(name, declared == "yes")
