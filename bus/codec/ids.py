"""Internal ids in a message: found by the paths of the catalog, and put in place of one another."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from bus.codec.names import each, tag_of
from bus.codec.returned_ids import put_origins
from bus.core.contract import IdRole
from bus.core.envelope import Event
from bus.core.translation import COMPANY_PATH, SEPARATOR, FoundId, Translation

if TYPE_CHECKING:
    from lxml.etree import _Element

    from bus.core.contract import IdElement
    from bus.core.envelope import Header

RETURN = "ReturnContent"


class _Sought(NamedTuple):
    """What is looked for in an element: its own id, and what is below it by name."""

    element: IdElement | None
    below: dict[str, _Sought]


def ids_in(content: _Element | None, elements: tuple[IdElement, ...]) -> tuple[FoundId, ...]:
    """The filled id elements of a BusinessContent or ReturnContent, each text at a path once."""
    if content is None or not elements:
        return ()
    found = (
        FoundId(element.path, node.text or "", element, _is_deleted(node, element))
        for node, element in _each_id(content, elements)
    )
    return tuple(dict.fromkeys(one for one in found if one.value))


def _is_deleted(node: _Element, element: IdElement) -> bool:
    """Whether a part says beside its id that it is to be deleted."""
    if element.role is not IdRole.OWN_PART:
        return False
    beside = (*node.itersiblings("Event"), *node.itersiblings("Event", preceding=True))
    return any((event.text or "").strip().casefold() == Event.DELETE for event in beside)


def _each_id(
    content: _Element, elements: tuple[IdElement, ...]
) -> Iterator[tuple[_Element, IdElement]]:
    tree = _tree(elements)
    if content.tag == RETURN:
        below = tree.below.get(RETURN)
        if below is None:
            return
        tree = below
    yield from _walk(content, tree)


def _walk(parent: _Element, node: _Sought) -> Iterator[tuple[_Element, IdElement]]:
    for child in parent:
        below = node.below.get(tag_of(child))
        if below is None:
            continue
        if below.element is not None and child.text:
            yield child, _meant(parent, below.element)
        if below.below:
            yield from _walk(child, below)


def _meant(parent: _Element, element: IdElement) -> IdElement:
    """The element of the catalog, with the entity that a sibling says where it depends on one."""
    if not element.by:
        return element
    says = next((sibling.text or "" for sibling in parent.iterchildren(element.by)), "")
    return _of_entity(element, element.entity_when(says))


@lru_cache(maxsize=256)
def _of_entity(element: IdElement, entity: str) -> IdElement:
    return replace(element, entity=entity, by="", cases=())


@lru_cache(maxsize=256)
def _tree(elements: tuple[IdElement, ...]) -> _Sought:
    root: dict[str, _Sought] = {}
    for element in elements:
        below = root
        *parents, name = element.path.split("/")
        for parent in parents:
            below = below.setdefault(parent, _Sought(None, {})).below
        below[name] = _Sought(element, below[name].below if name in below else {})
    return _Sought(None, root)


# -- putting others in their place -----------------------------------------------------------------


def translated(part: _Element, by: Translation) -> _Element:
    """A copy of BusinessMessage or ResponseMessage with the ids of its reader."""
    copy = deepcopy(part)
    for name in ("BusinessContent", RETURN):
        content = next(copy.iterchildren(name), None)
        if content is not None:
            _put(content, by)
            put_origins(content, by.origins)
    _put_keys(copy, by)
    return copy


def _put(content: _Element, by: Translation) -> None:
    for node, element in list(_each_id(content, by.elements)):
        after = by.after(element.path, node.text or "", element.entity)
        if after is not None:
            node.text = after
        else:
            parent = node.getparent()
            if parent is not None:
                parent.remove(node)


def _put_keys(part: _Element, by: Translation) -> None:
    """The identification keys follow the content and the header (D4)."""
    company, branch = company_and_branch(by)
    own = _own_ids(by)
    follow = {"companyid": company, "branchid": branch}
    for event in part.iterchildren("BusinessEvent"):
        for identification in event.iterchildren("Identification"):
            for key in each(identification, "key"):
                name = (key.get("name") or "").casefold()
                if name == "internalid":
                    key.text = own.get(key.text or "", key.text)
                elif follow.get(name):
                    key.text = follow[name]


def _own_ids(by: Translation) -> dict[str, str]:
    """What stands for own ids; the document's goes before that of a part with the same text."""
    own = {swap.before: swap.after for swap in by.swaps if swap.own and swap.after}
    if by.own:
        entity, id_ = by.own.entity, by.own.id
        mine = (s.after for s in by.swaps if s.own and (s.entity, s.before) == (entity, id_))
        own[id_] = next(mine, None) or id_
    return own


def company_and_branch(by: Translation) -> tuple[str, str]:
    """The reader's company and branch for the header; empty where they stay as they are."""
    swap = next((swap for swap in by.swaps if swap.path == COMPANY_PATH), None)
    if swap is None or not swap.after:
        return "", ""
    company, _, branch = swap.after.partition(SEPARATOR)
    return company, branch


def header_for(header: Header, by: Translation) -> Header:
    """The header in its reader's company and branch."""
    company, branch = company_and_branch(by)
    return header._replace(company=company, branch=branch) if company else header
