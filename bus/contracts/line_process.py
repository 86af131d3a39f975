"""A process of our own that answers tasks, a line of JSON each, and may be ended at any time.

What is done there holds nobody up: it may use so much of a processor's time and of memory for a
task, and so much time by the clock, and then it is gone. The next task starts another.
"""

from __future__ import annotations

import contextlib
import json
import resource
import signal
import subprocess
import sys
import threading
import weakref
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_ENDING = 3.0
"""Seconds that a process without tasks may take to end."""


class LineProcess:
    """The process that runs a module, from its first task until it is ended."""

    def __init__(self, module: str, *arguments: str) -> None:
        self._command = (sys.executable, "-P", "-m", module, *arguments)
        self._process: subprocess.Popen[bytes] | None = None
        self._forgotten: weakref.finalize[[subprocess.Popen[bytes]], LineProcess] | None = None
        self.too_late = False
        """Whether the last process was ended because it took too long."""
        self.failed = False
        """Whether the last process ended by a mistake of ours, within all its limits."""

    def start(self) -> bool:
        """Start it where it does not run; whether it is new."""
        if self._process is not None:
            return False
        self._process = subprocess.Popen(  # noqa: S603 - our own program
            self._command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        self._forgotten = weakref.finalize(self, _ended, self._process)
        return True

    def ask(self, task: Mapping[str, Any], seconds: float) -> dict[str, Any] | None:
        """The answer to a task; None, and the process ended, where there is none in time."""
        self.start()
        process, late = self._process, threading.Event()
        if process is None:
            return None
        limit = threading.Timer(seconds, _kill, (process, late))
        limit.start()
        answer = _exchange(process, json.dumps(task).encode())
        limit.cancel()
        limit.join()
        if answer:
            told: dict[str, Any] = json.loads(answer)
            return told
        ended = self.end()
        self.too_late = ended == -signal.SIGPROF or late.is_set()
        self.failed = ended > 0
        return None

    def end(self) -> int:
        """End the process, and tell what it ended with."""
        process, self._process = self._process, None
        if self._forgotten is not None:
            self._forgotten.detach()
        return 0 if process is None else _ended(process)


def answer_tasks(
    done: Callable[[Mapping[str, Any]], dict[str, Any]], seconds: float, memory: int
) -> None:
    """What the process does: it answers tasks within its limits until there are no more.

    A task that takes longer ends the process, whatever it listens to. It may write no file.
    """
    _limit(memory)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever asks is interrupted, and ends it
    for line in sys.stdin.buffer:
        task = json.loads(line)
        # The signal ends a process that ignores all others.
        signal.setitimer(signal.ITIMER_PROF, task.get("seconds") or seconds)
        answer = json.dumps(done(task))
        signal.setitimer(signal.ITIMER_PROF, 0)
        sys.stdout.buffer.write(answer.encode() + b"\n")
        sys.stdout.buffer.flush()


def _limit(memory: int) -> None:
    limits = (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    )
    for kind, most in limits:
        with contextlib.suppress(OSError, ValueError):  # a Mac knows no limit of address space
            resource.setrlimit(kind, (most, most))


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


def _ended(process: subprocess.Popen[bytes]) -> int:
    if process.stdin:
        with contextlib.suppress(BrokenPipeError):
            process.stdin.close()  # it has no more tasks
    try:
        return process.wait(_ENDING)
    except subprocess.TimeoutExpired:
        process.kill()
        return process.wait()
    finally:
        if process.stdout:
            process.stdout.close()
