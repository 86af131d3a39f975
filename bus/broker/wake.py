"""Wakes a thread that waits for a socket."""

from __future__ import annotations

import contextlib
import os
import select


class Wake:
    """A pipe: `set` from any thread makes it readable."""

    def __init__(self) -> None:
        self._read, self._write = os.pipe()
        os.set_blocking(self._read, False)
        os.set_blocking(self._write, False)

    def fileno(self) -> int:
        """What to wait for."""
        return self._read

    def set(self) -> None:
        """Wake whoever waits, now or next."""
        with contextlib.suppress(BlockingIOError):  # it is full: awake already
            os.write(self._write, b".")

    def wait(self, seconds: float) -> None:
        """Wait until it is set, that long at most."""
        poll = select.poll()
        poll.register(self._read, select.POLLIN)
        poll.poll(seconds * 1000)

    def clear(self) -> None:
        """Sleep again."""
        with contextlib.suppress(BlockingIOError):
            while os.read(self._read, 4096):
                pass

    def close(self) -> None:
        """Let go of the pipe."""
        os.close(self._read)
        os.close(self._write)
