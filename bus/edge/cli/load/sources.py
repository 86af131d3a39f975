"""Where the messages of a load lie: files, folders and archives, each read as often as needed."""

from __future__ import annotations

import shutil
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import IO, NamedTuple, Self

from bus.core.errors import Fault, SenderFault
from bus.core.system_words import words_of
from bus.core.text import Details

STANDARD_INPUT = "-"
ENDINGS = {".xml", ".json"}
"""What is taken of a folder or an archive."""


class MessagePlace(NamedTuple):
    """Where a message lies: in a file of that name, or, from `at` on, in the copy of an archive."""

    name: str
    length: int
    at: int = -1


class LoadSources:
    """The messages below some paths, in the order of their names. Archives are unpacked into a file
    that nobody else sees, so that memory does not grow with them.
    """

    def __init__(self, paths: tuple[str, ...]) -> None:
        self._paths = paths
        self._stack = ExitStack()
        self.skipped: list[str] = []
        """What was met in folders and archives, and is taken for no message by its name."""

    def __enter__(self) -> Self:
        self._copy: IO[bytes] = self._stack.enter_context(tempfile.TemporaryFile())
        return self

    def __exit__(self, *ended: object) -> None:
        self._stack.close()

    def places(self) -> Iterator[MessagePlace]:
        """Where each message lies; SenderFault FILE_UNREADABLE where something cannot be read."""
        for path in self._paths:
            empty = True
            try:
                for place in self._below(path):
                    empty = False
                    yield place
            except (OSError, tarfile.TarError, zipfile.BadZipFile) as error:
                raise unreadable(path, error) from error
            if empty:
                raise SenderFault(Fault("LOAD_EMPTY", details={"file": path}))

    def body(self, place: MessagePlace) -> bytes:
        """The bytes of a message; SenderFault FILE_UNREADABLE where it cannot be read."""
        try:
            if place.at < 0:
                return Path(place.name).read_bytes()
            self._copy.seek(place.at)
            return self._copy.read(place.length)
        except OSError as error:
            raise unreadable(place.name, error) from error

    def _below(self, path: str) -> Iterator[MessagePlace]:
        if path == STANDARD_INPUT:
            with tempfile.TemporaryFile() as copy:
                shutil.copyfileobj(sys.stdin.buffer, copy)
                yield from self._in(path, copy)
        elif Path(path).is_dir():
            for one in sorted(Path(path).rglob("*")):
                if one.is_file() and self._is_taken(str(one)):
                    yield MessagePlace(str(one), one.stat().st_size)
        else:
            with Path(path).open("rb") as opened:
                yield from self._in(path, opened)

    def _in(self, path: str, opened: IO[bytes]) -> Iterator[MessagePlace]:
        """What a file holds that may be an archive; of a plain one from a pipe, a copy."""
        if zipfile.is_zipfile(opened):
            yield from self._zipped(path, opened)
            return
        opened.seek(0)
        if tarfile.is_tarfile(opened):
            opened.seek(0)
            yield from self._tarred(path, opened)
            return
        opened.seek(0)
        if path == STANDARD_INPUT:
            yield self._kept(path, opened)
        else:
            yield MessagePlace(path, Path(path).stat().st_size)

    def _zipped(self, path: str, opened: IO[bytes]) -> Iterator[MessagePlace]:
        with zipfile.ZipFile(opened) as packed:
            for name in sorted(one.filename for one in packed.infolist() if not one.is_dir()):
                if self._is_taken(f"{path}/{name}"):
                    with packed.open(name) as content:
                        yield self._kept(f"{path}/{name}", content)

    def _tarred(self, path: str, opened: IO[bytes]) -> Iterator[MessagePlace]:
        with tarfile.open(fileobj=opened, mode="r|*") as packed:
            for one in packed:
                content = packed.extractfile(one) if one.isfile() else None
                if content and self._is_taken(f"{path}/{one.name}"):
                    yield self._kept(f"{path}/{one.name}", content)

    def _is_taken(self, name: str) -> bool:
        """Whether a file of a folder or an archive is one of a message; else it is noted."""
        taken = Path(name).suffix.lower() in ENDINGS
        if not taken:
            self.skipped.append(name)
        return taken

    def _kept(self, name: str, content: IO[bytes]) -> MessagePlace:
        """A copy of a message, behind those that are there."""
        at = self._copy.seek(0, 2)
        shutil.copyfileobj(content, self._copy)
        return MessagePlace(name, self._copy.tell() - at, at)


def unreadable(path: str, error: Exception) -> SenderFault:
    """The refusal of a path."""
    problem = words_of(error) if isinstance(error, OSError) else str(error)
    details: Details = {"file": path, "problem": problem}
    return SenderFault(Fault("FILE_UNREADABLE", details=details))
