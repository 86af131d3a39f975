"""What went wrong on the wire, in both languages: the `{problem}` of a fault."""

from __future__ import annotations

import errno
import os
from collections.abc import Mapping
from typing import NamedTuple


class Problem(NamedTuple):
    """A few words that stand within a sentence, in Portuguese and English."""

    pt: str
    en: str

    def filled(self, **values: object) -> Problem:
        """With values in place of names in braces."""
        return Problem(self.pt.format_map(values), self.en.format_map(values))


def details_of(problem: Problem | str) -> Mapping[str, str]:
    """The details of a fault that tell a problem; a text is an application's own words."""
    if isinstance(problem, str):
        return {"problem": problem}
    return {"problem_pt": problem.pt, "problem_en": problem.en}


NO_CONNECTION = Problem("sem conexão", "no connection")
CLOSED = Problem(
    "a conexão foi fechada sem resposta", "the connection was closed without an answer"
)
CUT = Problem(
    "a resposta foi cortada depois de {bytes} bytes", "the answer was cut after {bytes} bytes"
)
NOT_CONNECTED_WITHIN = Problem("sem conexão em {limit:g} s", "no connection within {limit:g} s")
NOT_WHOLE_WITHIN = Problem(
    "a resposta não chegou inteira em {limit:g} s", "the answer was not complete within {limit:g} s"
)
SILENT_FOR = Problem("sem resposta em {limit:g} s", "no answer within {limit:g} s")
TOO_LONG = Problem("uma resposta de mais de {bytes} bytes", "an answer of more than {bytes} bytes")
ENCODED = Problem("uma resposta comprimida como {encoding}", "an answer compressed as {encoding}")
DAMAGED = Problem(
    "uma resposta com a compressão danificada", "an answer whose compression is damaged"
)
TOO_LONG_INSIDE = Problem(
    "uma resposta comprimida de mais de {bytes} bytes",
    "a compressed answer of more than {bytes} bytes",
)
CUT_INSIDE = Problem("uma resposta comprimida e cortada", "a compressed answer cut short")
BAD_ADDRESS = Problem("o endereço não é válido", "the address is not valid")
NO_SUCH_HOST = Problem("o nome do servidor não foi encontrado", "the host name was not found")
NO_TLS = Problem("a negociação de TLS falhou", "the TLS handshake failed")
NOT_TRUSTED = Problem(
    "o certificado não é confiável: {reason}", "the certificate is not trusted: {reason}"
)
NOT_HTTP = Problem("uma resposta que não é HTTP", "an answer that is not HTTP")
ANOTHERS = Problem(
    "a resposta é de outra mensagem ({uuid})", "the answer is about another message ({uuid})"
)
CONTRADICTION = Problem(
    "{status}, mas a resposta diz que está tudo certo",
    "{status}, yet the answer in it says that all is well",
)
PERHAPS_EARLIER = Problem(
    "a resposta não nomeia esta mensagem, e pode ser de uma anterior",
    "the answer does not name this message, and may be about an earlier one",
)
EMPTY = Problem("{status}, vazia", "{status}, empty")
OF_NO_TYPE = Problem("{status}, sem tipo declarado", "{status}, of no named type")

_ERRORS = {
    errno.ECONNREFUSED: "conexão recusada",
    errno.ECONNRESET: "conexão interrompida",
    errno.EPIPE: "conexão interrompida",
    errno.EHOSTUNREACH: "servidor inalcançável",
    errno.ENETUNREACH: "rede inalcançável",
    errno.ETIMEDOUT: "tempo de conexão esgotado",
}


def of_system(number: int) -> Problem:
    """What the system says of an error; in Portuguese where the error is a usual one."""
    words = os.strerror(number).lower()
    return Problem(_ERRORS.get(number, words), words)
