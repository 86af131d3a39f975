"""The kinds of values that configuration has: each is written as text and read by its key."""

from __future__ import annotations

import re
from ipaddress import ip_network
from typing import Annotated, Literal, TypeVar
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo

from bus.config.context import around, unknown, wrong
from bus.core.broker import SCHEMES
from bus.core.closed_hours import ClosedHours
from bus.core.journal_address import is_postgres
from bus.core.known_faults import words
from bus.core.throttle import Rate
from bus.core.versions import parts_of

NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,30}")
RESERVED = frozenset({"answers"})
"""Names that the journal uses itself: `answers` is the sender in lanes that go back."""

EVERY_OTHER = "default"
"""In a mapping of entities, those that it does not name."""

_WITH_USER = re.compile(r"[^/]*//[^/]*@")
_DURATION = re.compile(r"(\d{1,9}(?:\.\d{1,6})?) *(ms|s|m|h|d)?", re.ASCII)
_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_SIZE = re.compile(r"(\d{1,12}) *(B|KB|MB|GB|TB)?", re.ASCII | re.IGNORECASE)
_BYTES = {"B": 1, "KB": 1024, "MB": 1024**2, "GB": 1024**3, "TB": 1024**4}

Item = TypeVar("Item")


def _seconds(value: object) -> object:
    found = _DURATION.fullmatch(value) if isinstance(value, str) else None
    seconds = float(found[1]) * _SECONDS[found[2] or "s"] if found else 0.0
    if isinstance(value, str) and not seconds:
        raise wrong("duration", value=value)
    return seconds or value


def _bytes(value: object) -> object:
    if not isinstance(value, str):
        return value
    found = _SIZE.fullmatch(value)
    if not found or not int(found[1]):
        raise wrong("size", value=value)
    return int(found[1]) * _BYTES[(found[2] or "B").upper()]


def _rate(value: object) -> object:
    if not isinstance(value, str):
        return value
    try:
        return Rate.read(value)
    except ValueError:
        raise wrong("rate", value=value) from None


def _closed(value: object) -> object:
    if not isinstance(value, str):
        return value
    try:
        return ClosedHours.read(value)
    except ValueError:
        raise wrong("closed_hours", value=value) from None


def _zone(value: str) -> str:
    if value and value not in available_timezones():
        raise unknown("unknown_zone", value, available_timezones())
    return value


def _name(value: str) -> str:
    if not NAME.fullmatch(value):
        raise wrong("name", value=value)
    if value in RESERVED:
        raise wrong("reserved", value=value)
    return value


_OF_FILES = {"file", "sqlite"}
"""The schemes of addresses without a host."""


def _url(value: str) -> str:
    if not value:
        return ""
    if _WITH_USER.match(value):
        raise wrong("inline_secret")
    try:
        parts = urlsplit(value)
        host = parts.hostname or (parts.scheme in _OF_FILES and parts.path.strip("/"))
        complete = parts.scheme and host and (parts.port is None or parts.port > 0)
    except ValueError:
        complete = None
    if not complete or not value.isprintable() or " " in value:
        raise wrong("url", value=value)
    return value


def _broker_url(value: str) -> str:
    if not value:
        return ""
    try:
        parts = urlsplit(value)
        complete = parts.hostname and (parts.port is None or parts.port > 0)
    except ValueError:
        parts, complete = urlsplit(""), None
    if not complete or not value.isprintable() or " " in value:
        raise wrong("broker_url")  # its words may hold the password
    if parts.scheme not in SCHEMES:
        raise wrong("broker_scheme", value=parts.scheme, known=", ".join(SCHEMES))
    return value


_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://")


def _journal(value: str) -> str:
    found = _SCHEME.match(value)
    if found is None:
        return value
    if not is_postgres(value):
        raise wrong("journal_scheme", value=found[1])
    parts = urlsplit(value)
    database = parts.path.removeprefix("/")
    server = parts.netloc.rpartition("@")[2] or "host=" in parts.query
    if not server or not database or parts.fragment or set("/@:") & set(database):
        raise wrong("journal_url")  # its words may hold the password
    return value


def _user(value: str) -> str:
    if ":" in value:
        raise wrong("colon", value=value)
    return value


def _network(value: str) -> str:
    try:
        network = ip_network(value)
    except ValueError:
        raise wrong("network", value=value) from None
    if not network.prefixlen:
        raise wrong("everywhere", value=value)
    return str(network)


def _networks(value: str) -> str:
    return ",".join(_network(each.strip()) for each in value.split(",")) if value else ""


def _application(value: str, info: ValidationInfo) -> str:
    known = around(info).declared
    if value not in known:
        raise unknown("unknown_application", value, known)
    return value


def _destination(value: str, info: ValidationInfo) -> str:
    if not around(info).receives(_application(value, info)):
        raise wrong("only_sends", value=value)
    return value


def _option_name(value: str, info: ValidationInfo) -> str:
    adapter = info.data.get("adapter", "")
    known = around(info).adapters.get(adapter, ())
    if adapter and value not in known:
        raise unknown("unknown_option", value, known, adapter=adapter)
    return value


def _transaction(value: str, info: ValidationInfo) -> str:
    known = {name.casefold(): name for name in around(info).transactions()}
    if value.casefold() not in known:
        raise unknown("unknown_transaction", value, known.values())
    return known[value.casefold()]


def _entity(value: str, info: ValidationInfo) -> str:
    return _entity_among(around(info).entities(), value)


def _words(value: str) -> str:
    try:
        words(value)
    except ValueError:
        raise wrong("no_words", value=value) from None
    return value


def _scope_of(value: str, info: ValidationInfo) -> str:
    return _entity_among(around(info).entities() | {EVERY_OTHER}, value)


def _entity_among(names: set[str], value: str) -> str:
    known = {name.casefold(): name for name in names}
    if value.casefold() not in known:
        raise unknown("unknown_entity", value, known.values())
    return known[value.casefold()]


def _reference(value: str, info: ValidationInfo) -> str:
    world = around(info)
    paths, entities = world.references(), world.entities()
    known = {name.casefold(): name for name in [*paths, *entities]}
    if value.casefold() not in known:
        raise unknown("unknown_reference", value, paths if "/" in value else known.values())
    return known[value.casefold()]


def _by_default(value: object) -> object:
    return {EVERY_OTHER: value} if isinstance(value, str) else value


def _version(value: str, info: ValidationInfo) -> str:
    transactions = info.data.get("transactions", ())
    known = around(info).versions(*transactions)
    if transactions and value not in known:
        raise unknown("unknown_version", value, known, transactions=", ".join(transactions))
    return value


def _product_version(value: str) -> str:
    try:
        parts_of(value)
    except ValueError:
        raise wrong("product_version", value=value) from None
    return value


def _condition(value: str, info: ValidationInfo) -> str:
    problem = around(info).check_condition(value)
    if problem is not None:
        example = "BusinessMessage/BusinessContent/Code = 'USD'"
        raise wrong("condition", problem=problem, example=example)
    return value


def _once(values: tuple[Item, ...]) -> tuple[Item, ...]:
    if not values:
        raise wrong("too_short")
    for at, value in enumerate(values):
        if value in values[:at]:
            raise wrong("twice", value=str(value))
    return values


Duration = Annotated[float, BeforeValidator(_seconds), "duration"]
"""Seconds, from `250ms`, `30s`, `5m`, `1h`, `3d` or a plain number."""

Size = Annotated[int, BeforeValidator(_bytes), "size"]
"""Bytes, from `512KB`, `10MB`, `200GB` or a plain number."""

Hours = Annotated[ClosedHours, BeforeValidator(_closed), "hours"]
"""A stretch of some days, or of all: `22:00-06:00`, `sat 00:00-24:00`, `mon-fri 12:00-13:00`."""

Zone = Annotated[str, AfterValidator(_zone), "time zone"]
"""A time zone by its name: `America/Sao_Paulo`."""

RateOf = Annotated[Rate, BeforeValidator(_rate), "rate"]
"""So many in a time, from `240 a minute`, `5 a second`, `1000 an hour` or `9000 a day`."""

Name = Annotated[str, AfterValidator(_name), "name"]
"""A name that people choose, which goes into lanes, queues and addresses."""

Network = Annotated[str, AfterValidator(_network), "network"]
"""An IP address, or a network of such: `10.0.0.5`, `10.0.1.0/24`."""

Networks = Annotated[str, AfterValidator(_networks), "networks"]
"""Several, with commas between them."""

User = Annotated[str, Field(min_length=1), AfterValidator(_user)]
"""The name of a user, as HTTP Basic can carry it."""

Address = Annotated[str, AfterValidator(_url), "URL"]
"""Where an application is reached; user and password do not belong in it."""

BrokerUrl = Annotated[str, AfterValidator(_broker_url), "URL"]
"""Where a message broker is reached, with user and password."""

Journal = Annotated[str, Field(min_length=1), AfterValidator(_journal), "file or URL"]
"""Where a journal is: the path of a file, or the address of a database, with user and password."""

OptionName = Annotated[str, AfterValidator(_option_name), "option of the adapter"]
"""An option that the application's adapter understands."""

Sender = Annotated[str, AfterValidator(_application), "application"]
"""An application declared in the file."""

Destination = Annotated[str, AfterValidator(_destination), "application"]
"""An application declared in the file that has an adapter."""

Transaction = Annotated[str, AfterValidator(_transaction), "transaction"]
"""A transaction that has a contract, in the contract's spelling."""

Entity = Annotated[str, AfterValidator(_entity), "entity"]
"""What ids name: an entity of some contract, in the contract's spelling."""

ScopeOf = Annotated[str, AfterValidator(_scope_of), "entity"]
"""An entity, or `default`."""

Reference = Annotated[str, AfterValidator(_reference), "entity or path"]
"""An entity of some contract, or the path of an element that refers to one."""

Ending = Annotated[str, Field(min_length=1), AfterValidator(lambda value: value.strip().upper())]
"""The last segment of an id, in any letter case."""

Words = Annotated[str, AfterValidator(_words), "words"]
"""Words of a text, of which there is at least one."""

Qualifier = Annotated[str, Field(min_length=1)]
"""Which of a thing's ids one is, such as `vendor`."""

Version = Annotated[str, AfterValidator(_version), "version"]
"""A version at which one of the route's transactions has a contract."""

ProductVersion = Annotated[str, AfterValidator(_product_version), "version of the product"]
"""Numbers with points between them."""

Condition = Annotated[str, AfterValidator(_condition), "XPath"]
"""An XPath over the TOTVSMessage."""

Mode = Literal["sync", "async"]
"""How a sender is answered."""

Several = Annotated[tuple[Item, ...], AfterValidator(_once)]
"""A list without repetitions, of at least one value."""

Scopes = Annotated[
    Item,
    BeforeValidator(_by_default),
    "`application` or `company` or `branch`, or a mapping of entities to these",
]
"""One value for all entities, or a mapping."""
