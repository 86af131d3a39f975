"""What the store commits, noted for the checks as it happens."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from bus.core.delivery import ENDED, Kind, State, Step
from bus.core.identity import RepeatVerdict
from bus.journal.commands import (
    Accept,
    Accepted,
    CursorMove,
    Operate,
    Operated,
    Reject,
    Repeated,
)
from bus.journal.rows import DeliveryRow
from bus.store.memory import MemoryStore
from tests.simulation.chronicle import Arrival, Chronicle, Intervention
from tests.simulation.naming import NameBook
from tests.simulation.people import PERSON


class CommitWatch:
    """Looks at each command before it is carried out, and at what came of it."""

    def __init__(
        self,
        store: MemoryStore,
        chronicle: Chronicle,
        time: Callable[[], float],
        book: NameBook | None = None,
    ) -> None:
        self._tables = store.tables
        self._chronicle = chronicle
        self._time = time
        self._book = book

    def watch(self, command: object) -> Callable[[object], None]:
        """See how what a command is about stands, and note what matters of its commit."""
        note, book = self._watch(command), self._book
        if book is None:
            return note

        def both(result: object) -> None:
            note(result)
            book.note(command, result)

        return both

    def _watch(self, command: object) -> Callable[[object], None]:
        match command:
            case Operate() if command.step and command.actor == PERSON:
                doubts = frozenset(
                    row.destination
                    for row in self._tables.kept.deliveries.values()
                    if row.message == command.message and row.state is State.UNKNOWN
                )
                places = {
                    row.lane: row.seq
                    for row in self._tables.kept.deliveries.values()
                    if row.message == command.message and row.kind is Kind.COPY and row.lane
                }
                return lambda result: self._acted(command, result, doubts, places)
            case Operate() if command.step:
                return lambda result: self._tell_act(command, result)
            case Accept():
                return lambda result: self._arrived(command, result)
            case Reject() if command.cursor:
                place = int(command.cursor.value)
                return lambda _: self._chronicle.read.append((place, True))
            case CursorMove():
                return lambda _: self._chronicle.read.append((int(command.value), False))
            case _:
                return lambda _: None

    def _acted(
        self,
        command: Operate,
        result: object,
        doubts: frozenset[str],
        places: Mapping[str, int],
    ) -> None:
        assert isinstance(result, Operated)
        assert command.step
        moved = tuple((row.message, row.number) for row in result.moved)
        over = ""
        if command.step is Step.REPLAY and not command.overwrites:
            over = self._newer(command.message, result.moved, places)
        act = Intervention(self._time(), command.step, command.message, moved, doubts, over)
        self._chronicle.interventions.append(act)
        self._tell_act(command, result)

    def _tell_act(self, command: Operate, result: object) -> None:
        assert isinstance(result, Operated)
        states = ", ".join(f"{r.message}/{r.number} {r.state}" for r in result.moved)
        self._chronicle.tell(
            self._time(), "journal", f"{command.actor}: {command.step} {command.message} → {states}"
        )

    def _newer(self, message: str, sent: Iterable[DeliveryRow], before: Mapping[str, int]) -> str:
        """What is newer than a message, and was or will be delivered of its documents before it.

        A place that it had `before` was given to it by its sender, at the time of the last post.
        """
        places = {row.lane: row.seq for row in sent if row.kind is Kind.COPY and row.lane}
        return ", ".join(
            f"{row.message}/{row.number}"
            for row in self._tables.kept.deliveries.values()
            if row.lane in places and row.message > message
            if row.state is State.DELIVERED
            or (row.state not in ENDED and 0 < row.seq < places[row.lane] != before.get(row.lane))
        )

    def _arrived(self, command: Accept, result: object) -> None:
        assert isinstance(result, Accepted | Repeated)
        token = command.entry.content_hash
        verdict = result.verdict if isinstance(result, Repeated) else None
        again, over = bool(command.actor), ""
        if again and verdict is None and not command.overwrites:
            over = self._newer(command.parent, result.deliveries, {})
        arrival = Arrival(
            self._time(), token, result.message, result.deliveries, verdict, again, over
        )
        self._chronicle.arrived(arrival)
        if command.cursor and verdict is not RepeatVerdict.CONFLICT:  # then it is rejected first
            self._chronicle.read.append((int(command.cursor.value), True))
