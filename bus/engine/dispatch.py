"""Deliver: claims what is due and sends it, each attempt from translation to its one commit.

`Dispatcher` decides who sends what and when; `AttemptRunner` (attempt.py) makes one attempt.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Coroutine, Iterable, Mapping
from collections.abc import Set as AbstractSet
from typing import Any, NamedTuple

from bus.core.delivery import State
from bus.core.errors import BusFault
from bus.core.route import Deployment
from bus.engine.active import ActiveApplications
from bus.engine.attempt import AttemptRunner
from bus.engine.effects import EffectChecks
from bus.engine.slots import SendSlot, SendSlots
from bus.journal.commands import WHOLE, Claim, Claims, ClaimShare
from bus.journal.rows import MICROSECONDS, DeliveryRow
from bus.ports.codec import Document
from bus.ports.notifier import News
from bus.ports.ports import Ports

LEASE_MARGIN = 30.0
"""Seconds that a lease outlives the longest attempt, for what comes before and after it."""
POLL = 1.0
"""Seconds between two looks at what time alone makes due."""
GRACE = 3.0
"""Seconds that attempts under way get when the bus stops."""
LEAVING = 1.0
"""Seconds that the journal then gets to record those that did not end."""


class Pace(NamedTuple):
    """How long a lease is at least, and how often to look for what time alone makes due (s).

    That is lost leases, passed deadlines, effects to ask for, and deliveries that another process
    made due.
    """

    shortest_lease: float = 60.0
    poll: float = POLL


class Dispatcher:
    """Claims due deliveries for this worker and runs their attempts."""

    def __init__(
        self,
        ports: Ports,
        attempts: AttemptRunner,
        effects: EffectChecks,
        worker: str,
        pace: Pace,
    ) -> None:
        self._journal = ports.journal
        self._clock = ports.clock
        self._observer = ports.observer
        self._deployment = ports.deployment
        self._asks = ports.asks
        self._notifier = ports.notifier
        self._active = ActiveApplications(ports.history)
        self._attempts = attempts
        self._effects = effects
        self.worker = worker
        self._shortest_lease, self._poll = pace
        self._slots = SendSlots(ports.deployment, ports.clock)
        self._hungry: set[str] = set()
        self._called: set[str] = set()
        """The applications at which callers may wait for their turn."""
        self._claiming: frozenset[str] = frozenset()
        """Those of which something is being claimed."""
        self._sharing: set[str] = set()
        """Those of which something is being claimed, of each transaction so much."""
        self._opening: set[str] = set()
        self._checking: set[str] = set()
        self._awake = asyncio.Event()
        self._begins = True
        self._tasks: set[asyncio.Task[None]] = set()
        self._timers: dict[tuple[str, int], asyncio.TimerHandle] = {}

    @property
    def lease(self) -> float:
        """Seconds of a lease: longer than any attempt."""
        applications = self._deployment().applications.values()
        longest = max((one.timeout for one in applications), default=0.0)
        return max(self._shortest_lease, longest + LEASE_MARGIN)

    # -- room --------------------------------------------------------------------------------------

    @property
    def slots(self) -> Mapping[str, int]:
        """The slots that are taken now, by application."""
        return self._slots.taken()

    def is_crowded(self, destination: str) -> bool:
        """Whether deliveries to an application may wait for a slot there.

        A slot that is free is theirs until a claim has shown that they leave it.
        """
        if destination in self._claiming:
            return True
        to_be_claimed = self._awake.is_set() or not self._slots.room(destination, caller=False)
        return destination in self._hungry and to_be_claimed

    def reserve(self, wanted: Iterable[SendSlot]) -> dict[str, SendSlot]:
        """Take slots, by application, for what is being accepted, where nothing older is due.

        For a caller that is what other callers wait for.
        """
        if not self._begins:
            return {}
        taken = {}
        for slot in wanted:
            name = slot.application
            older = self._called if slot.caller else self._hungry
            if name in taken or name in older or name in self._sharing:
                continue
            if self._slots.has_room(slot):
                self._slots.take(slot)
                taken[name] = slot
        return taken

    def begin_nothing(self) -> None:
        """Leave what is accepted to the next bus: who only records cannot end what it begins."""
        self._begins = False

    def release(self, slots: Iterable[SendSlot]) -> None:
        """Give slots back that were reserved and are not needed."""
        for slot in slots:
            self._slots.undo(slot)
            self._freed(slot.application)

    def _freed(self, name: str) -> None:
        if name in self._hungry:
            self._awake.set()

    # -- being told --------------------------------------------------------------------------------

    def wake(self, rows: Iterable[DeliveryRow]) -> None:
        """Look at deliveries that changed: those due now or soon (the poll finds the others)."""
        changed = tuple(rows)
        # The store's clock wrote these times; ours may have been set back since (S14).
        now = max([self._clock.now(), *(row.changed_at for row in changed)])
        due = set()
        for row in changed:
            if row.state is not State.WAITING or row.due_at is None:
                continue
            seconds = (row.due_at - now) / MICROSECONDS
            if seconds <= 0:
                self._hunger(row.destination, caller=row.deadline > 0)
                due.add(row.destination)
            elif seconds <= self._poll:
                self._set_timer(row, seconds)
        if due and self._notifier:
            self._notifier.tell(News(due=frozenset(due)))

    def wake_for(self, destinations: AbstractSet[str]) -> None:
        """Look at applications for which another process made something due."""
        for destination in destinations & self._deployment().applications.keys():
            self._hunger(destination)

    def wake_all(self) -> None:
        """Look at every application."""
        self._hungry |= set(self._deployment().applications)
        self._called |= self._hungry
        self._awake.set()

    def follow(self, _: Deployment) -> None:
        """Look at every application: another configuration is in force."""
        self.wake_all()

    def _hunger(self, destination: str, *, caller: bool = False) -> None:
        self._hungry.add(destination)
        if caller:
            self._called.add(destination)
        self._awake.set()

    def _set_timer(self, row: DeliveryRow, seconds: float) -> None:
        key = (row.message, row.number)
        if earlier := self._timers.pop(key, None):
            earlier.cancel()
        loop = asyncio.get_running_loop()
        caller = row.deadline > 0
        self._timers[key] = loop.call_later(seconds, self._timer_rang, key, row.destination, caller)

    def _timer_rang(self, key: tuple[str, int], destination: str, caller: bool) -> None:  # noqa: FBT001 - of a timer
        self._timers.pop(key, None)
        self._hunger(destination, caller=caller)

    # -- running -----------------------------------------------------------------------------------

    async def run(self) -> None:
        """Claim and send until cancelled; then attempts under way have `GRACE` seconds to end."""
        self.wake_all()
        try:
            while True:
                await self._claim()
                await self._rest()
        finally:
            for timer in self._timers.values():
                timer.cancel()
            await self._stop_attempts()

    async def leave(self) -> None:
        """Once `run` has ended: record what becomes of the attempts that it cut off.

        As the end of their leases would. Until then the journal says of them that they are being
        sent, which nobody does any more.
        """
        self.begin_nothing()
        asks = self._asked(self._deployment().applications)
        try:
            async with asyncio.timeout(LEAVING):
                cut_off = await self._journal.end_leases(self.worker, asks)
        except (BusFault, TimeoutError) as error:  # the next bus ends them
            self._observer.troubled("attempts that were cut off could not be recorded", error)
            return
        for row in cut_off:
            if row.state is State.UNKNOWN and not row.asked:
                self._observer.lost(row)
        if cut_off:
            self._observer.cut_off(cut_off)

    async def _rest(self) -> None:
        """Wait until somebody wakes us, or it is time to look at everything."""
        try:
            async with asyncio.timeout(self._poll):
                await self._awake.wait()
        except TimeoutError:
            self.wake_all()
        self._awake.clear()

    async def _claim(self) -> None:
        inactive = await self._inactive()
        rooms = {name: room for name in sorted(self._hungry) if (room := self._room(name)) > 0}
        if not rooms and self._hungry:
            return
        shares = {name: share for name in rooms if (share := self._share(name))}
        for name in inactive & rooms.keys():  # only callers, who are told so
            shares[name] = shares.get(name, WHOLE)._replace(others=0)
        for name, room in rooms.items():
            self._slots.hold(name, room)
        called = self._called & rooms.keys()
        self._hungry -= rooms.keys()
        self._called -= called
        self._sharing |= shares.keys()
        self._claiming = frozenset(rooms)
        claims = Claims()
        asked_at = self._clock.monotonic()
        try:
            asks = self._asked(rooms) - inactive
            checks = frozenset(rooms) - self._checking - inactive
            claims = await self._journal.claim(
                self.worker, rooms, self.lease, asks, checks, shares=shares
            )
        except Exception as error:  # noqa: BLE001 - the journal may fail; the next poll tries again
            self._observer.troubled("claiming failed", error)
        finally:
            self._sharing -= shares.keys()
            self._claiming = frozenset()
        for row in claims.lost:
            self._observer.lost(row)
        self._take(rooms, shares, claims, asked_at)
        self._called |= called & self._hungry  # more of them may wait behind those

    async def _inactive(self) -> frozenset[str]:
        """Those that are not in force, of what is to be claimed; in doubt, all that begin by hand.

        Each attempt asks once more.
        """
        known = self._deployment().applications
        by_hand = [known[name] for name in self._hungry if name in known and known[name].by_hand]
        try:
            return frozenset(await self._active.bars(by_hand))
        except BusFault as fault:
            self._observer.troubled("nobody can tell which applications are in force", fault)
            return frozenset(one.name for one in by_hand)

    def _room(self, name: str) -> int:
        room = self._slots.room(name, caller=name in self._called)
        if not room:
            self._look_when_open(name)
        return room

    def _look_when_open(self, name: str) -> None:
        """Look at an application again when a rate lets something be sent that it kept back."""
        if name not in self._opening and (seconds := self._slots.opens_in(name)) > 0:
            self._opening.add(name)
            asyncio.get_running_loop().call_later(seconds, self._opened, name)

    def _opened(self, name: str) -> None:
        self._opening.discard(name)
        self._hunger(name)

    def _share(self, name: str) -> ClaimShare | None:
        return self._slots.share(name, callers=name in self._called)

    def _asked(self, names: Iterable[str]) -> frozenset[str]:
        """The applications that can be asked what became of a message."""
        known = self._deployment().applications
        return frozenset(name for name in names if name in known and self._asks(known[name]))

    def _take(
        self,
        rooms: dict[str, int],
        shares: dict[str, ClaimShare],
        claims: tuple[Claim, ...],
        asked_at: float,
    ) -> None:
        """Send what was claimed; what filled its room may have more behind it.

        To ask for an effect takes nobody's room: it holds up no delivery, and one at a time is
        asked of an application.
        """
        for name, room in rooms.items():
            self._slots.give_back(name, room)
        got: Counter[str] = Counter()
        for claim in claims:
            if not claim.checks:
                slot = _slot_of(claim)
                got[slot.application] += 1
                self._slots.take(slot)
                self.launch(claim, None, asked_at, slot)
        for name, room in rooms.items():
            filled = got[name] == room
            if filled or (name in shares and self._is_kept_back(name, room, shares[name])):
                self._hungry.add(name)
                self._look_when_open(name)
        for claim in claims:
            if claim.checks:
                self._checking.add(claim.delivery.destination)
                self._begin(self._check(claim))

    def _is_kept_back(self, name: str, room: int, share: ClaimShare) -> bool:
        """Whether something may be due that the share of others, or of its transaction, left."""
        others_left = share.others is not None and share.others < room
        return others_left or share.sessions > 0 or self._slots.is_full_of_one(name)

    def launch(
        self, claim: Claim, document: Document | None, asked_at: float, slot: SendSlot
    ) -> None:
        """Begin an attempt that has its slot; its lease began after `asked_at` (monotonic)."""
        self._begin(self._attempt(claim, document, asked_at, slot))

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _attempt(
        self, claim: Claim, document: Document | None, asked_at: float, slot: SendSlot
    ) -> None:
        try:
            recorded = await (
                self._attempts.question(claim)
                if claim.asks
                else self._attempts.attempt(claim, document, asked_at)
            )
            if recorded:
                self.wake(recorded.moved)
        except Exception as error:  # noqa: BLE001 - one attempt must not end the others; its lease ends it
            self._observer.troubled("an attempt failed", error)
        finally:
            self._slots.leave(slot)
            self._freed(slot.application)

    async def _check(self, claim: Claim) -> None:
        """Ask for the effect of a delivery; then the next may be asked for."""
        destination = claim.delivery.destination
        try:
            await self._effects.check(claim)
        except Exception as error:  # noqa: BLE001 - it is asked for again when its turn ends
            self._observer.troubled("an effect could not be recorded", error)
        finally:
            self._checking.discard(destination)
            self._hunger(destination)

    async def _stop_attempts(self) -> None:
        """Let attempts end: one that is cut short may leave its outcome unknown."""
        if not self._tasks:
            return
        _, late = await asyncio.wait(self._tasks, timeout=GRACE)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)


def _slot_of(claim: Claim) -> SendSlot:
    """What a claimed delivery needs a slot for."""
    delivery = claim.delivery
    caller = delivery.deadline > 0
    return SendSlot(delivery.destination, claim.message.transaction.casefold(), caller)
