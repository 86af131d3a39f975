"""The fields of a contract in one form, whoever wrote them down, and a digest of them.

The field tables of the published contracts are not ours to keep; what is kept of each is how many
fields it has and the digest of them in this form. With what docs/contracts.md says of a contract
taken away from it, ours must have the same.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from bus.core.contract_diff import Field

PAGE = Path(__file__).parents[2] / "docs" / "contracts.md"
_COMPLEX = {"type": "complex", "facets": "", "group": "sequence"}
_FORMATS = {"format=date": ("date", ""), "format=date-time": ("dateTime", "")}
_NAMES = {"minimum": "minInclusive", "maximum": "maxInclusive"}


class Departure(NamedTuple):
    """One row of the page: where a contract of ours departs from the published one, and why.

    `kind` is `added` (it and what is below), `text` (an element with children takes text too) or
    `any order` (of its children).
    """

    contract: str
    path: str
    kind: str
    why: str


@dataclass(frozen=True, slots=True)
class Line:
    """One field: its occurrences, type, facets, and whether its parent is an xs:all."""

    path: str
    least: int
    most: int
    type: str
    facets: tuple[str, ...]
    any_order: bool

    def __str__(self) -> str:
        """The line that is digested."""
        told = (self.path, self.least, self.most, self.type, *self.facets, self.any_order)
        return "|".join(map(str, told))


def departures() -> tuple[Departure, ...]:
    """The rows of the page."""
    rows = (line.strip().strip("|") for line in PAGE.read_text("utf-8").splitlines())
    cells = [tuple(cell.strip().strip("`") for cell in row.split(" | ")) for row in rows]
    return tuple(Departure(*row) for row in cells if len(row) == 4 and row[0].count("_") == 2)


def digest(lines: Iterable[Line]) -> tuple[int, str]:
    """How many fields there are, and the digest of them in their order."""
    told = [str(line) for line in lines]
    return len(told), hashlib.sha256("\n".join(told).encode()).hexdigest()


def lines_of_ours(fields: Mapping[str, Field], but: Iterable[Departure]) -> Iterator[Line]:
    """The fields of a contract of ours, without its departures."""
    kinds = {(one.path, one.kind) for one in but}
    anything = {path.removesuffix("/*") for path in fields if path.endswith("/*")}
    for path, field in fields.items():
        if path.endswith("*") or any(_is_at(path, one) for one, kind in kinds if kind == "added"):
            continue
        parent = path.rpartition("/")[0]
        any_order = bool(parent) and _is_all(fields[parent]) and (parent, "any order") not in kinds
        type_ = "" if (path, "text") in kinds else field.type
        type_ = "anyType" if path in anything else type_
        limits = [f"{key}={value}" for key, value in field.limits if key != "whiteSpace"]
        listed = [f"enum={value}" for value in field.values]
        patterns = [f"pattern={value}" for value in field.patterns]
        facets = tuple(sorted([*limits, *listed, *patterns]))
        yield Line(path, field.least, field.most, type_, facets, any_order)


def lines_of_table(rows: Iterable[Mapping[str, str]]) -> Iterator[Line]:
    """The fields of a published table: path, type, min, max, facets, group."""
    for row in _in_xml(rows):
        path, most = row["path"], row["max"]
        type_ = "" if row["type"] in {"complex", "array"} else row["type"]
        any_order = row["group"] == "all" and "/" in path
        yield Line(
            path, int(row["min"]), -1 if most == "*" else int(most), type_,
            tuple(sorted(_facets(row["facets"]))), any_order,
        )  # fmt: skip


def _in_xml(rows: Iterable[Mapping[str, str]]) -> Iterator[Mapping[str, str]]:
    """The rows of a table; those of the JSON form as the same fields are in XML (docs/json.md).

    Its contents have no row of their own, the items of a list no name, and order means nothing.
    """
    places: dict[str, str] = {}
    """By path in the table, where that is in XML."""
    for row in rows:
        if row["group"] != "json":
            yield row
            continue
        parent, _, name = row["path"].rpartition("/")
        if "/" not in parent and parent not in places:
            places[parent] = parent
            yield {"path": parent, "min": "1", "max": "1", **_COMPLEX}
        path = places[row["path"]] = f"{places[parent]}/{name}"
        group = "all" if path.startswith("BusinessContent/") else "sequence"
        if row["type"] == "array":
            items = places[row["path"]] = f"{path}/{name.removeprefix('ListOf')}"
            yield {"path": path, "min": row["min"], "max": "1", **_COMPLEX, "group": group}
            yield {"path": items, "min": "0", "max": row["max"], **_COMPLEX}
        else:
            type_, facets = _FORMATS.get(row["facets"], (row["type"], row["facets"]))
            type_ = "decimal" if type_ == "number" else type_
            yield {**row, "path": path, "type": type_, "facets": facets, "group": group}


def _facets(told: str) -> Iterator[str]:
    for facet in filter(None, told.split(";")):
        name, _, value = facet.partition("=")
        value = str(int(value)) if name == "maxLength" else value
        if name == "enum":
            yield from (f"enum={each}" for each in value.split("|"))
        elif name == "length":
            yield from (f"minLength={value}", f"maxLength={value}")
        elif name != "whiteSpace":
            yield f"{_NAMES.get(name, name)}={value}"


def _is_at(path: str, place: str) -> bool:
    return f"{path}/".startswith(f"{place}/")


def _is_all(field: Field) -> bool:
    return any("&" in step for step in field.order)
