"""Registers that a group of applications shares: what each may change, and that all come to rest."""

from itertools import combinations

import pytest

from bus.core.delivery import Reason, State
from bus.core.route import Deployment, IdScope, Route, TranslatedBy
from bus.core.sharing import ACTIVE, Change, Share, SharingGroup, confirmed_as, rule_of
from bus.journal.commands import Confirm
from bus.journal.rows import DeliveryRow
from tests.support.deployments import SOON, application
from tests.support.loopback import Behaviour, Call, Gate, is_busy, refuses, says_ok
from tests.support.messages import Message
from tests.support.rig import Rig, Rigs

NAMES = ("main", "north", "south")
GROUP = SharingGroup("house", "main", ("north", "south"), ("Partner", "Part"))
ALL = frozenset(Change)
DAY = 86400.0
EVERY_CHOICE = [
    frozenset(chosen) for count in range(4) for chosen in combinations(sorted(Change), count)
]


def sharing(*extended: str, **may: frozenset[Change]) -> Deployment:
    """Three applications that share their partners; each may do all where nothing else is said.

    Those that are `extended` tell and take what is ours.
    """
    routes = tuple(
        Route(
            rule_of("house", name),
            frozenset({"partner", "part"}),
            name,
            tuple(other for other in NAMES if other != name),
            retry=SOON,
            share=Share(GROUP, may.get(name, ALL)),
        )
        for name in NAMES
    )
    known = {
        name: application(
            name,
            de_para=TranslatedBy.BUS,
            id_scope=IdScope.WHOLE,
            extensions=name in extended,
        )
        for name in NAMES
    }
    return Deployment(1, known, routes, groups=(GROUP,))


async def started(rigs: Rigs, configuration: Deployment | None = None) -> Rig:
    """A bus whose group is active, and whose applications give every thing an id of their own."""
    bus = await rigs.start(configuration or sharing())
    for name in NAMES:
        bus.app(name).always(keeps(name))
    await activated(bus)
    return bus


async def activated(bus: Rig, *names: str, how: str = f"{ACTIVE} hash") -> None:
    """A person said so of these applications, or of all."""
    for name in names or NAMES:
        await bus.journal.confirm(Confirm(name, confirmed_as("house"), "ana", how))
    bus.clock.advance(0.001)


def keeps(name: str) -> Behaviour:
    """Knows a thing by its own id, and gives one to what has none: `north-7` for `main-7`."""

    async def behave(call: Call) -> object:
        own = f"{name}-{call.code.rpartition('-')[2]}"
        entity = call.document.envelope.header.transaction
        return await says_ok((entity, call.code, own))(call)

    return behave  # type: ignore[return-value]


async def told(bus: Rig, id_: str, name: str = "Ana", **more: str) -> str:
    """An application tells of a partner, as it is there: the id of the message."""
    bus.clock.advance(1)
    return await bus.accepted(partner(id_, name, **more), id_.partition("-")[0])


def partner(id_: str, name: str = "Ana", document: str | None = None, **more: str) -> bytes:
    """A partner as an application knows it, with a document of its own; without where empty."""
    event = more.pop("event", "upsert")
    document = f"12{id_.rpartition('-')[2]}" if document is None else document
    said = {"InternalId": id_, "Document": document, "Name": name, **more}
    content = {key: text for key, text in said.items() if text}
    return Message(
        transaction="Partner",
        version="1.000",
        entity="Partner",
        id=id_,
        event=event,
        content=content,
    ).xml()


async def came(bus: Rig, message: str, *states: State) -> dict[str, DeliveryRow]:
    """The copies of a message, by their destinations, once they stand so."""
    await bus.reaches(message, *states)
    return {row.destination: row for row in (await bus.trace(message)).deliveries}


async def shared(bus: Rig, id_: str = "main-7") -> None:
    """All three have a partner, and each told of it once."""
    number = id_.rpartition("-")[2]
    await came(bus, await told(bus, id_), State.DELIVERED, State.DELIVERED)
    for name in NAMES:
        if name != id_.partition("-")[0]:
            await came(bus, await told(bus, f"{name}-{number}"), State.DISCARDED, State.DISCARDED)


async def refused(bus: Rig, message: str, rows: dict[str, DeliveryRow], where: str) -> None:
    """It was not permitted, and the trace tells who may not."""
    assert {row.reason for row in rows.values()} == {Reason.NOT_PERMITTED}
    (fault, _) = [one.fault for one in (await bus.trace(message)).attempts]
    assert fault
    assert (fault.code, where in fault.reason("pt")) == ("CHANGE_NOT_PERMITTED", True)


def calls(bus: Rig) -> dict[str, int]:
    """How many messages each was sent."""
    return {name: len(bus.app(name).calls) for name in NAMES}


class Sharings:
    """What is changed in one application is changed in the others, as far as it may be."""

    @pytest.mark.rule("O-02", "O-06")
    async def test_a_change_anywhere_reaches_all_the_others(self, rigs: Rigs) -> None:
        """From a destination too: the origin and its siblings have it, under their own ids."""
        bus = await started(rigs)
        await shared(bus)

        await came(bus, await told(bus, "north-7", "Ana Maria"), State.DELIVERED, State.DELIVERED)

        assert [bus.app(name).received[-1] for name in ("main", "south")] == ["main-7", "south-7"]

    @pytest.mark.rule("O-06", "O-11", "O-14", "O-30")
    @pytest.mark.parametrize("may", EVERY_CHOICE, ids=lambda may: "+".join(sorted(may)) or "none")
    @pytest.mark.parametrize("where", ["main", "north"])
    async def test_each_application_may_do_what_its_permissions_say(
        self, rigs: Rigs, where: str, may: frozenset[Change]
    ) -> None:
        """In all eight combinations, the origin too; what it may not is discarded, and told."""
        bus = await started(rigs, sharing(**{where: may}))
        await shared(bus, "south-7")

        for change, id_ in ((Change.INCLUDE, 8), (Change.EDIT, 7), (Change.DELETE, 7)):
            before = sum(calls(bus).values())
            event = "delete" if change is Change.DELETE else "upsert"
            message = await told(bus, f"{where}-{id_}", "Maria", event=event)
            state = State.DELIVERED if change in may else State.DISCARDED
            rows = await came(bus, message, state, state)

            assert sum(calls(bus).values()) - before == (2 if change in may else 0)
            if change not in may:
                await refused(bus, message, rows, where)

    @pytest.mark.rule("O-04")
    async def test_what_has_no_document_is_not_shared_until_it_has_one(self, rigs: Rigs) -> None:
        """It is told which it was; filled in later, it is shared like any other."""
        bus = await started(rigs)

        without = await told(bus, "main-7", document="")
        rows = await came(bus, without, State.DISCARDED, State.DISCARDED)
        assert {(row.reason, row.why) for row in rows.values()} == {
            (Reason.NOT_SHARED, "NO_DOCUMENT")
        }
        assert sum(calls(bus).values()) == 0

        await came(bus, await told(bus, "main-7"), State.DELIVERED, State.DELIVERED)

    @pytest.mark.rule("O-10", "O-16")
    async def test_a_group_does_nothing_until_it_is_activated(self, rigs: Rigs) -> None:
        """Nor does what was told before ever go anywhere."""
        bus = await rigs.start(sharing())
        rows = await came(bus, await told(bus, "main-7"), State.DISCARDED, State.DISCARDED)

        assert {row.why for row in rows.values()} == {"NOT_ACTIVE"}
        assert sum(calls(bus).values()) == 0

    @pytest.mark.rule("O-17", "O-19", "O-20")
    async def test_one_that_was_stopped_gets_nothing_and_the_others_go_on(self, rigs: Rigs) -> None:
        """What is changed right after it was stopped does not reach it, nor come from it."""
        bus = await started(rigs)
        await shared(bus)
        await activated(bus, "south", how="cancel")
        before = calls(bus)

        rows = {}
        message = await told(bus, "main-7", "Maria")
        await bus.settled()
        rows = {row.destination: row for row in (await bus.trace(message)).deliveries}
        assert (rows["north"].state, rows["south"].why) == (State.DELIVERED, "NOT_ACTIVE")
        assert calls(bus)["south"] == before["south"]

        await came(bus, await told(bus, "south-7", "Eva"), State.DISCARDED, State.DISCARDED)

    @pytest.mark.rule("O-17")
    @pytest.mark.parametrize(
        ("how", "state"), [("cancel", State.DISCARDED), ("drain", State.DELIVERED)]
    )
    async def test_what_was_on_its_way_is_cancelled_or_drained(
        self, rigs: Rigs, how: str, state: State
    ) -> None:
        """As the person chose who stopped the application."""
        bus = await started(rigs)
        gate = Gate(keeps("south"))
        bus.app("south").will(gate)
        first = await told(bus, "main-7")
        await gate.arrived()
        second = await told(bus, "main-7", "Maria")
        await activated(bus, "south", how=how)
        gate.open()

        await bus.reaches(first, State.DELIVERED, State.DELIVERED)
        await bus.reaches(second, State.DELIVERED, state)

    @pytest.mark.rule("O-23")
    async def test_a_register_waits_for_what_it_names(self, rigs: Rigs) -> None:
        """Whichever comes first, what is named is there before what names it."""
        bus = await started(rigs)
        naming = await told(bus, "main-7", PartInternalId="main-1")
        await bus.reaches(naming, State.AWAITING_DEPARA, State.AWAITING_DEPARA)

        part = Message(
            transaction="Part",
            version="1.000",
            entity="Part",
            id="main-1",
            content={"InternalId": "main-1"},
        )
        await bus.accepted(part, "main")
        await bus.reaches(naming, State.DELIVERED, State.DELIVERED)

        assert bus.app("north").received == ["main-1", "main-7"]
        assert b"<PartInternalId>north-1<" in bus.app("north").calls[-1].parcel.message


class SharingsExtended:
    """What is added to a published contract goes to who takes it, and to nobody else."""

    async def test_only_who_takes_what_is_ours_is_sent_it(self, rigs: Rigs) -> None:
        """The others are sent all else, and whatever they tell takes nothing from those."""
        bus = await started(rigs, sharing("main", "north"))

        await came(bus, await told(bus, "main-7", Mark="red"), State.DELIVERED, State.DELIVERED)
        assert b"<Mark>red</Mark>" in bus.app("north").calls[-1].parcel.message
        assert bus.app("north").calls[-1].parcel.content.text_at("Mark") == "red"
        assert b"Mark" not in bus.app("south").calls[-1].parcel.message
        assert bus.app("south").calls[-1].parcel.content.text_at("Name") == "Ana"

        await came(bus, await told(bus, "south-7"), State.DISCARDED, State.DISCARDED)
        again = await told(bus, "north-7", Mark="red")
        await came(bus, again, State.DISCARDED, State.DISCARDED)
        assert calls(bus) == {"main": 0, "north": 1, "south": 1}

    async def test_what_came_from_who_does_not_take_it_is_compared_without_it(
        self, rigs: Rigs
    ) -> None:
        """Who is told that keeps what is ours, and telling it on is no news."""
        bus = await started(rigs, sharing("main", "north"))
        await came(bus, await told(bus, "main-7", Mark="red"), State.DELIVERED, State.DELIVERED)
        await came(bus, await told(bus, "south-7", "Eva"), State.DELIVERED, State.DELIVERED)

        again = await told(bus, "main-7", "Eva", Mark="red")
        await came(bus, again, State.DISCARDED, State.DISCARDED)

    @pytest.mark.parametrize(
        ("extended", "mark", "state"),
        [
            (("main",), "", State.DISCARDED),
            (("main", "north"), "red", State.DISCARDED),
            (("main", "north"), "blue", State.DELIVERED),
        ],
    )
    async def test_an_echo_is_told_by_what_is_ours_where_both_take_it(
        self, rigs: Rigs, extended: tuple[str, ...], mark: str, state: State
    ) -> None:
        """Of routes each way, too."""
        known = sharing(*extended).applications
        routes = tuple(
            Route(one, frozenset({"partner"}), one, (other,), retry=SOON, echo_within=DAY)
            for one, other in (("main", "north"), ("north", "main"))
        )
        bus = await rigs.start(Deployment(1, known, routes))
        for name in ("main", "north"):
            bus.app(name).always(keeps(name))
        await came(bus, await told(bus, "main-7", Mark="red"), State.DELIVERED)

        await came(bus, await told(bus, "north-7", Mark=mark), state)

    async def test_a_change_of_what_is_ours_alone_goes_to_who_takes_it(self, rigs: Rigs) -> None:
        """To the others it is no news."""
        bus = await started(rigs, sharing("main", "north"))
        await came(bus, await told(bus, "main-7", Mark="red"), State.DELIVERED, State.DELIVERED)

        message = await told(bus, "main-7", Mark="blue")
        rows = await came(bus, message, State.DELIVERED, State.DISCARDED)

        assert rows["south"].reason is Reason.ECHO


class SharingsAtRest:
    """X-16: what an application is sent comes back when it is read, and goes no further."""

    async def test_three_applications_come_to_rest(self, rigs: Rigs) -> None:
        """One change makes one delivery to each of the others, though all are read again and again."""
        bus = await started(rigs)
        await shared(bus)
        assert calls(bus) == {"main": 0, "north": 1, "south": 1}

        await came(bus, await told(bus, "south-7", "Maria"), State.DELIVERED, State.DELIVERED)
        for _ in range(3):
            for name in NAMES:
                again = await told(bus, f"{name}-7", "Maria")
                await came(bus, again, State.DISCARDED, State.DISCARDED)

        assert calls(bus) == {"main": 1, "north": 2, "south": 1}

    async def test_it_is_no_news_however_much_later_it_comes(self, rigs: Rigs) -> None:
        """An application may be read a month later, or tell the same for ever."""
        bus = await started(rigs)
        await came(bus, await told(bus, "main-7"), State.DELIVERED, State.DELIVERED)
        bus.clock.advance(30 * DAY)

        rows = await came(bus, await told(bus, "north-7"), State.DISCARDED, State.DISCARDED)

        assert {row.reason for row in rows.values()} == {Reason.ECHO}

    async def test_what_is_read_late_does_not_undo_what_is_newer(self, rigs: Rigs) -> None:
        """What was told twice comes back in two states; neither goes anywhere."""
        bus = await started(rigs)
        await shared(bus)
        for name in ("Bia", "Caio"):
            await came(bus, await told(bus, "main-7", name), State.DELIVERED, State.DELIVERED)

        for name in ("Bia", "Caio"):
            await came(bus, await told(bus, "north-7", name), State.DISCARDED, State.DISCARDED)

    async def test_a_change_back_is_a_change(self, rigs: Rigs) -> None:
        """Though it says what the application was told before."""
        bus = await started(rigs)
        await shared(bus)
        for name in ("Bia", "Caio"):
            await came(bus, await told(bus, "main-7", name), State.DELIVERED, State.DELIVERED)
        await came(bus, await told(bus, "north-7", "Caio"), State.DISCARDED, State.DISCARDED)

        await came(bus, await told(bus, "north-7", "Bia"), State.DELIVERED, State.DELIVERED)
        await came(bus, await told(bus, "north-7", "Caio"), State.DELIVERED, State.DELIVERED)

    async def test_what_a_reader_refused_is_sent_when_it_is_told_again(self, rigs: Rigs) -> None:
        """It does not have it: the same content is news to it."""
        bus = await started(rigs)
        bus.app("south").will(refuses())
        await came(bus, await told(bus, "main-7"), State.DELIVERED, State.REFUSED)

        message = await told(bus, "main-7")
        await bus.settled()

        rows = {row.destination: row for row in (await bus.trace(message)).deliveries}
        assert (rows["north"].reason, rows["south"].state) == (Reason.ECHO, State.DELIVERED)

    async def test_what_is_being_made_is_not_made_once_more(self, rigs: Rigs) -> None:
        """Read before the bus heard the id that it has there, it waits for that."""
        bus = await started(rigs)
        gate = Gate(keeps("north"))
        bus.app("north").will(gate)
        message = await told(bus, "main-7")
        await gate.arrived()

        early = await told(bus, "north-7")

        async def looked() -> bool:
            return len((await bus.trace(early)).attempts) > 1

        await bus.until(looked, "it was looked at")
        gate.open()
        await bus.reaches(message, State.DELIVERED, State.DELIVERED)

        async def ended() -> bool:
            bus.pass_time(0.1)
            return await bus.states(early) == (State.DISCARDED, State.DISCARDED)

        await bus.until(ended, "it is an echo")
        assert calls(bus) == {"main": 0, "north": 1, "south": 1}

    async def test_the_newer_of_two_changes_stands(self, rigs: Rigs) -> None:
        """A change that could not be sent for a while does not undo one that came meanwhile."""
        bus = await started(rigs)
        await shared(bus)
        gate = Gate()
        bus.app("main").will(gate)
        older = await told(bus, "north-7", "Bia")
        await gate.arrived()
        await came(bus, await told(bus, "main-7", "Caio"), State.DELIVERED, State.DELIVERED)

        gate.open(is_busy())
        rows = await came(bus, older, State.DISCARDED, State.DELIVERED)

        assert (rows["main"].reason, rows["main"].why) == (Reason.NOT_SHARED, "OVERTAKEN")

    async def test_what_its_reader_has_from_another_is_no_news_to_it(self, rigs: Rigs) -> None:
        """Though nobody told its sender, where a person wrote the same."""
        bus = await started(rigs)
        await shared(bus)
        bus.app("north").will(refuses())
        await came(bus, await told(bus, "main-7", "Bia"), State.REFUSED, State.DELIVERED)
        before = calls(bus)

        rows = await came(bus, await told(bus, "north-7", "Bia"), State.DISCARDED, State.DISCARDED)

        assert {row.reason for row in rows.values()} == {Reason.ECHO}
        assert calls(bus) == before

    async def test_what_is_on_its_way_from_another_is_waited_for(self, rigs: Rigs) -> None:
        """And is no news once it has arrived."""
        bus = await started(rigs)
        await shared(bus)
        gate = Gate(keeps("south"))
        bus.app("south").will(gate)
        bus.app("north").will(refuses())
        older = await told(bus, "main-7", "Bia")
        await gate.arrived()
        before = calls(bus)

        message = await told(bus, "north-7", "Bia")

        async def looked() -> bool:
            return any(one.why == "SAYING_ALREADY" for one in (await bus.trace(message)).deliveries)

        await bus.until(looked, "it waits")
        gate.open()
        await bus.reaches(older, State.REFUSED, State.DELIVERED)

        async def ended() -> bool:
            bus.pass_time(0.1)
            return await bus.states(message) == (State.DISCARDED, State.DISCARDED)

        await bus.until(ended, "it is no news")
        assert calls(bus) == before
