"""What an application must say in its configuration for this adapter, and what is made of it."""

from __future__ import annotations

import base64
import ssl
from collections.abc import Mapping
from urllib.parse import urlsplit

from adapters.http_xml.adapter import HttpXmlAdapter
from adapters.http_xml.client import NO_HEADERS, HttpClient
from adapters.http_xml.faults import FAULTS
from bus.core.adapter_options import connect_timeout, mistake
from bus.core.known_faults import KnownFault
from bus.core.route import Application
from bus.core.text import Text
from bus.ports.adapter import Adapter, Feature
from bus.ports.codec import Codec

CONNECT_LIMIT = 10.0  # s
OPTIONS = {
    "ca_file": Text(
        "Arquivo PEM dos certificados em que confiar, em vez dos da máquina.",
        "PEM file of the certificates to trust in place of the machine's.",
    ),
    "connect_timeout": Text(
        f"Segundos que a conexão pode levar; {CONNECT_LIMIT:g}, se não for dito.",
        f"Seconds that connecting may take; {CONNECT_LIMIT:g} where it is not given.",
    ),
}


class HttpXmlKind:
    """Makes adapters for applications that take XML over plain HTTP."""

    name = "http-xml"

    def open(self, application: Application, codec: Codec) -> Adapter:
        """An adapter for one application; BusFault where address or options make no sense."""
        return HttpXmlAdapter(application, codec, client_to(application, codec.most_answer))

    def options(self) -> Mapping[str, Text]:
        """The options it understands."""
        return OPTIONS

    def features(self) -> frozenset[Feature]:
        """None: it delivers alone."""
        return frozenset()

    def faults(self) -> tuple[KnownFault, ...]:
        """What any EAI may say."""
        return FAULTS


def client_to(
    application: Application, most_answer: int, headers: Mapping[str, str] = NO_HEADERS
) -> HttpClient:
    """The way to an application by HTTP, as its configuration has it, with more headers."""
    return HttpClient(
        _address(application),
        {**headers, **_authorisation(application)},
        _tls(application),
        connect_timeout(application, CONNECT_LIMIT),
        most_answer,
    )


def _address(application: Application) -> str:
    """The address, which holds no credentials: addresses are shown to people."""
    hint = Text(
        "Use http://servidor:porta/caminho, com usuário e senha em `credentials`.",
        "Use http://server:port/path, with user and password in `credentials`.",
    )
    if not _is_http(application.address):
        raise mistake(application, "address", "http://, https://", hint)
    if "@" in urlsplit(application.address).netloc:
        raise mistake(application, "address", "user:password@", hint)
    return application.address


def _is_http(address: str) -> bool:
    try:
        parts = urlsplit(address)
        return parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def _authorisation(application: Application) -> Mapping[str, str]:
    if application.credentials is None:
        return {}
    login = f"{application.credentials.user}:{application.credentials.password}"
    return {"Authorization": "Basic " + base64.b64encode(login.encode()).decode()}


def _tls(application: Application) -> ssl.SSLContext | None:
    file = application.options.get("ca_file")
    if not file:
        return None
    hint = Text(
        "Indique um arquivo PEM que o barramento possa ler.",
        "Name a PEM file that the bus can read.",
    )
    try:
        return ssl.create_default_context(cafile=file)
    except OSError as unreadable:  # an SSLError is one too
        raise mistake(application, "options.ca_file", file, hint) from unreadable
