"""Puts standard messages into the queue of an application at a message broker."""

from adapters.amqp.kind import AmqpKind

ADAPTER = AmqpKind()
