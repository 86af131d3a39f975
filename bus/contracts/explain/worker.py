"""The process that explains refusals (`Explaining`), started with its limits (SECONDS MEMORY).

It learns an XSD once, and then explains by it, until it is ended.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from lxml import etree

from bus.contracts.explain.explainer import Explainer, explainer_of
from bus.contracts.explain.libxml2 import XsdError
from bus.contracts.line_process import answer_tasks
from bus.contracts.xsd import parsed

if TYPE_CHECKING:
    from collections.abc import Mapping

_LEARNT: dict[str, Explainer | None] = {}


def main() -> None:
    """Answer tasks until there are no more."""
    answer_tasks(_done, float(sys.argv[1]), int(sys.argv[2]))


def _done(task: Mapping[str, Any]) -> dict[str, Any]:
    if "xsd" in task:
        _LEARNT[task["key"]] = explainer_of(parsed(task["xsd"].encode()), task["contract"])
        return {}
    explainer = _LEARNT[task["key"]]
    content = _content(task["message"], task["place"])
    if explainer is None or content is None:
        return {"faults": []}
    said = [XsdError(*each) for each in task["said"]]
    return {"faults": [each.plain() for each in explainer.faults(content, said, task["most"])]}


def _content(message: str, place: str) -> etree._Element | None:
    parser = etree.XMLParser(no_network=True, resolve_entities=False, huge_tree=True)
    return etree.fromstring(message, parser).find(place)


if __name__ == "__main__":
    main()
