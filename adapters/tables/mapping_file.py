"""Reads a mapping file into what it says; the first thing that is wrong is told with its line."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from adapters.tables.mapping import (
    CellRule,
    DetailRows,
    DetailTarget,
    RowSource,
    RowState,
    RowTarget,
    Sign,
    TableMapping,
    ValueForm,
)
from adapters.tables.mapping_keys import MappingKeys, WrongMapping, keys_of
from bus.core.envelope import Event
from bus.core.system_words import words_of
from bus.core.text import Text

MESSAGE = re.compile(r"\S+ \d+\.\d{3}")
NO_MESSAGE = Text(
    "{key} deve ser uma transação com a sua versão, como “Item 4.005”",
    "{key} must be a transaction with its version, such as “Item 4.005”",
)
NOTHING = Text("{key} não diz nada", "{key} says nothing")
ONE_ORIGIN = Text(
    "{key} deve dizer {origin} ou constant, e um só deles",
    "{key} must say {origin} or constant, and one of them alone",
)
TAKEN_IS_NEW = Text(
    "{key}: uma linha tratada não pode ter um valor de linha nova",
    "{key}: a row that was dealt with must not have a value of new ones",
)
NO_LENGTH = Text(
    "{key} precisa de error_length: quantos caracteres cabem na coluna",
    "{key} needs error_length: how many characters fit into the column",
)
TOO_SHORT = Text(
    "{key} deve ser pelo menos {least}, para que duas chaves nunca sejam iguais",
    "{key} must be {least} at least, lest two keys be the same",
)
TWO_TARGETS = Text(
    "{transaction} já tem as suas linhas em {other}",
    "{transaction} has its rows in {other} already",
)
LEAST_LENGTH = {False: 10, True: 15}
"""Characters of a key of ours, and digits of one that is a number: some 50 bits of a digest."""
MOST_LENGTH = {False: 40, True: 18}


def read_mapping(file: Path) -> TableMapping:
    """What a mapping file says; WrongMapping where it cannot be read or makes no sense."""
    try:
        text = file.read_text("utf-8-sig")
    except OSError as error:
        raise WrongMapping(words_of(error), 0) from error
    except UnicodeDecodeError as error:
        problem = Text("não está em UTF-8", "it is not in UTF-8")
        raise WrongMapping(problem, 0) from error
    return mapping_in(text)


def mapping_in(text: str) -> TableMapping:
    """What the text of a mapping file says; WrongMapping where it makes no sense."""
    top = keys_of(text)
    sources = tuple(_source(name, keys) for name, keys in _sections(top, "sources"))
    targets: dict[str, RowTarget] = {}
    for name, keys in _sections(top, "targets"):
        target = _target(name, keys)
        if other := targets.get(target.transaction.casefold()):
            told = {"transaction": target.transaction, "other": other.name}
            raise WrongMapping(TWO_TARGETS.filled(told), keys.line, keys.path)
        targets[target.transaction.casefold()] = target
    top.end()
    if not sources and not targets:
        raise top.wrong("sources, targets", NOTHING)
    return TableMapping(sources, targets)


def _sections(top: MappingKeys, key: str) -> list[tuple[str, MappingKeys]]:
    found = []
    for name, keys in top.each(key).items():
        if isinstance(keys, str):
            raise top.wrong(f"{key}.{name}", NOTHING)
        found.append((name, keys))
    return found


def _source(name: str, keys: MappingKeys) -> RowSource:
    message = keys.text("message")
    if not MESSAGE.fullmatch(message):
        raise keys.wrong("message", NO_MESSAGE)
    transaction, version = message.split(" ")
    key = keys.text("key")
    source = RowSource(
        name,
        keys.text("table"),
        key,
        keys.texts("where"),
        _state(keys.below("state")),
        transaction,
        version,
        _cells(keys, "elements", "column"),
        Event(keys.choice("event", tuple(Event), Event.UPSERT)),
        _detail_rows(keys.below("details"), key) if keys.has("details") else None,
    )
    keys.end()
    return source


def _state(keys: MappingKeys) -> RowState:
    state = RowState(
        keys.text("column"),
        keys.values("new"),
        keys.text("taken"),
        keys.optional("failed"),
        keys.text("time", ""),
        keys.text("error", ""),
        keys.whole("error_length", 0),
        keys.text("attempts", ""),
    )
    if {state.taken, state.failed} & {one for one in state.new if one is not None}:
        raise keys.wrong("new", TAKEN_IS_NEW)
    if state.error and not state.error_length:
        raise keys.wrong("error", NO_LENGTH)
    keys.end()
    return state


def _detail_rows(keys: MappingKeys, key: str) -> DetailRows:
    details = DetailRows(
        keys.text("table"),
        keys.text("key", key),
        keys.text("order"),
        keys.text("element"),
        _cells(keys, "elements", "column"),
    )
    keys.end()
    return details


def _target(name: str, keys: MappingKeys) -> RowTarget:
    inner = keys.below("key")
    column, is_number = inner.text("column"), inner.truth("number")
    length = inner.whole("length")
    if length < LEAST_LENGTH[is_number]:
        problem = TOO_SHORT.filled(key="length", least=str(LEAST_LENGTH[is_number]))
        raise WrongMapping(problem, inner.line, f"{inner.path}.length")
    inner.end()
    target = RowTarget(
        name,
        keys.text("message"),
        keys.text("table"),
        column,
        min(length, MOST_LENGTH[is_number]),
        _cells(keys, "columns", "element"),
        is_number,
        _detail_target(keys.below("details"), column) if keys.has("details") else None,
    )
    keys.end()
    return target


def _detail_target(keys: MappingKeys, key: str) -> DetailTarget:
    details = DetailTarget(
        keys.text("table"),
        keys.text("key", key),
        keys.text("element"),
        _cells(keys, "columns", "element"),
        keys.text("number", ""),
    )
    keys.end()
    return details


def _cells(keys: MappingKeys, key: str, origin: str) -> Mapping[str, CellRule]:
    """The rules of columns or elements; a text alone is where the value comes from."""
    found = {
        name: CellRule(told) if isinstance(told, str) else _cell(told, origin)
        for name, told in keys.each(key).items()
    }
    if not found:
        raise keys.wrong(key, NOTHING)
    return found


def _cell(keys: MappingKeys, origin: str) -> CellRule:
    cell = CellRule(
        keys.text(origin, ""),
        keys.optional("constant"),
        keys.optional("default"),
        ValueForm(keys.choice("as", tuple(ValueForm), ValueForm.TEXT)),
        keys.text("format", ""),
        keys.whole("places", 0) if keys.has("places") else None,
        keys.truth("comma"),
        Sign(keys.choice("sign", tuple(Sign), Sign.KEEP)),
        keys.texts("codes") if keys.has("codes") else None,
        keys.whole("length", 0),
    )
    if bool(cell.origin) is (cell.constant is not None):
        raise WrongMapping(
            ONE_ORIGIN.filled(key=keys.path.rpartition(".")[2], origin=origin),
            keys.line,
            keys.path,
        )
    keys.end()
    return cell
