"""Two registers of an application with one document: neither overwrites the other anywhere."""

import pytest

from bus.core.delivery import State
from bus.core.sharing import Change
from tests.semantics.semantics_depara import know
from tests.semantics.semantics_sharing import (
    NAMES,
    calls,
    came,
    keeps,
    shared,
    sharing,
    started,
    told,
)
from tests.support.loopback import Gate, is_busy, refuses
from tests.support.rig import Rig, Rigs

CNPJ, BARE = "11.222.333/0001-81", "11222333000181"
REFUSED, DELIVERED = (State.REFUSED, State.REFUSED), (State.DELIVERED, State.DELIVERED)


async def paired(bus: Rig, document: str = CNPJ) -> dict[str, int]:
    """All have a partner of `main` with this document: how many messages each was sent."""
    await came(bus, await told(bus, "main-7", document=document), *DELIVERED)
    return calls(bus)


class Doubled:
    """Who knows a register by its document would take one for the other: a person sees it first."""

    @pytest.mark.parametrize(
        ("first", "second"), [(CNPJ, CNPJ), (CNPJ, BARE), (BARE, CNPJ), ("12abc", "12ABC")]
    )
    async def test_a_second_register_with_one_document_overwrites_nobody(
        self, rigs: Rigs, first: str, second: str
    ) -> None:
        """However each is written; it is refused, and told with the ids of both."""
        bus = await started(rigs)
        before = await paired(bus, first)

        message = await told(bus, "main-8", "Ana dup", document=second)
        await came(bus, message, *REFUSED)

        assert calls(bus) == before
        faults = [one.fault for one in (await bus.trace(message)).attempts]
        assert {fault.code for fault in faults if fault} == {"TAKEN_FOR_ANOTHER"}
        words = " ".join(fault.reason("en") for fault in faults if fault)
        assert all(one in words for one in ("main-8", "main-7", "north-7", "south-7"))

    async def test_it_is_told_by_what_another_said_of_the_first(self, rigs: Rigs) -> None:
        """Though its sender never told of that itself, being only sent it."""
        bus = await started(rigs)
        await came(bus, await told(bus, "north-7", document=CNPJ), *DELIVERED)
        before = calls(bus)

        await came(bus, await told(bus, "main-8", document=CNPJ), *REFUSED)

        assert calls(bus) == before

    async def test_the_second_waits_until_the_first_has_arrived(self, rigs: Rigs) -> None:
        """And is refused then, for the first has its pair, though that had to be sent twice."""
        bus = await started(rigs)
        gate = Gate(keeps("north"))
        bus.app("north").will(gate)
        first = await told(bus, "main-7", document=CNPJ)
        await gate.arrived()
        second = await told(bus, "main-8", document=CNPJ)

        async def waits() -> bool:
            rows = (await bus.trace(second)).deliveries
            return "MAYBE_TAKEN_FOR_ANOTHER" in {row.why for row in rows}

        await bus.until(waits, "it waits")
        gate.open(is_busy())

        async def ended() -> bool:
            bus.pass_time(0.1)
            return (await bus.states(first), await bus.states(second)) == (DELIVERED, REFUSED)

        await bus.until(ended, "it is refused")
        assert bus.app("north").received == ["main-7", "main-7"]
        assert bus.app("south").received == ["main-7"]

    async def test_where_the_first_did_not_arrive_the_second_goes(self, rigs: Rigs) -> None:
        """Each reader by itself: nothing is overwritten where nothing is."""
        bus = await started(rigs)
        bus.app("south").will(refuses())
        await came(bus, await told(bus, "main-7", document=CNPJ), State.DELIVERED, State.REFUSED)

        message = await told(bus, "main-8", document=CNPJ)
        rows = await came(bus, message, State.REFUSED, State.DELIVERED)

        assert rows["south"].state is State.DELIVERED
        assert bus.app("north").received == ["main-7"]

    @pytest.mark.parametrize("how", ["corrected", "deleted"])
    async def test_a_document_that_the_first_has_no_more_may_be_another_s(
        self, rigs: Rigs, how: str
    ) -> None:
        """By what its sender said of it last, though that went nowhere."""
        bus = await started(rigs, sharing(main=frozenset({Change.INCLUDE})))
        await paired(bus)
        event, document = ("delete", CNPJ) if how == "deleted" else ("upsert", "999")
        gone = await told(bus, "main-7", document=document, event=event)
        await came(bus, gone, State.DISCARDED, State.DISCARDED)

        await came(bus, await told(bus, "main-8", document=CNPJ), *DELIVERED)

    async def test_a_person_says_that_they_are_two(self, rigs: Rigs) -> None:
        """By a pair of its own; sent again, it goes there, and still nowhere else."""
        bus = await started(rigs)
        await paired(bus)
        message = await told(bus, "main-8", document=CNPJ)
        await came(bus, message, *REFUSED)
        await know(bus, "main:main-8", "north:north-8", "Partner")

        await bus.replay(message)
        await came(bus, message, State.DELIVERED, State.REFUSED)

        assert bus.app("north").received == ["main-7", "north-8"]
        assert bus.app("south").received == ["main-7"]

    async def test_a_change_of_the_first_goes_on_as_ever(self, rigs: Rigs) -> None:
        """The second stands in nobody's way."""
        bus = await started(rigs)
        await paired(bus)
        await came(bus, await told(bus, "main-8", document=CNPJ), *REFUSED)

        await came(bus, await told(bus, "main-7", "Maria", document=CNPJ), *DELIVERED)

    async def test_what_has_another_document_is_no_double(self, rigs: Rigs) -> None:
        """All have both."""
        bus = await started(rigs)
        await shared(bus, "main-7")
        await shared(bus, "main-8")

        assert calls(bus) == dict(zip(NAMES, (0, 2, 2), strict=True))
