"""SendSlots at applications: how many attempts may begin now, as far as this process sends them.

An application has so many at once, and so many in any stretch of time; each transaction there may
have bounds of its own (`bus.core.throttle`). Where callers have come by, a quarter of the slots
and of the rate is kept for them.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Mapping
from typing import NamedTuple

from bus.core.route import Application, Deployment
from bus.core.throttle import Rate, Throttle
from bus.journal.commands import WHOLE, ClaimShare
from bus.journal.rows import MICROSECONDS
from bus.ports.clock import Clock

KEPT = 4
"""One in so many is kept for callers; at least one, where there are several."""
MANY = 1_000
"""Room where nothing bounds it."""
NOBODY = Application("", "", concurrency=1)
"""Stands for an application that was removed."""


class SendSlot(NamedTuple):
    """For what a slot at an application is: a casefolded transaction, and whether a caller waits.

    A caller is a synchronous sender.
    """

    application: str
    transaction: str
    caller: bool


class _Stretch:
    """When attempts began: no more than a rate allows, wherever a stretch of its time begins."""

    def __init__(self, rate: Rate) -> None:
        self.rate = rate
        self._begun: deque[float] = deque()

    def room(self, now: float) -> int:
        begun = self._begun
        while begun and now - begun[0] >= self.rate.seconds:
            begun.popleft()
        return self.rate.number - len(begun)

    def begin(self, now: float, count: int) -> None:
        self._begun.extend([now] * count)

    def take_back(self, count: int) -> None:
        for _ in range(min(count, len(self._begun))):  # of another rate than before there are none
            self._begun.pop()

    def opens_at(self) -> float:
        """When the one that began first is no longer in the stretch; there is one."""
        return self._begun[0] + self.rate.seconds


class _Use:
    """What is being sent to an application, or of one transaction to it."""

    def __init__(self) -> None:
        self.under_way = 0
        self._stretch: _Stretch | None = None

    def within(self, rate: Rate | None) -> _Stretch | None:
        """What began within the time of a rate; that of another one begins anew."""
        if self._stretch is None or self._stretch.rate != rate:
            self._stretch = _Stretch(rate) if rate else None
        return self._stretch

    def begin(self, rate: Rate | None, now: Callable[[], float], count: int = 1) -> None:
        self.under_way += count
        if rate and (stretch := self.within(rate)):
            stretch.begin(now(), count)

    def take_back(self, rate: Rate | None, count: int = 1) -> None:
        self.under_way -= count
        if rate and (stretch := self.within(rate)):
            stretch.take_back(count)


class SendSlots:
    """The slots of this process at applications. Times are monotonic seconds."""

    def __init__(self, deployment: Callable[[], Deployment], clock: Clock) -> None:
        self._deployment = deployment
        self._clock = clock
        self._monotonic = clock.monotonic
        self._uses: dict[str, _Use] = {}
        self._of_transactions: dict[str, dict[str, _Use]] = {}
        self._callers: Counter[str] = Counter()
        """Slots that callers have now; whoever is here had one."""

    # -- how many ----------------------------------------------------------------------------------

    def taken(self) -> Mapping[str, int]:
        """How many are taken now, by application."""
        return {name: self._use(name).under_way for name in self._deployment().applications}

    def room(self, name: str, *, caller: bool) -> int:
        """How many more attempts may begin there: at all, or of those for which nobody waits."""
        return self._room(self._application(name), self._use(name), name, caller=caller)

    def _room(self, application: Application, use: _Use, name: str, *, caller: bool) -> int:
        most, rate = application.concurrency, application.rate
        room = most - use.under_way
        kept = not caller and name in self._callers
        if kept:
            room = min(room, most - _kept(most) - (use.under_way - self._callers[name]))
        if rate and (stretch := use.within(rate)):
            left = stretch.room(self._monotonic())
            room = min(room, left - _kept(rate.number) if kept else left)
        return max(0, room)

    def has_room(self, slot: SendSlot) -> bool:
        """Whether an attempt may begin for what a slot is, without asking the journal."""
        name, caller = slot.application, slot.caller
        application = self._application(name)
        if application.sessions or (not caller and self._closed_until(application)):
            return False
        if self._room(application, self._use(name), name, caller=caller) <= 0:
            return False
        each = application.each_transaction
        return each is None or self._left(each, self._use_of(slot)) > 0

    def opens_in(self, name: str) -> float:
        """Seconds until a rate lets another attempt begin there; 0 where none keeps any back."""
        application, now = self._application(name), self._monotonic()
        used = [(self._use(name), application.rate)]
        if each := application.each_transaction:
            used += [(use, each.rate) for use in self._of_transactions.get(name, {}).values()]
        full = (use.within(rate) for use, rate in used)
        return min((one.opens_at() - now for one in full if one and one.room(now) <= 0), default=0)

    def is_full_of_one(self, name: str) -> bool:
        """Whether nothing more of some transaction may be sent there now."""
        each, uses = self._application(name).each_transaction, self._of_transactions.get(name, {})
        return each is not None and any(self._left(each, use) <= 0 for use in uses.values())

    def share(self, name: str, *, callers: bool) -> ClaimShare | None:
        """How what is claimed there is chosen; None where the longest due simply go first."""
        application = self._application(name)
        each, uses = application.each_transaction, self._of_transactions.get(name, {})
        share = ClaimShare(
            self.room(name, caller=False) if callers else None,
            self._left(each, _Use()) if each else None,
            {one: self._left(each, use) for one, use in uses.items()} if each else {},
            application.sessions,
            self._closed_until(application),
        )
        return None if share == WHOLE else share

    def _closed_until(self, application: Application) -> int:
        """When it opens (µs), 0 where it is open; whoever is never closed needs no clock."""
        if not application.closed:
            return 0
        now = self._clock.now()
        seconds = application.closed_for(now / MICROSECONDS)
        return now + int(seconds * MICROSECONDS) if seconds else 0

    def _left(self, each: Throttle, use: _Use) -> int:
        room = each.concurrency - use.under_way if each.concurrency else MANY
        stretch = use.within(each.rate)
        return max(0, min(room, stretch.room(self._monotonic()) if stretch else MANY))

    # -- taking and leaving ------------------------------------------------------------------------

    def hold(self, name: str, count: int) -> None:
        """Keep so many, until it is known what for."""
        self._use(name).begin(self._application(name).rate, self._monotonic, count)

    def give_back(self, name: str, count: int) -> None:
        """End that."""
        self._use(name).take_back(self._application(name).rate, count)

    def take(self, slot: SendSlot) -> None:
        """Begin an attempt."""
        application = self._application(slot.application)
        self._use(slot.application).begin(application.rate, self._monotonic)
        if each := application.each_transaction:
            self._use_of(slot).begin(each.rate, self._monotonic)
        if slot.caller:
            self._callers[slot.application] += 1

    def leave(self, slot: SendSlot) -> None:
        """End it."""
        self._use(slot.application).under_way -= 1
        # Another configuration may bound it now, or no longer.
        use = self._of_transactions.get(slot.application, {}).get(slot.transaction)
        if use and use.under_way:
            use.under_way -= 1
        if slot.caller:
            self._callers[slot.application] -= 1

    def undo(self, slot: SendSlot) -> None:
        """It did not begin after all."""
        application = self._application(slot.application)
        self._use(slot.application).take_back(application.rate)
        if each := application.each_transaction:
            self._use_of(slot).take_back(each.rate)
        if slot.caller:
            self._callers[slot.application] -= 1

    def _application(self, name: str) -> Application:
        return self._deployment().applications.get(name, NOBODY)

    def _use(self, name: str) -> _Use:
        use = self._uses.get(name)
        if use is None:
            use = self._uses[name] = _Use()
        return use

    def _use_of(self, slot: SendSlot) -> _Use:
        uses = self._of_transactions.setdefault(slot.application, {})
        return uses.setdefault(slot.transaction, _Use())


def _kept(most: int) -> int:
    """How many of so many are kept for callers."""
    return max(1, most // KEPT) if most > 1 else 0
