"""What is wrong with mappings by what is known without the database: contracts, and each other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import combinations
from typing import NamedTuple

from sqlalchemy.engine import URL

from adapters.tables.mapping import RowSource, RowTarget
from adapters.tables.settings import mapping_of, url_of, wrong_mapping
from bus.core.contract import Contract, MessageShape
from bus.core.contract_diff import Field
from bus.core.errors import BusFault, Fault
from bus.core.route import Application
from bus.core.suggest import suggestion
from bus.core.text import Text
from bus.ports.contracts import ContractFields

CONTENT = "BusinessContent"
NO_CONTRACT = Text("não há contrato {contract}", "there is no contract {contract}")
NO_EVENT = Text(
    "{contract} é uma pergunta, e linhas contam o que aconteceu",
    "{contract} is a question, and rows tell what happened",
)
NO_ELEMENT = Text("{contract} não tem {value}. {question}", "{contract} has no {value}. {question}")
NOT_MAPPED = Text(
    "{contract} exige {path}, e nada o preenche", "{contract} requires {path}, and nothing fills it"
)
WRONG_ORDER = Text(
    "em {contract}, {path} vem antes de {other}", "in {contract}, {path} comes before {other}"
)
SAME_ROWS = Text(
    "lê as mesmas linhas de {table} que {other}: dê a cada uma, em where, outro valor da mesma "
    "coluna",
    "it reads the same rows of {table} as {other}: give each, in where, another value of one "
    "column",
)
SAME_TABLE = Text(
    "escreve {transaction} em {table}, como {other}: uma mensagem ficaria lá duas vezes",
    "it writes {transaction} into {table}, as {other} does: a message would be there twice",
)


class OpenSource(NamedTuple):
    """A source, and whose it is; `place` is the database that it is in."""

    application: Application
    place: URL
    source: RowSource

    @property
    def name(self) -> str:
        """As people are told of it."""
        return f"{self.application.name}: sources.{self.source.name}"


class OpenTarget(NamedTuple):
    """A target, and whose it is; `place` is the database that it is in."""

    application: Application
    place: URL
    target: RowTarget


def mistakes_in(
    applications: Sequence[Application], contracts: ContractFields
) -> tuple[Fault, ...]:
    """All that is wrong; an application that cannot be opened is told of by its opening."""
    found: list[Fault] = []
    sources: list[OpenSource] = []
    targets: list[OpenTarget] = []
    for application in applications:
        try:
            place, mapping = url_of(application), mapping_of(application)
        except BusFault:
            continue
        for source in mapping.sources:
            key = f"sources.{source.name}.elements"
            wrong = _of_contract(source, contracts)
            found.extend(wrong_mapping(application, problem, key) for problem in wrong)
            if application.read_every:
                sources.append(OpenSource(application, place, source))
        for target in mapping.targets.values():
            key = f"targets.{target.name}.columns"
            wrong = _of_target(target, contracts)
            found.extend(wrong_mapping(application, problem, key) for problem in wrong)
            targets.append(OpenTarget(application, place, target))
    return (*found, *_same_rows(sources), *_written_twice(targets))


# -- contracts -------------------------------------------------------------------------------------


def _of_contract(source: RowSource, contracts: ContractFields) -> Iterator[Text]:
    name = f"{source.transaction} {source.version}"
    contract = contracts.find(source.transaction, source.version)
    if contract is None:
        yield NO_CONTRACT.filled(contract=name)
        return
    if contract.shape is MessageShape.REQUEST:
        yield NO_EVENT.filled(contract=name)
        return
    fields = _content_fields(contracts, contract)
    if not fields:
        return
    unknown = [path for path in sorted(source.paths()) if path not in fields]
    yield from (_no_element(path, fields, name) for path in unknown)
    if not unknown:
        for path in _missing(source.paths(), fields):
            yield NOT_MAPPED.filled(contract=name, path=path)
        yield from _out_of_order(source, fields, name)


def _content_fields(contracts: ContractFields, contract: Contract) -> dict[str, Field]:
    """The fields below BusinessContent by path; none where the contract has no list of them."""
    head = f"{CONTENT}/"
    fields = contracts.fields(contract).items()
    return {path.removeprefix(head): field for path, field in fields if path.startswith(head)}


def _no_element(path: str, fields: Mapping[str, Field], name: str) -> Text:
    told = suggestion(path, [one for one in fields if "@" not in one])
    return NO_ELEMENT.filled({"contract": name, **told})


def _missing(paths: Iterable[str], fields: Mapping[str, Field]) -> Iterator[str]:
    """The elements that must be there, in what is there, and that nothing fills."""
    there = {""}
    for path in paths:
        steps = path.split("/")
        there |= {"/".join(steps[: count + 1]) for count in range(len(steps))}
    for path, field in fields.items():
        parent, _, name = path.rpartition("/")
        if field.least and parent in there and path not in there and not name.startswith("@"):
            yield path


def _out_of_order(source: RowSource, fields: Mapping[str, Field], name: str) -> Iterator[Text]:
    """Elements that stand in another order than the contract has them."""
    ordered = list(fields)
    groups = [list(source.cells)]
    if details := source.details:
        groups.append([f"{details.element}/{path}" for path in details.cells])
    for group in groups:
        for path, other in combinations(group, 2):
            parent = path.rpartition("/")[0]
            if parent == other.rpartition("/")[0] and ordered.index(path) > ordered.index(other):
                yield WRONG_ORDER.filled(contract=name, path=other, other=path)
                return


def _of_target(target: RowTarget, contracts: ContractFields) -> Iterator[Text]:
    """Elements that no version of a transaction has; contracts that nobody knows are not asked."""
    known = [one for one in contracts.known() if target.transaction.casefold() in one.spellings]
    if not known:
        yield NO_CONTRACT.filled(contract=target.transaction)
        return
    fields: dict[str, Field] = {}
    for contract in known:
        fields |= _content_fields(contracts, contract)
    for path in sorted(_read_by(target)):
        if fields and path not in fields:
            yield _no_element(path, fields, target.transaction)


def _read_by(target: RowTarget) -> frozenset[str]:
    paths = {one.origin for one in target.cells.values() if one.origin}
    if details := target.details:
        paths |= {f"{details.element}/{one.origin}" for one in details.cells.values() if one.origin}
    return frozenset(paths)


# -- each other ------------------------------------------------------------------------------------


def _same_rows(sources: Iterable[OpenSource]) -> Iterator[Fault]:
    """W-07: two readers of which one row could be both's."""
    for one, other in combinations(sources, 2):
        if one.place == other.place and not _are_apart(one.source, other.source):
            problem = SAME_ROWS.filled(table=other.source.table, other=one.name)
            yield wrong_mapping(other.application, problem, f"sources.{other.source.name}.where")


def _written_twice(targets: Iterable[OpenTarget]) -> Iterator[Fault]:
    """W-07: two applications by which one message would be written into one table."""
    for one, other in combinations(targets, 2):
        mine, theirs = one.target, other.target
        same_table = one.place == other.place and mine.table.casefold() == theirs.table.casefold()
        if same_table and mine.transaction.casefold() == theirs.transaction.casefold():
            told = {"table": theirs.table, "transaction": theirs.transaction}
            problem = SAME_TABLE.filled(told, other=f"{one.application.name}: targets.{mine.name}")
            yield wrong_mapping(other.application, problem, f"targets.{theirs.name}.table")


def _are_apart(one: RowSource, other: RowSource) -> bool:
    """Whether no row can be both's: of other tables, or with other values of one column."""
    if one.table.casefold() != other.table.casefold():
        return True
    values = {name.casefold(): value for name, value in other.where.items()}
    return any(
        values.get(name.casefold(), value).strip() != value.strip()
        for name, value in one.where.items()
    )
