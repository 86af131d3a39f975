"""Faults as APIs and commands show them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bus.core.errors import Fault
from bus.core.text import Language

if TYPE_CHECKING:
    from bus.core.known_faults import KnownFault
    from bus.engine.probe import ProbeFinding


def our_mistake(error: Exception) -> Fault:
    """What a caller is told of an error that nobody foresaw."""
    return Fault("INTERNAL", details={"problem": type(error).__name__})


def finding_to_dict(finding: ProbeFinding | None, language: Language) -> dict[str, object]:
    """What a probe found; `reachable` is None where none has ended yet."""
    if finding is None:
        return {"reachable": None}
    if finding.fault is None:
        return {"reachable": True}
    return {"reachable": False, "fault": fault_to_dict(finding.fault, language)}


def fault_to_dict(fault: Fault, language: Language) -> dict[str, object]:
    """A fault in one language: what is wrong, where, what to do and who must do it."""
    return {
        "code": fault.code,
        "path": fault.path,
        "line": fault.line,
        "message": fault.reason(language),
        "hint": fault.remedy(language),
        "owner": fault.owner.value,
    }


def known_fault_to_dict(known: KnownFault, language: Language) -> dict[str, object]:
    """What a text of an error means."""
    return {
        "pattern": known.pattern.pattern,
        "outcome": known.outcome.value,
        "code": known.code,
        "owner": known.owner.value,
        "advice": known.advice.told(language),
        "entity": known.entity,
    }
