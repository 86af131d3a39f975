"""In the server process: cProfile in each of its threads, from a signal on."""

from __future__ import annotations

import cProfile
import signal
import sys
import threading
from pathlib import Path
from types import FrameType

BEGIN = signal.SIGUSR1
"""The signal from which on the threads are watched."""


class Recorder:
    """Watches the threads of this process from the signal `BEGIN` on. Make it before any thread."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._on = False
        self._profiles: dict[str, cProfile.Profile] = {}
        signal.signal(BEGIN, self._begin)
        threading.setprofile(self._first_event)

    def save(self) -> None:
        """Write a file for each thread."""
        for name, profile in self._profiles.items():
            profile.create_stats()
            profile.dump_stats(self._folder / f"{name}.prof")

    def _begin(self, *_: object) -> None:
        self._on = True
        self._watch()

    def _first_event(self, frame: FrameType, event: str, argument: object) -> None:
        if self._on:
            self._watch()

    def _watch(self) -> None:
        profile = cProfile.Profile()
        self._profiles[threading.current_thread().name] = profile
        sys.setprofile(None)
        profile.enable()
