"""Faults as APIs and commands show them."""

from __future__ import annotations

from bus.core.errors import Fault
from bus.core.text import Language


def our_mistake(error: Exception) -> Fault:
    """What a caller is told of an error that nobody foresaw."""
    return Fault("INTERNAL", details={"problem": type(error).__name__, "id": "-"})


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
