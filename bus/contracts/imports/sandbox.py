"""Compiles and compares XSDs of others in a process of its own, which may be killed.

A hostile XSD can take any time and memory, or end the process that compiles it. `Sandbox` keeps
one such process and gives it one task after another, a line of JSON each; it ends the process when
a task takes too long, and starts another for the next task.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Self

from bus.contracts.line_process import LineProcess
from bus.core.contract_diff import ChangeKind, ContractDifference
from bus.core.errors import Fault, SenderFault

SECONDS = 3.0
"""How much of a processor's time one task may take; a published XSD takes hundredths."""
_PATIENCE = 10
"""How many times as long it may take by the clock, on a machine that is busy."""
MEMORY = 768 * 1024**2
"""How many bytes of address space the process may have."""


_WORKER = "bus.contracts.imports.sandbox_worker"


class CompiledXsd(NamedTuple):
    """An XSD that compiles, whole; what is remarkable about it, and what of it is ours."""

    xsd: bytes
    remarks: tuple[Fault, ...]
    filled: tuple[str, ...]


class Sandbox:
    """The process, from its first task until the `with` block ends."""

    def __init__(self, seconds: float = SECONDS, memory: int = MEMORY) -> None:
        self._seconds = seconds
        self._memory = memory
        self._process = LineProcess(_WORKER, str(seconds), str(memory))

    def __enter__(self) -> Self:
        """Nothing is started before there is a task."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End the process."""
        self._process.end()

    def examine(self, file: Path, tree: Path) -> CompiledXsd:
        """Read and compile a published XSD; SenderFault says why it cannot be used."""
        told = self._ask({"task": "examine", "file": str(file), "tree": str(tree)})
        remarks = tuple(map(Fault.of, told["remarks"]))
        return CompiledXsd(told["xsd"].encode(), remarks, tuple(told["filled"]))

    def compare(self, before: bytes, after: bytes) -> tuple[ContractDifference, ...]:
        """What changed between two whole XSDs; SenderFault where that cannot be listed."""
        told = self._ask({"task": "compare", "before": before.decode(), "after": after.decode()})
        return tuple(
            ContractDifference(**each | {"kind": ChangeKind(each["kind"])})
            for each in told["changes"]
        )

    def _ask(self, task: Mapping[str, str]) -> dict[str, Any]:
        told = self._process.ask(task, self._seconds * _PATIENCE)
        if told is None and self._process.failed:
            raise SenderFault(Fault("XSD_NOT_READ"))
        if told is None:
            raise self._too_costly(too_long=self._process.too_late)
        if told.get("exhausted"):
            self._process.end()
            raise self._too_costly(too_long=False)
        if "faults" in told:
            raise SenderFault(*map(Fault.of, told["faults"]))
        return told

    def _too_costly(self, *, too_long: bool) -> SenderFault:
        limit = f"{self._seconds:g} s" if too_long else f"{self._memory >> 20} MB"
        return SenderFault(Fault("XSD_TOO_COSTLY", details={"limit": limit}))
