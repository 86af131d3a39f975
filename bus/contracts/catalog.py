"""Reads a page of the catalog: what an XSD cannot say of a contract (schemas/__init__.py)."""

from __future__ import annotations

import re
import tomllib
from typing import Any

from bus.core.contract import Alike, Contract, IdElement, IdRole, Lifecycle, MessageShape
from bus.core.text import NOTHING, Text, same

_ROLE = re.compile(r"(own part|own|reference|opaque)(?: (\w+))?(?: (\w+))?")


def read_page(name: str, page: str) -> Contract:
    """The contract that a page describes; `name` is its file's: `Currency_2_001`."""
    transaction, major, minor = name.rsplit("_", 2)
    told = tomllib.loads(page)
    entity = told.pop("entity")
    ids = tuple(_id_element(path, role, entity) for path, role in told.pop("ids", {}).items())
    by_path = {element.path: element for element in ids}
    target = told.pop("target", None)
    lifecycle = Lifecycle(told.pop("lifecycle"))
    belongs_to = tuple(by_path[path] for path in told.pop("belongs_to", ()))
    if belongs_to and lifecycle is not Lifecycle.PROCESS:
        raise ValueError(f"{name}: only a process belongs to another document")
    return Contract(
        transaction=transaction,
        version=f"{major}.{minor}",
        shape=MessageShape(told.pop("shape")),
        lifecycle=lifecycle,
        entity=entity,
        own_id=tuple(element.path for element in ids if element.role is IdRole.OWN),
        natural_key=tuple(told.pop("natural_key", ())),
        target=by_path[target] if target else None,
        belongs_to=belongs_to,
        business_keys=tuple(told.pop("business_keys", {}).items()),
        ids=ids,
        aliases=tuple(told.pop("aliases", ())),
        alike=_alike(told.pop("alike", {})),
        recognised_by=tuple(told.pop("recognised_by", ())),
        extensions=tuple(told.pop("extensions", ())),
        title=Text(**told.pop("title", NOTHING.as_dict())),
        **told,
    )


def without_page(name: str) -> Contract:
    """An imported contract of which nothing is known but its XSD.

    It counts as a step of a process: never superseded, never repeated by the bus alone.
    """
    transaction, major, minor = name.rsplit("_", 2)
    return Contract(
        transaction=transaction,
        version=f"{major}.{minor}",
        shape=MessageShape.EVENT,
        lifecycle=Lifecycle.PROCESS,
        entity=transaction,
        catalogued=False,
        title=same(transaction),
    )


def _alike(said: dict[str, list[str]]) -> Alike | None:
    return Alike(**{name: tuple(paths) for name, paths in said.items()}) if said else None


def _id_element(path: str, text: str | dict[str, Any], entity: str) -> IdElement:
    if isinstance(text, dict):
        cases = tuple(text["cases"].items())
        return IdElement(path, IdRole.REFERENCE, by=text["by"], cases=cases)
    role = _ROLE.fullmatch(text)
    if role is None:
        raise ValueError(f"{path}: “{text}” is no role of an id")
    kind = IdRole(role[1])
    own = kind in {IdRole.OWN, IdRole.OWN_PART}
    return IdElement(path, kind, role[2] or (entity if own else ""), qualifier=role[3] or "")
