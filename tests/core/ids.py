"""Ids in messages and in the de-para, in few words: from Protheus to Omie, and mostly of units."""

from collections.abc import Sequence
from dataclasses import replace

from bus.core.contract import IdElement, IdRole
from bus.core.envelope import Header, MessageType
from bus.core.route import Application, Deployment, IdScope, OnMissing
from bus.core.translation import FoundId, Known, TranslationContext
from depara.model import Key, Member, PairRow, SharedIds

UNIT, VENDOR, SHELF = "UnitOfMeasure", "CustomerVendor", "Shelf"
OWN, PART, REFERENCE, OPAQUE = IdRole.OWN, IdRole.OWN_PART, IdRole.REFERENCE, IdRole.OPAQUE
TAUGHT = frozenset({"unitofmeasure", "customervendor"})
"""What contracts teach; nobody teaches a Shelf."""
HEADER = Header(
    uuid="1",
    type=MessageType.BUSINESS,
    transaction="Part",
    version="1.000",
    company="01",
    branch="02",
)
PROTHEUS = Application("protheus", "PROTHEUS", id_scope=IdScope.WHOLE)
STRICT = Application("omie", "OMIE", id_scope=IdScope.WHOLE)
"""Omie as it comes: it waits for the company of a message."""
OMIE = replace(STRICT, references={"company": OnMissing.KEEP})
"""Omie where nothing is said of companies."""
ENDINGS = {"customervendor": {"C": "customer", "F": "vendor"}}
"""How Protheus marks an id."""


def found(
    value: str, entity: str = UNIT, role: IdRole = REFERENCE, *, path: str = "", wish: str = ""
) -> FoundId:
    """An id in a message; `wish` is the qualifier that its element wants."""
    path = path or ("InternalId" if role is OWN else f"{entity}InternalId")
    return FoundId(path, value, IdElement(path, role, entity, qualifier=wish))


def called(
    application: str, id_: str, entity: str = UNIT, *, scope: str = "", qualifier: str = ""
) -> Member:
    """What an application calls a thing."""
    return Member(Key(entity, application, scope, id_), qualifier)


def known(*things: Sequence[Member]) -> Known:
    """The de-para, where each of these is one thing."""
    table: dict[Key, tuple[PairRow, ...]] = {}
    for identity, members in enumerate(things, 1):
        rows = tuple(
            PairRow(number, identity, *member.key, member.qualifier, 1, 0, "person", 1, 0)
            for number, member in enumerate(members, 1)
        )
        table |= {member.key: rows for member in members}
    return table


def crossing(
    reader: Application = OMIE,
    *same: SharedIds,
    sender: Application = PROTHEUS,
    company: str = "01",
    branch: str = "02",
) -> TranslationContext:
    """From whom to whom, with these rules of equal ids."""
    header = HEADER._replace(company=company, branch=branch)
    return TranslationContext(sender, reader, header, Deployment(1, {}, (), same), TAUGHT)


def alike(*applications: str, entity: str = UNIT) -> SharedIds:
    """The rule that these call each thing of an entity the same."""
    return SharedIds(entity, frozenset(applications))


def in_turn(*declared: str) -> Application:
    """Omie, which wants a message for each of several ids of these."""
    return replace(OMIE, split_by=frozenset(declared))
