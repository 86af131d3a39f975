"""What went wrong on the wire: the `{problem}` of a fault."""

from __future__ import annotations

import errno
import os

from bus.core.text import Text

NO_CONNECTION = Text("sem conexão", "no connection")
CLOSED = Text("a conexão foi fechada sem resposta", "the connection was closed without an answer")
CUT = Text(
    "a resposta foi cortada depois de {bytes} bytes", "the answer was cut after {bytes} bytes"
)
NOT_CONNECTED_WITHIN = Text("sem conexão em {limit:g} s", "no connection within {limit:g} s")
NOT_WHOLE_WITHIN = Text(
    "a resposta não chegou inteira em {limit:g} s", "the answer was not complete within {limit:g} s"
)
SILENT_FOR = Text("sem resposta em {limit:g} s", "no answer within {limit:g} s")
TOO_LONG = Text("uma resposta de mais de {bytes} bytes", "an answer of more than {bytes} bytes")
ENCODED = Text("uma resposta comprimida como {encoding}", "an answer compressed as {encoding}")
DAMAGED = Text("uma resposta com a compressão danificada", "an answer whose compression is damaged")
TOO_LONG_INSIDE = Text(
    "uma resposta comprimida de mais de {bytes} bytes",
    "a compressed answer of more than {bytes} bytes",
)
CUT_INSIDE = Text("uma resposta comprimida e cortada", "a compressed answer cut short")
BAD_ADDRESS = Text("o endereço não é válido", "the address is not valid")
NO_SUCH_HOST = Text("o nome do servidor não foi encontrado", "the host name was not found")
NO_TLS = Text("a negociação de TLS falhou", "the TLS handshake failed")
NOT_TRUSTED = Text(
    "o certificado não é confiável: {reason}", "the certificate is not trusted: {reason}"
)
NOT_HTTP = Text("uma resposta que não é HTTP", "an answer that is not HTTP")
ANOTHERS = Text(
    "a resposta é de outra mensagem ({uuid})", "the answer is about another message ({uuid})"
)
CONTRADICTION = Text(
    "{status}, mas a resposta diz que está tudo certo",
    "{status}, yet the answer in it says that all is well",
)
PERHAPS_EARLIER = Text(
    "a resposta não nomeia esta mensagem, e pode ser de uma anterior",
    "the answer does not name this message, and may be about an earlier one",
)
EMPTY = Text("{status}, vazia", "{status}, empty")
OF_NO_TYPE = Text("{status}, sem tipo declarado", "{status}, of no named type")

_ERRORS = {
    errno.ECONNREFUSED: "conexão recusada",
    errno.ECONNRESET: "conexão interrompida",
    errno.EPIPE: "conexão interrompida",
    errno.EHOSTUNREACH: "servidor inalcançável",
    errno.ENETUNREACH: "rede inalcançável",
    errno.ETIMEDOUT: "tempo de conexão esgotado",
}


def of_system(number: int) -> Text:
    """What the system says of an error; in Portuguese where the error is a usual one."""
    words = os.strerror(number).lower()
    return Text(_ERRORS.get(number, words), words)
