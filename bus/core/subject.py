"""What a message is about, by the texts at the paths that its contract names."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from bus.core.contract import Contract, Lifecycle
from bus.core.envelope import BusinessEvent, Envelope, Event
from bus.core.identity import document_of
from bus.core.route import Application
from bus.core.translation import is_blank

KEY = 200
"""Characters of a business key that can be searched for."""


class Target(NamedTuple):
    """A reference to a document whose lane a message goes in; its entity is casefolded."""

    entity: str
    id: str


@dataclass(frozen=True, slots=True)
class Subject:
    """What a message is about: its document's own id, and the target of a cancellation.

    `main` is the document that its own belongs to. `transaction` is casefolded; `sent_as` is as its
    sender writes it, with the version.
    """

    transaction: str
    entity: str
    own_id: str
    lifecycle: Lifecycle
    upsert: bool
    target: Target | None = None
    main: Target | None = None
    sent_as: tuple[str, str] = ("", "")


def subject_of(
    envelope: Envelope,
    contract: Contract | None,
    own_id: str,
    target: Target | None,
    main: Target | None = None,
) -> Subject:
    """What a message is about, by its contract; without one, by its identification."""
    business = envelope.business
    event = business if isinstance(business, BusinessEvent) else None
    entity = contract.entity if contract else (event.entity if event else "")
    lifecycle = contract.lifecycle if contract else Lifecycle.PROCESS
    upsert = event is not None and event.event is Event.UPSERT
    header = envelope.header
    return Subject(
        header.transaction.casefold(),
        entity or header.transaction,
        own_id,
        lifecycle,
        upsert,
        target,
        main,
        (header.transaction, header.version),
    )


def document_key(sender: Application, envelope: Envelope, subject: Subject) -> str:
    """The document itself; empty where there is none."""
    if subject.lifecycle is Lifecycle.QUERY or not subject.own_id:
        return ""
    return document_of(sender, envelope.header, subject.entity, subject.own_id)


def lane_document(sender: Application, envelope: Envelope, subject: Subject, document: str) -> str:
    """The document in whose lane it goes; empty where order does not count (S6).

    That which it belongs to, else that which it cancels, else itself (`document`).
    """
    named = subject.main or subject.target
    if named is None or not named.entity or subject.lifecycle is Lifecycle.QUERY:
        return document
    return document_of(sender, envelope.header, named.entity, named.id)


def main_documents(
    contract: Contract | None, texts_at: Callable[[str], Iterable[str]]
) -> tuple[Target, ...]:
    """The documents that a message names as those it belongs to, each once, the first filled first.

    `texts_at` gives the texts at a path.
    """
    named = (
        Target(element.entity.casefold(), text)
        for element in (contract.belongs_to if contract else ())
        for text in texts_at(element.path)
        if not is_blank(text)
    )
    return tuple(dict.fromkeys(named))


def subject_by(
    envelope: Envelope,
    contract: Contract | None,
    texts: Mapping[str, str],
    main: Target | None = None,
) -> Subject:
    """The document and its target; without a contract, by the envelope's identification."""
    if contract is None or not contract.catalogued:
        keys = getattr(envelope.business, "keys", ())
        own = next((value for name, value in keys if name.casefold() == "internalid"), "")
        return subject_of(envelope, None, own, None)
    own = next(filter(None, map(texts.__getitem__, contract.own_id)), "")
    if not own:
        parts = [texts[path] for path in contract.natural_key]
        own = "|".join(parts) if any(parts) else ""
    return subject_of(envelope, contract, own, _target(contract, texts), main)


def business_keys_by(
    contract: Contract | None, texts: Mapping[str, str]
) -> tuple[tuple[str, str], ...]:
    """What people search by: names and values."""
    named = contract.business_keys if contract else ()
    return tuple((name, texts[path][:KEY]) for name, path in named if texts[path])


def _target(contract: Contract, texts: Mapping[str, str]) -> Target | None:
    aim = contract.target
    if aim is None or not texts[aim.path]:
        return None
    entity = aim.entity_when(texts.get(aim.by_path, ""))
    return Target(entity.casefold(), texts[aim.path])
