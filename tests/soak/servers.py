"""Servers of a soak's own, which may be hurt: a PostgreSQL, and a disk that is soon full."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psycopg

from tests.support.brokers import free_port

PROGRAMS = Path("/usr/lib/postgresql")
DISK = 192
"""Megabytes of the disk."""


class Missing(Exception):
    """This machine has not what a cell needs."""


class OwnPostgres:
    """A PostgreSQL from Debian's package, in a folder; its user is `postgres`."""

    def __init__(self, folder: Path) -> None:
        found = sorted(PROGRAMS.glob("*/bin/pg_ctl"), key=lambda one: int(one.parts[-3]))
        if not found:
            raise Missing("PostgreSQL's programs (apt install postgresql)")
        self._programs = found[-1].parent
        self._folder = folder / "postgres"
        self._port = free_port()

    def start(self) -> None:
        """Make it, and start it."""
        self._folder.mkdir()
        if not os.getuid():  # it refuses to run as root
            for above in self._folder.parents[:2]:
                above.chmod(0o755)
            shutil.chown(self._folder, "postgres")
        data = ("-D", str(self._folder / "data"))
        self._run("initdb", *data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-locale")
        options = f"-p {self._port} -k {self._folder} -c listen_addresses=127.0.0.1"
        self._control("start", "-o", f"{options} -c max_connections=400")

    def restart(self, mode: str) -> None:
        """Stop it in one of PostgreSQL's modes, of which `immediate` is a crash, and start it."""
        self._control("restart", "-m", mode)

    def stop(self) -> None:
        """Stop it."""
        self._control("stop", "-m", "immediate")

    def new_database(self, name: str) -> str:
        """The URL of a new database."""
        with psycopg.connect(self._url("postgres"), autocommit=True) as server:
            server.execute(f"CREATE DATABASE {name}".encode())
        return self._url(name)

    def _url(self, name: str) -> str:
        return f"postgresql://postgres@127.0.0.1:{self._port}/{name}"

    def _control(self, *words: str) -> None:
        folder = str(self._folder)
        self._run("pg_ctl", "-D", f"{folder}/data", "-l", f"{folder}/log", "-w", *words)

    def _run(self, program: str, *words: str) -> None:
        as_whom = [] if os.getuid() else ["runuser", "-u", "postgres", "--"]
        command = [*as_whom, str(self._programs / program), *words]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd=self._folder)


@contextlib.contextmanager
def own_postgres(folder: Path) -> Iterator[OwnPostgres]:
    """A PostgreSQL that runs until the block ends."""
    server = OwnPostgres(folder)
    server.start()
    try:
        yield server
    finally:
        server.stop()


class SmallDisk:
    """A small file system in memory, which can be filled."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "disk"
        self._filler = self.folder / "filler"

    def mount(self) -> None:
        """Make it; Missing where this user may not."""
        self.folder.mkdir()
        words = ["mount", "-t", "tmpfs", "-o", f"size={DISK}m", "tmpfs", str(self.folder)]
        if subprocess.run(words, check=False, capture_output=True).returncode:
            raise Missing("the right to mount a small disk (run it as root)")

    def fill(self) -> None:
        """Leave no byte."""
        with self._filler.open("ab", buffering=0) as file, contextlib.suppress(OSError):
            for size in (1 << 20, 1 << 12, 1):
                with contextlib.suppress(OSError):
                    while True:
                        file.write(bytes(size))

    def free(self) -> None:
        """Make room again."""
        self._filler.unlink(missing_ok=True)

    def unmount(self) -> None:
        """Take it away."""
        subprocess.run(["umount", "-l", str(self.folder)], check=False, capture_output=True)


@contextlib.contextmanager
def small_disk(folder: Path) -> Iterator[SmallDisk]:
    """A disk that is there until the block ends."""
    disk = SmallDisk(folder)
    disk.mount()
    try:
        yield disk
    finally:
        disk.unmount()
