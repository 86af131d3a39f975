"""What went wrong with a broker, in words: never with a password, which errors may repeat."""

from __future__ import annotations

import ssl

import amqp
from kombu.exceptions import OperationalError

from bus.core.system_words import words_of
from bus.core.text import Text, same

LOST: tuple[type[Exception], ...] = (
    amqp.AMQPError,
    OperationalError,
    OSError,
    AttributeError,
    KeyError,
)
"""What the libraries raise where a connection is lost, or was refused.

A connection that ends while it is used shows as AttributeError or KeyError (py-amqp, kombu).
"""
DECLARED_OTHERWISE = Text(
    "a fila {queue} já existe com outros argumentos ({said})",
    "queue {queue} exists with other arguments ({said})",
)
LOGIN_REFUSED = Text("o usuário ou a senha foram recusados", "user or password was refused")
NOT_ALLOWED = Text("o acesso foi recusado ({said})", "access was refused ({said})")
CLOSED = Text("a conexão foi fechada", "the connection was closed")
NOT_IN_TIME = Text("sem resposta a tempo", "no answer in time")
NOT_TRUSTED = Text(
    "o certificado não é confiável ({said})", "the certificate is not trusted ({said})"
)
SAID_LIMIT = 300  # characters of a broker's own words


class QueueDiffers(Exception):
    """A queue exists with arguments that are not ours."""

    def __init__(self, problem: Text) -> None:
        super().__init__(problem.en)
        self.problem = problem


def is_of_broker(error: BaseException) -> bool:
    """Whether an error says something of the broker; any other is our own."""
    return isinstance(error, (*LOST, QueueDiffers)) or _is_of_redis(error)


def problem_of(error: BaseException) -> Text:
    """What an error says of the broker."""
    match error:
        case QueueDiffers():
            told = error.problem
        case ssl.SSLCertVerificationError():
            told = NOT_TRUSTED.filled(said=error.verify_message)
        case TimeoutError():  # a time-out of a socket is one too
            told = NOT_IN_TIME
        case _ if is_login(error):
            told = _refused(error)
        case amqp.AMQPError() if error.reply_text:
            told = same(said_by(error))
        case OSError() if error.errno:
            told = words_of(error)
        case _ if within := error.__cause__ or error.__context__:
            told = problem_of(within)
        case _:
            told = CLOSED if is_of_broker(error) else same(type(error).__name__)
    return told


def is_login(error: BaseException) -> bool:
    """Whether a broker did not let us in: an admin must mend something."""
    if _is_of_redis(error):
        return type(error).__name__ == "AuthenticationError"
    return isinstance(error, amqp.AccessRefused | amqp.NotAllowed)


def _is_of_redis(error: BaseException) -> bool:
    # Its library is loaded where it is used alone.
    return type(error).__module__.startswith("redis.")


def _refused(error: BaseException) -> Text:
    said = said_by(error) if isinstance(error, amqp.AMQPError) else ""
    return NOT_ALLOWED.filled(said=said) if said and "Login" not in said else LOGIN_REFUSED


def said_by(error: amqp.AMQPError) -> str:
    """A broker's own words, without the name of the error before them."""
    words = " ".join(str(error.reply_text).split())
    return (words.partition(" - ")[2] or words)[:SAID_LIMIT]
