"""The process of a `Sandbox`, started with its limits (SECONDS MEMORY): a line a task.

A task that takes longer ends the process: libxml2 listens to nobody while it compiles.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from lxml import etree

from bus.codec.writer import canonical
from bus.contracts.imports.published import read_published
from bus.contracts.line_process import answer_tasks
from bus.core.contract_diff import differences
from bus.core.errors import Fault, SenderFault
from bus.core.text import Text

_TOO_MANY = Text(
    "um tipo contém a si mesmo, ou há campos demais",
    "a type holds itself, or there are too many fields",
)


def main() -> None:
    """Answer tasks until there are no more."""
    answer_tasks(_done, float(sys.argv[1]), int(sys.argv[2]))


def _done(task: Mapping[str, str]) -> dict[str, Any]:
    try:
        return _TASKS[task["task"]](task)
    except SenderFault as refusal:
        return {"faults": [fault.plain() for fault in refusal.faults]}
    except (MemoryError, RecursionError):
        return {"exhausted": True}


def _examine(task: Mapping[str, str]) -> dict[str, Any]:
    published = read_published(Path(task["file"]), Path(task["tree"]))
    return {
        "xsd": etree.tostring(published.xsd, encoding="unicode"),
        "remarks": [fault.plain() for fault in published.remarks],
        "filled": published.filled,
    }


def _compare(task: Mapping[str, str]) -> dict[str, Any]:
    # Half a second that most trees never spend: few of their files have a namesake in force.
    from xmlschema import XMLSchemaException  # noqa: PLC0415

    from bus.contracts.fields import TooManyFields, fields_of  # noqa: PLC0415

    before, after = (etree.fromstring(task[name]) for name in ("before", "after"))
    if _same(before, after):
        return {"changes": []}
    try:
        found = differences(fields_of(before), fields_of(after))
    except TooManyFields as error:
        raise SenderFault(Fault("XSD_NOT_COMPARED", details={"problem": _TOO_MANY})) from error
    except XMLSchemaException as error:
        words = " ".join(str(error).split())[:300] or type(error).__name__
        problem = Text(f"xmlschema diz “{words}”", f"xmlschema says “{words}”")
        raise SenderFault(Fault("XSD_NOT_COMPARED", details={"problem": problem})) from error
    return {"changes": [asdict(change) for change in found]}


def _same(before: etree._Element, after: etree._Element) -> bool:
    # By the codec's form: there is no canonical one with a relative namespace URI.
    return canonical(before) == canonical(after)


_TASKS = {"examine": _examine, "compare": _compare}


if __name__ == "__main__":
    main()
