"""Moves what was committed from the write-ahead log into the file, beside the thread that commits.

A log that is never moved whole never begins anew: while one thread moves, another appends. So this
thread moves nearly all of it, and the writer moves the rest right after a commit, which is short.
"""

from __future__ import annotations

import threading
from contextlib import suppress
from typing import Final

import apsw

from bus.store.sqlite.watch import Watch

PAGES: Final = 4_000
"""Pages in the log from which on it is moved."""

FEW: Final = 200
"""Pages that the writer may move itself."""

ROUNDS: Final = 3


class Checkpointer:
    """Watches the log of the connection that writes; has a connection and a thread of its own."""

    def __init__(self, writing: apsw.Connection, own: apsw.Connection, watch: Watch) -> None:
        self._own = own
        self._watch = watch
        self._moved_at = 0
        self._wanted = threading.Event()
        self._nearly_done = threading.Event()
        self._closing = False
        self._thread = threading.Thread(target=self._run, name="journal-checkpoint", daemon=True)
        self._thread.start()
        writing.set_wal_hook(self._after_commit)

    def close(self) -> None:
        """End; what is still in the log is moved when the file is closed, or opened again."""
        self._closing = True
        self._wanted.set()
        self._thread.join()
        self._own.close()

    def _after_commit(self, writing: apsw.Connection, _: str, pages: int) -> int:
        """Called by SQLite in the writer's thread, with the pages that the log has."""
        if pages < self._moved_at:
            self._moved_at = 0
        if self._nearly_done.is_set():
            self._nearly_done.clear()
            self._moved_at = pages
            _move(writing)
        elif pages - self._moved_at >= PAGES and not self._watch.lost:
            self._wanted.set()
        return apsw.SQLITE_OK

    def _run(self) -> None:
        while not self._closing:
            self._wanted.wait()
            for _ in range(ROUNDS):
                if self._watch.lost or _move(self._own) <= FEW:
                    break
            self._wanted.clear()
            self._nearly_done.set()


def _move(connection: apsw.Connection) -> int:
    """Move what can be moved without waiting for anybody; the pages that are left."""
    # A full or broken disk is told by the commits that follow: here nothing is lost.
    with suppress(apsw.Error):
        pages, moved = connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_PASSIVE)
        return pages - moved
    return 0
