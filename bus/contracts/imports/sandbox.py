"""Compiles and compares XSDs of others in a process of its own, which may be killed.

A hostile XSD can take any time and memory, or end the process that compiles it. `Sandbox` keeps
one such process and gives it one task after another, a line of JSON each; it ends the process when
a task takes too long, and starts another for the next task.
"""

from __future__ import annotations

import contextlib
import json
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Self

from bus.core.contract_diff import ChangeKind, ContractDifference
from bus.core.errors import Fault, SenderFault

SECONDS = 3.0
"""How much of a processor's time one task may take; a published XSD takes hundredths."""
_PATIENCE = 10
"""How many times as long it may take by the clock, on a machine that is busy."""
MEMORY = 768 * 1024**2
"""How many bytes of address space the process may have."""


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
        self._process: subprocess.Popen[bytes] | None = None

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
        self._end()

    def examine(self, file: Path, tree: Path) -> CompiledXsd:
        """Read and compile a published XSD; SenderFault says why it cannot be used."""
        told = self._ask({"task": "examine", "file": str(file), "tree": str(tree)})
        remarks = tuple(Fault(**each) for each in told["remarks"])
        return CompiledXsd(told["xsd"].encode(), remarks, tuple(told["filled"]))

    def compare(self, before: bytes, after: bytes) -> tuple[ContractDifference, ...]:
        """What changed between two whole XSDs; SenderFault where that cannot be listed."""
        told = self._ask({"task": "compare", "before": before.decode(), "after": after.decode()})
        return tuple(
            ContractDifference(**each | {"kind": ChangeKind(each["kind"])})
            for each in told["changes"]
        )

    def _ask(self, task: Mapping[str, str]) -> dict[str, Any]:
        process = self._running()
        late = threading.Event()
        limit = threading.Timer(self._seconds * _PATIENCE, _kill, (process, late))
        limit.start()
        answer = _exchange(process, json.dumps(task).encode())
        limit.cancel()
        limit.join()
        told: dict[str, Any] = json.loads(answer) if answer else {"exhausted": True}
        if told.get("exhausted"):
            ended = self._end()
            too_long = late.is_set() or ended == -signal.SIGPROF
            raise _too_costly(f"{self._seconds:g} s" if too_long else f"{self._memory >> 20} MB")
        if "faults" in told:
            raise SenderFault(*(Fault(**each) for each in told["faults"]))
        return told

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            self._process = subprocess.Popen(  # noqa: S603 - our own program
                [
                    sys.executable,
                    "-P",
                    "-m",
                    "bus.contracts.imports.sandbox_worker",
                    str(self._seconds),
                    str(self._memory),
                ],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            )
        return self._process

    def _end(self) -> int:
        """End the process, and tell what it ended with."""
        process, self._process = self._process, None
        if process is None:
            return 0
        if process.stdin:
            with contextlib.suppress(BrokenPipeError):
                process.stdin.close()  # it has no more tasks
        try:
            return process.wait(self._seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            return process.wait()
        finally:
            if process.stdout:
                process.stdout.close()


def _kill(process: subprocess.Popen[bytes], late: threading.Event) -> None:
    late.set()
    process.kill()


def _exchange(process: subprocess.Popen[bytes], task: bytes) -> bytes:
    """The answer to a task; empty where the process is gone."""
    if process.stdin is None or process.stdout is None:
        return b""
    try:
        process.stdin.write(task + b"\n")
        process.stdin.flush()
    except BrokenPipeError:
        return b""
    answer = process.stdout.readline()
    return answer if answer.endswith(b"\n") else b""


def _too_costly(limit: str) -> SenderFault:
    return SenderFault(Fault("XSD_TOO_COSTLY", details={"limit": limit}))
