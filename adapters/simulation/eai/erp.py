"""A simulated ERP behind its EAI: registers and documents, de-para, and what it says of mistakes.

What it does with an upsert, a delete or a cancellation, and its texts, are those of the Protheus
adapters; where a product differs, its description says so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from html import escape

from adapters.simulation.clerk import ClerkAnswer, own_id_of
from adapters.simulation.eai.books import Declined, ErpBooks, Incoming
from adapters.simulation.eai.entities import Entity, ErpProduct, Table, TooLong
from adapters.simulation.eai.pairs import ErpPairs
from adapters.simulation.eai.tables import ErpRow, ErpTables
from adapters.simulation.ledger import Effect, Ledger
from bus.core.envelope import (
    BusinessEvent,
    Envelope,
    Event,
    InternalIdPair,
    MessageType,
    Status,
)
from bus.ports.codec import Document

NOT_TAKEN = "Não há tratamento para recebimento dessa mensagem no {product}"
NO_VERSION = "Versão não tratada pelo adapter. As versões suportadas são: {versions}"
NOT_FOUND = "{entity} {id} não encontrada no de/para!"
NOT_THERE = "O registro a ser excluído não existe na base {product} -> {id}"
NO_PRODUCT = "A Marca é obrigatória!"
NO_KIND = "O tipo {kind} não é tratado pelo adapter!"
TOO_LONG = "O código {code} possui tamanho maior que o permitido: {size}"
FULL = "Não há mais posições para {transaction}: o limite é {most}"
NEVER_CREATES = "{transaction} {id} não encontrada: esta mensagem não inclui, apenas altera"


LOADED = """\
<EntityReturn><EntityName>{entity}</EntityName><ListOfInternalIdLoadReturn>\
<InternalIdLoadReturn><OriginInternalId>{origin}</OriginInternalId>\
<DestinationInternalId>{destination}</DestinationInternalId><Status>{status}</Status>\
</InternalIdLoadReturn></ListOfInternalIdLoadReturn></EntityReturn>"""


def loaded(entity: str, origin: str, destination: str) -> str:
    """What is returned about a record of a load of pairs; an error where it names nothing here."""
    status = Status.OK if destination else Status.ERROR
    texts = {"entity": entity, "origin": origin, "destination": destination, "status": status}
    return LOADED.format(**{name: escape(text) for name, text in texts.items()})


class Erp:
    """Implements `Clerk` for one product."""

    def __init__(self, product: ErpProduct, ledger: Ledger, books: ErpBooks) -> None:
        self._product = product
        self._books = books
        self._ledger = ledger
        self.pairs = ErpPairs(product)
        self.tables = ErpTables(product.company, product.branch)
        self._deletions: dict[str, tuple[Entity, str]] = {}
        self._numbers: dict[str, int] = {}
        self._deferred: list[Document] = []
        self._promised: dict[tuple[str, str], str] = {}
        for transaction, code, description in product.standard:
            self.insert(transaction, code, {"Description": description})

    def process(self, document: Document) -> ClerkAnswer:
        """Do what a message asks, or say in the ERP's words why not."""
        envelope = document.envelope
        if envelope.header.type is not MessageType.BUSINESS:
            self.hear(envelope)
            self._ledger.note(document, "", "", Effect.ANSWERED)
            return ClerkAnswer()
        entity = self._product.entity(envelope.header.transaction)
        if entity is None and self._product.unregistered:
            text = self._product.unregistered.format(name=envelope.header.transaction.upper())
            return ClerkAnswer(Status.ERROR, text, bare=True)
        try:
            return self._done(document, self._admitted(entity, envelope))
        except Declined as no:
            return ClerkAnswer(Status.ERROR, str(no))

    def pretend(self, document: Document) -> ClerkAnswer:
        """Say OK with the id of a document, and book nothing of it until `catch_up`.

        The id is in the de-para by then, as in an ERP that defers its work. What makes no document
        is met as always.
        """
        entity = self._product.entity(document.envelope.header.transaction)
        event = document.envelope.business
        upsert = isinstance(event, BusinessEvent) and event.event is Event.UPSERT
        if entity is None or not (entity.tables and upsert):
            return self.process(document)
        product, external = document.envelope.header.product.name, own_id_of(document)
        known = self.pairs.find(product, entity.transaction, external)
        if not known:
            code = self.tables.make_code(entity)
            self.tables.reserve(entity.tables[0], code)
            known = (self.tables.compose(entity.tables[0], code),)
            self.pairs.learn(product, entity.transaction, external, known)
            self._promised[entity.transaction, external] = code
        self._deferred.append(document)
        ids = (InternalIdPair(entity.transaction, external, id_) for id_ in known)
        return ClerkAnswer(ids=tuple(ids))

    def catch_up(self) -> None:
        """Do at last what was said to be done."""
        deferred, self._deferred = self._deferred, []
        for document in deferred:
            self.process(document)

    def hear(self, envelope: Envelope) -> None:
        """Learn the ids in another's response to a message sent from here."""
        response, header = envelope.response, envelope.header
        if not response:
            return
        deletion = self._deletions.pop(response.received_uuid, None)
        self._books.hear(response)
        if response.status is not Status.OK:
            return
        if deletion:
            self._remove(*deletion)
            return
        for pair in response.ids:
            name = pair.name or header.transaction
            entity = name[: -len("InternalId")] if name.lower().endswith("internalid") else name
            self.pairs.learn(header.product.name, entity, pair.destination, (pair.origin,))

    def insert(self, transaction: str, code: str, values: Mapping[str, str]) -> ErpRow | None:
        """Keep a document of its own; None where the transaction has no table."""
        entity = self._product.entity(transaction)
        tables = entity.tables_for(values.get(entity.kind, "")) if entity else ()
        if not tables:
            return None
        id_ = self.tables.compose(tables[0], code, values.get("StoreId", ""))
        old = self.tables.by_id(tables[0], id_)
        row = ErpRow(tables[0].name, code, id_, {**(old.values if old else {}), **values})
        self.tables.keep(row)
        return row

    def delete(self, uuid: str, entity: Entity, id_: str) -> None:
        """A document goes, with its pairs, when the answer to that message says OK."""
        self._deletions[uuid] = (entity, id_)

    def id_of(self, transaction: str, code: str) -> str:
        """The internal id of the document with a code; KeyError where there is none."""
        entity = self._product.entity(transaction)
        for table in entity.tables if entity else ():
            if row := self.tables.by_code(table, code):
                return row.id
        raise KeyError(f"{self._product.name} has no {transaction} {code}")

    def new(self, transaction: str) -> tuple[str, str]:
        """The code and the id of a document to come; KeyError where it has no such transaction."""
        entity = self._product.entity(transaction)
        if entity is None:
            raise KeyError(f"{self._product.name} has no {transaction}")
        code = self.tables.make_code(entity)
        self.tables.reserve(entity.tables[0], code)
        return code, self.tables.compose(entity.tables[0], code)

    def _admitted(self, entity: Entity | None, envelope: Envelope) -> Entity:
        if entity is None or not entity.receives:
            raise Declined(NOT_TAKEN.format(product=self._product.title))
        if envelope.header.version not in entity.versions:
            raise Declined(NO_VERSION.format(versions=", ".join(entity.versions)))
        if not envelope.header.product.name:
            raise Declined(NO_PRODUCT)
        return entity

    def _done(self, document: Document, entity: Entity) -> ClerkAnswer:
        if entity.loads:
            return self._load(document)
        if entity.query:
            return self._look_up(document, entity)
        if not entity.tables:
            return (
                self._cancel(document, entity) if entity.cancels else self._tell(document, entity)
            )
        business = document.envelope.business
        if isinstance(business, BusinessEvent) and business.event is Event.DELETE:
            return self._delete(document, entity)
        return self._upsert(document, entity)

    def _upsert(self, document: Document, entity: Entity) -> ClerkAnswer:
        values = self._values(document, entity)
        self._check(document, entity, values)
        product = document.envelope.header.product.name
        external = own_id_of(document)
        known = () if entity.anew else self.pairs.find(product, entity.transaction, external)
        promised = self._promised.pop((entity.transaction, external), "")
        kept = [
            self._kept(table, entity, values, known, promised)
            for table in entity.tables_for(values.get(entity.kind, ""))
        ]
        rows = [row for row, _ in kept]
        parts = self._parts(document, entity, rows[0])
        gone = self._books.take(self._arrival(document, entity, rows[0].id, parts))
        for row in rows:
            self.tables.keep(row)
        own = tuple(dict.fromkeys((*known, *(row.id for row in rows))))
        self.pairs.learn(product, entity.transaction, external, own)
        for part in parts:
            self.pairs.learn(product, part.name, part.origin, (part.destination,))
        effect = Effect.CREATED if any(new for _, new in kept) else Effect.UPDATED
        self._ledger.note(document, external, rows[0].id, effect)
        self._let_go(entity, gone)
        ids = [InternalIdPair(entity.transaction, external, row.id) for row in rows]
        return ClerkAnswer(ids=(*ids, *parts))

    def _arrival(
        self, document: Document, entity: Entity, id_: str, parts: Sequence[InternalIdPair] = ()
    ) -> Incoming:
        product = document.envelope.header.product.name

        def find(name: str, external: str) -> str:
            return next(iter(self.pairs.find(product, name, external)), "")

        made = {part.origin: part.destination for part in parts}
        return Incoming(entity.transaction, id_, document.content(), made, find)

    def _kept(
        self,
        table: Table,
        entity: Entity,
        values: Mapping[str, str],
        known: tuple[str, ...],
        promised: str = "",
    ) -> tuple[ErpRow, bool]:
        """A row as it will stand, and whether it is new: under the code that was promised."""
        by_pair = (row for id_ in known if (row := self.tables.by_id(table, id_)))
        code = values.get(entity.code, "")
        natural = None if entity.too_long is TooLong.ALWAYS_GENERATE else code
        old = next(by_pair, None) or (self.tables.by_code(table, natural) if natural else None)
        if old:
            told = {k: v for k, v in values.items() if not entity.updates or k in entity.updates}
            return replace(old, values={**old.values, **told}), False
        if not entity.creates:
            raise Declined(NEVER_CREATES.format(transaction=entity.transaction, id=code))
        if entity.most and len(self.tables.of(table.name)) >= entity.most:
            raise Declined(FULL.format(transaction=entity.transaction, most=entity.most))
        new = promised or self._code(entity, code)
        return ErpRow(table.name, new, self.tables.compose(table, new), dict(values)), True

    def _code(self, entity: Entity, code: str) -> str:
        fits = code and (not entity.size or len(code) <= entity.size)
        if fits and entity.too_long is not TooLong.ALWAYS_GENERATE:
            return code
        if entity.too_long is TooLong.REFUSE:
            raise Declined(TOO_LONG.format(code=code, size=entity.size))
        return self.tables.make_code(entity)

    def _parts(self, document: Document, entity: Entity, row: ErpRow) -> list[InternalIdPair]:
        """The ids of the items, each made of that of the document and a number never used there."""
        product, made = document.envelope.header.product.name, []
        for path, name in entity.parts:
            for external in document.texts(path):
                known = () if entity.anew else self.pairs.find(product, name, external)
                made.append(InternalIdPair(name, external, next(iter(known), self._number(row.id))))
        return made

    def _number(self, id_: str) -> str:
        number = self._numbers[id_] = self._numbers.get(id_, 0) + 1
        return f"{id_}|{number:03d}"

    def _let_go(self, entity: Entity, gone: Sequence[str]) -> None:
        """Remove what no longer stands: documents, or parts of them."""
        for id_ in gone:
            self._remove(entity, id_)
            for _, name in entity.parts:
                self.pairs.forget(name, id_)

    def _delete(self, document: Document, entity: Entity) -> ClerkAnswer:
        external = own_id_of(document)
        product = document.envelope.header.product.name
        own = self.pairs.find(product, entity.transaction, external)
        if not own:
            raise Declined(NOT_THERE.format(product=self._product.title, id=external))
        for id_ in own:
            self._remove(entity, id_)
        self._ledger.note(document, external, own[0], Effect.DELETED)
        return ClerkAnswer(
            ids=tuple(InternalIdPair(entity.transaction, external, id_) for id_ in own)
        )

    def _remove(self, entity: Entity, id_: str) -> None:
        for table in entity.tables:
            if row := self.tables.by_id(table, id_):
                self.tables.remove(row)
        self.pairs.forget(entity.transaction, id_)

    def _cancel(self, document: Document, entity: Entity) -> ClerkAnswer:
        self._check(document, entity, {})
        external, kind = document.values((entity.cancels, "Type"))
        name = entity.by_type.get(kind)
        if name is None:
            raise Declined(NO_KIND.format(kind=kind))
        product = document.envelope.header.product.name
        own = self.pairs.find(product, name, external)
        if not own:
            raise Declined(NOT_FOUND.format(entity=name, id=external))
        self._books.cancel(name, own[0])
        target = self._product.entity(name)
        for table in target.tables if target else ():
            if row := self.tables.by_id(table, own[0]):
                self.tables.keep(replace(row, cancelled=True))
        self._ledger.note(document, external, own[0], Effect.UPDATED)
        return ClerkAnswer()

    def _load(self, document: Document) -> ClerkAnswer:
        """Pair the sender's key of each record with the own id that it names, if it stands."""
        product, told = document.envelope.header.product.name, []
        for register in document.content().all("ListOfEntity/Entity"):
            name = register.text_at("EntityName")
            for record in register.all("ListOfInternalIdLoad/InternalIdLoad"):
                external, code = record.text_at("NewIntegrationId"), record.text_at("IntegrationId")
                own = self._own_of(name, code)
                self.pairs.learn(product, name, external, (own,) if own else ())
                told.append(loaded(name, external, own))
        self._ledger.note(document, "", "", Effect.UPDATED)
        return ClerkAnswer(content=f"<ListOfEntityReturn>{''.join(told)}</ListOfEntityReturn>")

    def _own_of(self, transaction: str, code: str) -> str:
        """The own id that a record of a load names: of companies and branches, with a `;`."""
        if transaction.casefold() in {"company", "branch"}:
            return code.replace(";", "|")
        try:
            return self.id_of(transaction, code)
        except KeyError:
            return ""

    def _look_up(self, document: Document, entity: Entity) -> ClerkAnswer:
        """What the books say to a query."""
        self._check(document, entity, {})
        content = self._books.tell(self._arrival(document, entity, ""))
        self._ledger.note(document, "", "", Effect.ANSWERED)
        return ClerkAnswer(content=content)

    def _tell(self, document: Document, entity: Entity) -> ClerkAnswer:
        """What a query asks, of things that are in the de-para."""
        self._check(document, entity, {})
        self._ledger.note(document, "", "", Effect.ANSWERED)
        return ClerkAnswer(content=entity.tells(document) if entity.tells else self._who())

    def _who(self) -> str:
        """Which transactions it takes and sends, as an answer to WhoIs."""
        rows = [
            f"<Transaction><Name>{e.transaction}</Name><Version>{version}</Version>"
            f"<Mode>{'BOTH_ENABLED' if e.receives else 'SEND_ENABLED'}</Mode></Transaction>"
            for e in self._product.entities
            for version in e.versions
        ]
        return f"<EnabledTransactions>{''.join(rows)}</EnabledTransactions>"

    def _values(self, document: Document, entity: Entity) -> Mapping[str, str]:
        texts = document.values(entity.layout)
        return {path: text for path, text in zip(entity.layout, texts, strict=True) if text.strip()}

    def _check(self, document: Document, entity: Entity, values: Mapping[str, str]) -> None:
        """Refuse what is not filled, of no known kind, or points to what is not in the de-para."""
        for path, text in entity.required:
            if not values.get(path) and not document.values((path,))[0].strip():
                raise Declined(text)
        if entity.tables and not entity.tables_for(values.get(entity.kind, "")):
            raise Declined(NO_KIND.format(kind=values.get(entity.kind, "")))
        product = document.envelope.header.product.name
        for path, name in entity.references:
            for external in document.texts(path):
                if external.strip() and not self.pairs.find(product, name, external):
                    raise Declined(NOT_FOUND.format(entity=name, id=external))
