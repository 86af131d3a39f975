"""A thread that keeps a connection to a broker, and does jobs on it."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Protocol

from bus.broker.session import Session
from bus.broker.wake import Wake
from bus.core.broker import Broker

FIRST, LONGEST = 0.5, 30.0
"""Seconds between two tries to connect: the first wait, and the longest."""
LASTING = 10.0
"""Seconds after which a connection was a good one: the next wait is the first again."""
PARTING = 2.0
"""Seconds in which what was begun may end when the thread is told to stop."""


class Job(Protocol):
    """Something to do on a connection."""

    def run(self, session: Session) -> None:
        """Do it."""

    def cannot(self, error: BaseException) -> None:
        """There is no connection, for that reason: it is not done."""


Told = Callable[[BaseException | None], None]


class Worker:
    """Does jobs on a connection, in a thread that begins with `start`.

    `steady`: it connects by itself, and again when the connection is lost, after waits that grow;
    else it connects when there is a job, once for all that wait. `set_up` is done first on each
    connection. `told` hears, in that thread, why there is no connection, and of one: None.
    """

    def __init__(
        self,
        broker: Broker,
        set_up: Callable[[Session], None],
        told: Told,
        *,
        steady: bool,
    ) -> None:
        self._broker = broker
        self._set_up = set_up
        self._told = told
        self._steady = steady
        self._jobs: deque[Job] = deque()
        self._wake = Wake()
        self._over = False
        self._ended = False
        self._thread: threading.Thread | None = None
        self._connections = 0
        self._lock = threading.Lock()

    def start(self) -> None:
        """Begin, unless it has."""
        with self._lock:
            if self._thread is None and not self._over:
                self._thread = threading.Thread(target=self._run, name="broker", daemon=True)
                self._thread.start()

    def post(self, job: Job) -> None:
        """Have a job done, in the order of these calls."""
        with self._lock:
            if self._ended:
                job.cannot(ConnectionError())
                return
            self._jobs.append(job)
            self._wake.set()

    def stop(self, within: float = PARTING + 1.0) -> None:
        """End what was begun, let go of the connection; returns when the thread has ended.

        One that hangs in connecting is left alone after `within` seconds.
        """
        with self._lock:
            if self._ended:
                return
            self._over = True
            self._wake.set()
        if self._thread:
            self._thread.join(within)
        if self._thread is None or not self._thread.is_alive():
            self._end()

    def _end(self) -> None:
        with self._lock:
            if not self._ended:
                self._ended = True
                self._wake.close()
        self._refuse(ConnectionError())

    # -- in the thread -----------------------------------------------------------------------------

    def _run(self) -> None:
        waits = FIRST
        while not self._over:
            if not self._steady and not self._jobs:
                self._pause(1.0)
                continue
            began = time.monotonic()
            try:
                self._connect_and_serve()
            except Exception as error:  # noqa: BLE001 - whatever it is, there is no connection
                self._told(error)
                waits = FIRST if time.monotonic() - began > LASTING else waits
                self._refuse(error)
                if self._steady:
                    self._rest(waits, error)
                waits = min(waits * 2, LONGEST)

    def _connect_and_serve(self) -> None:
        """Return once the thread is to end; raise why there is no connection any more."""
        session = self._opened()
        self._told(None)
        try:
            self._serve(session)
        except BaseException:
            session.abandon()
            raise
        session.close()

    def _opened(self) -> Session:
        self._connections += 1
        session = Session(self._broker, self._wake, self._connections)
        try:
            self._set_up(session)
        except BaseException:
            session.abandon()
            raise
        return session

    def _serve(self, session: Session) -> None:
        until: float | None = None
        while True:
            session.pump(0)  # a connection that was closed meanwhile shows before anything is sent
            while self._jobs:
                self._jobs.popleft().run(session)
            session.acknowledge()
            if self._over:
                until = until or time.monotonic() + PARTING
                if session.quiet or time.monotonic() > until:
                    return
            session.pump(0.05 if self._over else 1.0)

    def _rest(self, seconds: float, error: BaseException) -> None:
        """Wait before the next try; jobs that come meanwhile are told that there is none."""
        until = time.monotonic() + seconds
        while not self._over and (left := until - time.monotonic()) > 0:
            self._pause(left)
            self._refuse(error)

    def _pause(self, seconds: float) -> None:
        self._wake.wait(seconds)
        self._wake.clear()

    def _refuse(self, error: BaseException) -> None:
        while self._jobs:
            self._jobs.popleft().cannot(error)
