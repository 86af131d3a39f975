"""The keys of the message broker in routes.yaml, through which applications may post."""

from __future__ import annotations

from urllib.parse import urlsplit

from pydantic import Field, field_validator

from bus.config.application_keys import CredentialsKeys, Keys
from bus.config.context import wrong
from bus.config.values import Address, Duration, Name
from bus.core.broker import SCHEMES, Broker

_BROKER = Broker("")


class BrokerKeys(Keys):
    """A message broker from which the bus takes messages."""

    address: Address = Field(
        min_length=1,
        description="Where it is: `amqp://`, or `amqps://` for TLS, with the virtual host after "
        "the server. `redis://` and `rediss://` work with less certainty ([AMQP](amqp.md)).",
        examples=["amqps://rabbitmq.example/erp"],
    )
    credentials: CredentialsKeys | None = Field(
        default=None,
        description="The user and password that the bus presents to it. Absent: what a broker on "
        "the same machine asks for as it comes, `guest` of RabbitMQ and none of Redis.",
        examples=["{user: bus, password: {env: BROKER_PASSWORD}}"],
    )
    ca_file: str = Field(
        default=_BROKER.ca_file,
        description="PEM file of the certificates to trust in place of the machine's.",
        examples=["/etc/bus/ca.pem"],
    )
    prefix: Name = Field(
        default=_BROKER.prefix,
        description="How the names of the exchange and the queues begin: `bus.in`, `bus.rejected`. "
        "Two buses at one broker have two.",
        examples=["bus-test"],
    )
    prefetch: int = Field(
        default=_BROKER.prefetch,
        ge=1,
        le=10_000,
        description="How many messages the bus may have in hand that are not on disk yet. Half of "
        "them may be calls that wait for their answer.",
        examples=["100"],
    )
    connect_timeout: Duration = Field(
        default=_BROKER.connect_timeout,
        description="How long connecting may take, and each answer of the broker about a queue.",
        examples=["5s"],
    )

    @field_validator("address")
    @classmethod
    def _of_a_broker(cls, value: str) -> str:
        if urlsplit(value).scheme not in SCHEMES:
            raise wrong("broker_scheme", value=value, known=", ".join(SCHEMES))
        return value
