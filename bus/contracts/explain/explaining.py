"""Explains refusals in a process that may be ended: no message holds up others by its explanation.

An explanation has its deadline: under a second of a processor's time, and a few seconds by the
clock where the machine is busy. The XSD of a contract, which no sender has a say in, is learnt
apart, once a process; one that is too hard to learn is never explained. Who finds the process busy
for so long, or learning, has no explanation either.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Mapping
from concurrent.futures import Future
from functools import cache
from typing import TYPE_CHECKING, Final

from lxml import etree

from bus.contracts.explain.lines import with_lines
from bus.contracts.line_process import LineProcess
from bus.core.errors import Fault

if TYPE_CHECKING:
    from lxml.etree import _Element

    from bus.contracts.explain.libxml2 import XsdError

SECONDS: Final = 0.8
"""How much of a processor's time an explanation may take; most take hundredths."""
PATIENCE: Final = 3
"""How many times as long it may take by the clock, on a machine that is busy."""
FIRST: Final = 10
"""How many times as long whoever comes first waits by the clock, while a contract is learnt."""
STUCK: Final = 3
"""How many explanations in a row may be ended before that is remarkable."""
LEARNING: Final = 8.0
"""How much of a processor's time the XSD of a contract may take to be learnt; ours take one."""
MEMORY: Final = 1024**3
"""How many bytes of address space the process may have."""
MOST_ATTRIBUTES: Final = 50
"""An element with more is not explained: xmlschema takes the square of their number."""
_WORKER: Final = "bus.contracts.explain.worker"


class Explaining:
    """The process, shared by all contracts and threads; one explanation at a time."""

    def __init__(self, seconds: float = SECONDS, learning: float = LEARNING) -> None:
        self._seconds = seconds
        self._learning = learning
        self._process = LineProcess(_WORKER, str(learning), str(MEMORY))
        self._learnt: set[str] = set()
        self._too_hard: set[str] = set()
        self._turn = threading.Lock()
        self._failed = 0

    @property
    def is_stuck(self) -> bool:
        """Whether the last few explanations all had to be ended."""
        return self._failed >= STUCK

    def start(self) -> None:
        """Start the process, so that the first refusal does not wait for it."""
        with self._turn:
            self._started()

    def end(self) -> None:
        """End the process; whoever asks starts another."""
        with self._turn:
            self._process.end()

    def faults(
        self, xsd: _Element, contract: str, task: Mapping[str, object]
    ) -> tuple[Fault, ...] | None:
        """The first faults of a content, as xmlschema explains them; None where time ran out.

        The task is what `task_about` makes of the content.
        """
        if not self._turn.acquire(timeout=self._seconds * PATIENCE):
            return None
        text = etree.tostring(xsd, encoding="unicode")
        key = hashlib.sha256(text.encode()).hexdigest()
        if not self._is_learnt_in_time(key, text, contract):
            return None  # the turn is that of the learning
        try:
            return self._explained(key, task)
        finally:
            self._turn.release()

    def _explained(self, key: str, task: Mapping[str, object]) -> tuple[Fault, ...] | None:
        if key in self._too_hard:
            return ()
        told = self._process.ask(
            {**task, "key": key, "seconds": self._seconds}, self._seconds * PATIENCE
        )
        self._failed = 0 if told is not None else self._failed + 1
        return None if told is None else tuple(map(Fault.of, told["faults"]))

    def _is_learnt_in_time(self, key: str, text: str, contract: str) -> bool:
        """Teach a contract where that was not done, and was not in vain.

        Where that takes longer than anybody waits it goes on, and keeps the turn until its end.
        """
        self._started()
        if key in self._learnt | self._too_hard:
            return True
        learning: Future[None] = Future()

        def learn() -> None:
            try:
                task = {"key": key, "xsd": text, "contract": contract}
                done = self._process.ask(task, self._learning * PATIENCE) is not None
                (self._learnt if done else self._too_hard).add(key)
            finally:
                learning.set_result(None)

        threading.Thread(target=learn, name="contract-learner", daemon=True).start()
        try:
            learning.result(self._seconds * FIRST)
        except TimeoutError:
            learning.add_done_callback(lambda _: self._turn.release())
            return False
        return True

    def _started(self) -> None:
        if self._process.start():
            self._learnt.clear()


def task_about(
    content: _Element, said: tuple[XsdError, ...], most: int
) -> Mapping[str, object] | None:
    """What the process is told of a content; None for one that it must not be asked about.

    While the tree is read, nobody else may validate it.
    """
    if _has_crowds(content):
        return None
    tree = content.getroottree()
    place = tree.getelementpath(content)
    return {"message": with_lines(tree.getroot()), "place": place, "said": said, "most": most}


@cache
def explaining() -> Explaining:
    """The one process of this program that explains, for all who check by contracts."""
    return Explaining()


def _has_crowds(content: _Element) -> bool:
    """Whether an element has so many attributes that they cannot be explained."""
    crowded = (each for each in content.iter(etree.Element) if len(each.attrib) > MOST_ATTRIBUTES)
    return next(crowded, None) is not None
