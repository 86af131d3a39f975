"""What a simulated ERP knows of a transaction: its tables, codes, ids, references and elements."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from bus.ports.codec import Document
from depara.model import IdLimits

EXACT = IdLimits(ignores_case=False, ignores_padding=False)
"""Ids are looked up as they come."""


class TooLong(StrEnum):
    """What becomes of a code that is longer than its field. None is ever cut."""

    REFUSE = "refuse"
    GENERATE = "generate"  # the ERP makes a code of its own; a code that fits is copied
    ALWAYS_GENERATE = "always"  # even a code that fits is not copied


@dataclass(frozen=True, slots=True)
class Table:
    """Where documents are kept. `pattern` composes the internal id of company, branch, code, store.

    `only` are the values of the entity's `kind` for which a document stands here; empty: any.
    """

    name: str
    pattern: str
    only: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Entity:
    """One transaction as an ERP takes and sends it. Paths are below BusinessContent.

    `required` are the paths that must be filled, with the text that says so. `references` and
    `parts` are (path, entity): ids that must be in the de-para, and ids of the document's items.
    `layout` are the elements that it sends, in order, those of `always` even if empty. `most` rows
    are kept, where it is not 0. An update changes the paths in `updates` alone, where there are
    some. `cancels` is the path of the reference that a cancellation is about; what it names is in
    `by_type`, by the text at `Type`. `tells` is what a query returns: the inside of ReturnContent.
    `aliases` are other names that the transaction goes by. `loads`: it brings pairs of registers.
    With `anew` each arrival makes a document, whatever its id. A `query` is answered out of the
    books of the product.
    """

    transaction: str
    versions: tuple[str, ...]
    tables: tuple[Table, ...] = ()
    size: int = 0
    too_long: TooLong = TooLong.REFUSE
    letters: bool = False
    code: str = "Code"
    kind: str = ""
    required: tuple[tuple[str, str], ...] = ()
    references: tuple[tuple[str, str], ...] = ()
    parts: tuple[tuple[str, str], ...] = ()
    layout: tuple[str, ...] = ()
    always: tuple[str, ...] = ()
    most: int = 0
    receives: bool = True
    creates: bool = True
    updates: tuple[str, ...] = ()
    cancels: str = ""
    by_type: Mapping[str, str] = field(default_factory=dict)
    tells: Callable[[Document], str] | None = None
    aliases: tuple[str, ...] = ()
    loads: bool = False
    anew: bool = False
    query: bool = False

    def tables_for(self, kind: str) -> tuple[Table, ...]:
        """The tables of a document of a kind: a partner that is both stands in two."""
        return tuple(t for t in self.tables if not t.only or kind.upper() in t.only)

    def goes_by(self, name: str) -> bool:
        """Whether it is the transaction of that name, in any letter case."""
        return name.casefold() in {one.casefold() for one in (self.transaction, *self.aliases)}


@dataclass(frozen=True, slots=True)
class ErpProduct:
    """A product whose EAI is played: how it names, composes and limits things.

    `name` is its trade name, `title` what it calls itself. `header` is the template of
    MessageInformation as it writes it. `id_limits` is how the ids of others are kept; names of
    products are cut at `product_limit` where it is not 0. `standard` are rows that it comes with:
    transaction, code, description. `unregistered` is the bare text about a transaction that
    it has no adapter for (empty: an ERROR like others). `calls` are the options of eai-soap with
    which it calls the bus.
    """

    name: str
    title: str
    version: str
    header: str
    company: str
    branch: str
    entities: tuple[Entity, ...]
    standard: tuple[tuple[str, str, str], ...] = ()
    id_limits: IdLimits = EXACT
    product_limit: int = 0
    unregistered: str = ""
    calls: Mapping[str, str] = field(default_factory=dict)

    def entity(self, transaction: str) -> Entity | None:
        """What it knows of a transaction, in any letter case."""
        return next((entity for entity in self.entities if entity.goes_by(transaction)), None)


CODE = ("Code", "O código é obrigatório!")
ID = ("InternalId", "O InternalId é obrigatório!")
DESCRIPTION = ("Description", "A descrição é obrigatória!")
NAME = ("Name", "O nome é obrigatório!")
