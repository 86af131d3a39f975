"""The witness: a small file beside a journal, by which one that is not what it was is noticed.

A journal has a generation, a number in its header that says which life it lives. The witness knows
that number, which file has it, and the fact that was recorded last. It is written after each commit
and not synced, so it never knows of more than the disk has; what it knows and the journal does not
was lost.
"""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from pathlib import Path
from typing import Final, NamedTuple

import orjson

from bus.store.sqlite.connection import failed

_LENGTH: Final = 256
"""Bytes of a witness, always as many, so that writing it anew leaves nothing of what was there."""
_STAMP_AT: Final = 68
"""Where a SQLite file has its application id: our generation."""
_STAMP_LENGTH: Final = 4


class Testimony(NamedTuple):
    """What a witness knows: the generation, the file (its inode), the place of the newest fact.

    `running`: the journal was not closed since.
    """

    generation: int
    file: int
    running: bool
    message: str = ""
    position: int = 0


def new_generation() -> int:
    """A number that no other life of a journal has; 0 is that of one that never had a witness."""
    return secrets.randbelow((1 << 31) - 1) + 1


def stamped(file: int) -> int:
    """The generation in the header of an open file; 0 where there is none."""
    return int.from_bytes(os.pread(file, _STAMP_LENGTH, _STAMP_AT), "big")


class Witness:
    """The witness of one journal, kept up to date by the process that writes it."""

    def __init__(self, journal: Path) -> None:
        try:
            self._file = os.open(f"{journal}.witness", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            text = os.pread(self._file, _LENGTH, 0)
        except OSError as error:
            raise failed(error) from error
        self._known = _read(text)
        self._attends = False

    @property
    def testimony(self) -> Testimony | None:
        """What it knows; None where it is new, or cannot be read."""
        return self._known

    def attend(self, testimony: Testimony) -> None:
        """Know a journal that is open from now on, on disk when this returns."""
        self._attends = True
        self._keep(testimony)

    def see(self, message: str, position: int) -> None:
        """Know the place of a fact that is on disk by now."""
        if self._attends and self._known:
            with suppress(OSError):  # it may know less than there is, and the commit stands
                self._write(self._known._replace(message=message, position=position))

    def leave(self) -> None:
        """Know nothing more: what is written is not the journal any longer."""
        self._attends = False

    def close(self) -> None:
        """Know that the journal it attended was closed, and let go."""
        if self._attends and self._known:
            self._keep(self._known._replace(running=False))
        os.close(self._file)

    def _keep(self, testimony: Testimony) -> None:
        try:
            self._write(testimony)
            os.fsync(self._file)
        except OSError as error:
            raise failed(error) from error

    def _write(self, testimony: Testimony) -> None:
        self._known = testimony
        text = orjson.dumps(testimony._asdict()).ljust(_LENGTH - 1) + b"\n"
        os.pwrite(self._file, text, 0)


def _read(text: bytes) -> Testimony | None:
    try:
        return Testimony(**orjson.loads(text))
    except (ValueError, TypeError):
        return None
