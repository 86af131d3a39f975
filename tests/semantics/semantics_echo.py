"""X-16: what comes back from where it was delivered is no news, and what only looks so is."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import replace

import pytest

from bus.core.delivery import Reason, State
from bus.core.envelope import Status
from bus.core.outcome import Outcome
from bus.core.route import Deployment, IdScope, Strictness
from bus.journal.facts import FactKind
from depara.model import Key, PairRow
from tests.support.deployments import SOON, application, deployment, route
from tests.support.loopback import Behaviour, Gate, is_silent, refuses, says_ok
from tests.support.messages import Message
from tests.support.pairs import know
from tests.support.rig import Rig, Rigs

HOUR = 3600.0
ITEM = {"ItemInternalId": "P-ITEM", "Quantity": "10.00"}
ITEM_THERE = {"ItemInternalId": "R-ITEM", "Quantity": "10"}


def both_ways(
    within: float = HOUR, tries: int = 100, strictness: Strictness = Strictness.OFF
) -> Deployment:
    """Write-offs go both ways between Protheus and RM, which keep their own de-para."""
    kinds = frozenset({"stockturnover", "maintenanceorder"})
    retry = replace(SOON, attempts=tries, max_age=HOUR)
    one = route("rm", transactions=kinds, strictness=strictness, retry=retry, echo_within=within)
    made = (one, replace(one, name="back", origin="rm", destinations=("protheus",)))
    names = ("protheus", "rm")
    return deployment(*made, applications=[application(n, id_scope=IdScope.WHOLE) for n in names])


def moved(
    id_: str, *items: Mapping[str, str], head: Mapping[str, str] | None = None, **header: str
) -> bytes:
    """A StockTurnover of these items."""
    lines = "".join(f"<StockTurnoverItem>{_fields(item)}</StockTurnoverItem>" for item in items)
    said = {"entity": "StockTurnover", "id": id_, "transaction": "StockTurnover"} | header
    content = f"{_fields(head or {})}<ListOfStockTurnoverItem>{lines}</ListOfStockTurnoverItem>"
    return _with_content(Message(version="1.006", content={"InternalId": id_}, **said), content)


def _fields(texts: Mapping[str, str]) -> str:
    return "".join(f"<{name}>{text}</{name}>" for name, text in texts.items())


def _with_content(message: Message, more: str) -> bytes:
    return message.xml().replace(b"</BusinessContent>", f"{more}</BusinessContent>".encode())


def gives(id_: str, there: str) -> Behaviour:
    """Says OK, and which id it gave."""
    return says_ok(("StockTurnover", id_, there))


async def delivered(
    bus: Rig, *items: Mapping[str, str], head: Mapping[str, str] | None = None
) -> str:
    """Protheus wrote off, and RM gave that the id R-1."""
    bus.app("rm").will(gives("P-1", "R-1"))
    id_ = await bus.accepted(moved("P-1", *(items or (ITEM,)), head=head))
    await bus.reaches(id_, State.DELIVERED)
    return id_


async def waits_as_maybe(bus: Rig, message: str) -> None:
    """It was looked at, and not sent, for it may be an echo."""

    async def looked() -> bool:
        attempts = (await bus.trace(message)).attempts
        return any(one.fault and one.fault.code == "MAYBE_ECHO" for one in attempts)

    await bus.until(looked, "it was found that it may be an echo")


@pytest.mark.rule("X-16", "T-35")
class Echoes:
    """An echo is told by its id and by what it does, and is discarded."""

    async def test_what_was_delivered_comes_back_and_is_discarded(self, rigs: Rigs) -> None:
        """Under the id that was given for it: it is recorded, and not delivered (T-172)."""
        bus = await rigs.start(both_ways())
        await know(bus, "Item", "protheus:P-ITEM", "rm:R-ITEM")
        ours = await delivered(bus)

        id_ = await bus.accepted(moved("R-1", ITEM_THERE), "rm")
        await bus.reaches(id_, State.DISCARDED)

        assert bus.app("protheus").calls == []
        row = await bus.delivery(id_)
        assert (row.reason, row.why) == (Reason.ECHO, "ECHO")
        trace = await bus.trace(id_)
        (attempt,) = trace.attempts
        assert attempt.outcome == Outcome.WITHHELD
        assert attempt.fault is not None
        assert attempt.fault.detail("message") == ours
        (fact,) = await bus.facts(id_, FactKind.ENDED)
        assert (fact.step, fact.reason) == ("discard", "ECHO")

    @pytest.mark.rule("T-172")
    async def test_the_sender_of_an_echo_is_told_ok_and_both_ids(self, rigs: Rigs) -> None:
        """It waits in its user's transaction, and nothing is wrong."""
        bus = await rigs.start(both_ways())
        await know(bus, "Item", "protheus:P-ITEM", "rm:R-ITEM")
        await delivered(bus)

        reception = await bus.post(moved("R-1", ITEM_THERE, mode="Sync"), "rm")

        answer = bus.response_in(reception)
        assert (answer.status, answer.notes[0].code) == (Status.OK, "ECHO")
        assert [(one.name, one.origin, one.destination) for one in answer.ids] == [
            ("StockTurnover", "R-1", "P-1")
        ]

    async def test_equal_content_under_another_id_is_a_new_movement(self, rigs: Rigs) -> None:
        """Two equal write-offs on one day are two."""
        bus = await rigs.start(both_ways())
        await know(bus, "Item", "protheus:P-ITEM", "rm:R-ITEM")
        await delivered(bus)

        id_ = await bus.accepted(moved("R-2", ITEM_THERE), "rm")
        await bus.reaches(id_, State.DELIVERED)

    async def test_equal_content_under_an_id_of_its_own_is_a_new_movement(self, rigs: Rigs) -> None:
        """Also where its reader knows that one, and what was delivered has that id as a number."""
        bus = await rigs.start(both_ways())
        await know(bus, "Item", "protheus:P-ITEM", "rm:R-ITEM")
        await know(bus, "StockTurnover", "rm:R-2", "protheus:P-2")
        await delivered(bus, head={"Number": "P-2"})

        id_ = await bus.accepted(moved("R-2", ITEM_THERE), "rm")
        await bus.reaches(id_, State.DELIVERED)

    @pytest.mark.parametrize(
        "items",
        [
            ({**ITEM_THERE, "Quantity": "9"},),
            ({**ITEM_THERE, "ItemInternalId": "R-OTHER"},),
            ({**ITEM_THERE, "Event": "delete"},),
            (ITEM_THERE, ITEM_THERE),
            (),
        ],
        ids=["quantity", "item", "deleted", "more", "none"],
    )
    async def test_other_content_under_that_id_is_news(
        self, rigs: Rigs, items: tuple[Mapping[str, str], ...]
    ) -> None:
        """Its sender changed what it had been sent."""
        bus = await rigs.start(both_ways())
        await know(bus, "Item", "protheus:P-ITEM", "rm:R-ITEM")
        await know(bus, "Item", "protheus:P-OTHER", "rm:R-OTHER")
        await delivered(bus)

        id_ = await bus.accepted(moved("R-1", *items), "rm")
        await bus.reaches(id_, State.DELIVERED)

    async def test_a_deletion_under_that_id_is_news(self, rigs: Rigs) -> None:
        """What was written off is taken back."""
        bus = await rigs.start(both_ways())
        await know(bus, "Item", "protheus:P-ITEM", "rm:R-ITEM")
        await delivered(bus)

        id_ = await bus.accepted(moved("R-1", ITEM_THERE, event="delete"), "rm")
        await bus.reaches(id_, State.DELIVERED)

    async def test_after_its_window_it_is_news(self, rigs: Rigs) -> None:
        """Nobody keeps an echo for hours."""
        bus = await rigs.start(both_ways())
        await know(bus, "Item", "protheus:P-ITEM", "rm:R-ITEM")
        await delivered(bus)
        bus.pass_time(HOUR + 1)

        id_ = await bus.accepted(moved("R-1", ITEM_THERE), "rm")
        await bus.reaches(id_, State.DELIVERED)

    async def test_nothing_is_an_echo_where_no_route_says_so(self, rigs: Rigs) -> None:
        """It is delivered as it comes."""
        bus = await rigs.start(both_ways(within=0.0))
        await know(bus, "Item", "protheus:P-ITEM", "rm:R-ITEM")
        await delivered(bus)

        id_ = await bus.accepted(moved("R-1", ITEM_THERE), "rm")
        await bus.reaches(id_, State.DELIVERED)

    async def test_an_echo_has_its_senders_order_and_fields(self, rigs: Rigs) -> None:
        """Prices, a time of day, items in another order: what it does is the same."""
        bus = await rigs.start(both_ways())
        await know(bus, "Item", "protheus:P-ITEM", "rm:R-ITEM")
        second = {"ItemInternalId": "P-ITEM", "Quantity": "2"}
        head = {"AbatementDateTime": "2026-01-31T10:00:00"}
        await delivered(bus, ITEM, second, head=head)

        made = {"UnitPrice": "3.10", "Observation": "RM", "Code": "7"}
        theirs = ({**made, **ITEM_THERE, "Quantity": "2.0"}, {**made, **ITEM_THERE})
        head = {"AbatementDateTime": "2026-01-31T00:00:00", "Number": "99"}
        id_ = await bus.accepted(moved("R-1", *theirs, head=head), "rm")
        await bus.reaches(id_, State.DISCARDED)

    async def test_what_refused_our_delivery_sends_no_echo(self, rigs: Rigs) -> None:
        """Only what was delivered can come back."""
        bus = await rigs.start(both_ways())
        await know(bus, "Item", "protheus:P-ITEM", "rm:R-ITEM")
        await know(bus, "StockTurnover", "protheus:P-1", "rm:R-1")
        bus.app("rm").will(refuses())
        await bus.reaches(await bus.accepted(moved("P-1", ITEM)), State.REFUSED)

        id_ = await bus.accepted(moved("R-1", ITEM_THERE), "rm")
        await bus.reaches(id_, State.DELIVERED)

    async def test_a_change_that_was_delivered_has_an_echo_too(self, rigs: Rigs) -> None:
        """Its id was known before: each delivery counts, not only the one that taught it."""
        bus = await rigs.start(both_ways())
        await know(bus, "Item", "protheus:P-ITEM", "rm:R-ITEM")
        await delivered(bus)
        await delivered(bus, {**ITEM, "Quantity": "4"})

        id_ = await bus.accepted(moved("R-1", {**ITEM_THERE, "Quantity": "4"}), "rm")
        await bus.reaches(id_, State.DISCARDED)


@pytest.mark.rule("X-16")
class EchoesInDoubt:
    """Never silently twice, and never discarded on a guess: in doubt it waits, and says for what."""

    async def test_without_a_pair_it_waits_for_it(self, rigs: Rigs) -> None:
        """The id is one that was given, and nobody can tell whether the item is the same."""
        bus = await rigs.start(both_ways())
        await delivered(bus)

        id_ = await bus.accepted(moved("R-1", ITEM_THERE), "rm")
        await bus.reaches(id_, State.AWAITING_DEPARA)
        (wait,) = (await bus.trace(id_)).waits
        assert (wait.key.entity, wait.key.id) == ("Item", "R-ITEM")
        await know(bus, "Item", "protheus:P-ITEM", "rm:R-ITEM")
        await bus.reaches(id_, State.DISCARDED)

    async def test_the_pair_may_show_that_it_is_news(self, rigs: Rigs) -> None:
        """Then it is delivered."""
        bus = await rigs.start(both_ways())
        await delivered(bus)

        id_ = await bus.accepted(moved("R-1", ITEM_THERE), "rm")
        await bus.reaches(id_, State.AWAITING_DEPARA)
        await know(bus, "Item", "protheus:P-OTHER", "rm:R-ITEM")
        await bus.reaches(id_, State.DELIVERED)

    async def test_what_differs_anyway_waits_for_no_pair(self, rigs: Rigs) -> None:
        """Another quantity is news, whatever the item is."""
        bus = await rigs.start(both_ways())
        await delivered(bus)

        id_ = await bus.accepted(moved("R-1", {**ITEM_THERE, "Quantity": "9"}), "rm")
        await bus.reaches(id_, State.DELIVERED)

    async def test_an_echo_from_within_the_call_waits_for_its_end(self, rigs: Rigs) -> None:
        """Its id is not known yet: it is held until our delivery is, and told then."""
        bus = await rigs.start(both_ways())
        await know(bus, "Item", "protheus:P-ITEM", "rm:R-ITEM")
        gate = Gate(gives("P-1", "R-1"))
        bus.app("rm").will(gate)
        ours = await bus.accepted(moved("P-1", ITEM))
        await gate.arrived()

        id_ = await bus.accepted(moved("R-1", ITEM_THERE), "rm")
        await waits_as_maybe(bus, id_)
        assert bus.app("protheus").calls == []
        gate.open()
        await bus.reaches(ours, State.DELIVERED)
        await bus.reaches(id_, State.DISCARDED)

    async def test_what_the_message_under_way_was_warned_of_is_no_matter(self, rigs: Rigs) -> None:
        """Both are against their contract, which a lenient route only tells."""
        bus = await rigs.start(both_ways(strictness=Strictness.WARN))
        await know(bus, "Item", "protheus:P-ITEM", "rm:R-ITEM")
        gate = Gate(gives("P-1", "R-1"))
        bus.app("rm").will(gate)
        ours = await bus.accepted(moved("P-1", ITEM))
        await gate.arrived()

        id_ = await bus.accepted(moved("R-1", ITEM_THERE), "rm")
        await waits_as_maybe(bus, id_)
        gate.open()
        await bus.reaches(id_, State.DISCARDED)
        assert (await bus.trace(ours)).message.faults

    async def test_a_call_that_ends_while_the_bus_looks_is_not_missed(
        self, rigs: Rigs, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Its id came after the de-para was asked, and it is under way no more."""
        bus = await rigs.start(both_ways())
        await know(bus, "Item", "protheus:P-ITEM", "rm:R-ITEM")
        gate = Gate(gives("P-1", "R-1"))
        bus.app("rm").will(gate)
        ours = await bus.accepted(moved("P-1", ITEM))
        await gate.arrived()
        asks = bus.store.crossreference.known

        async def known(keys: Collection[Key]) -> Mapping[Key, tuple[PairRow, ...]]:
            said = await asks(keys)
            gate.open()
            await bus.reaches(ours, State.DELIVERED)
            return said

        monkeypatch.setattr(bus.store.crossreference, "known", known)
        id_ = await bus.accepted(moved("R-1", ITEM_THERE), "rm")
        await bus.reaches(id_, State.DISCARDED)

        assert bus.app("protheus").calls == []

    async def test_who_waits_for_the_end_is_answered_within_the_deadline(self, rigs: Rigs) -> None:
        """Of a synchronous echo the sender hears OK, once the other call has ended."""
        bus = await rigs.start(both_ways())
        await know(bus, "Item", "protheus:P-ITEM", "rm:R-ITEM")
        gate = Gate(gives("P-1", "R-1"))
        bus.app("rm").will(gate)
        await bus.accepted(moved("P-1", ITEM))
        await gate.arrived()

        posting = bus.posting(moved("R-1", ITEM_THERE, mode="Sync"), "rm")
        await bus.until(_looked_again(bus), "the echo was looked at")
        gate.open()

        answer = bus.response_in(await posting)
        assert (answer.status, answer.notes[0].code) == (Status.OK, "ECHO")

    async def test_a_movement_of_its_own_is_sent_when_the_other_call_ends(self, rigs: Rigs) -> None:
        """Equal content, and another id was given: it is a new movement."""
        bus = await rigs.start(both_ways())
        await know(bus, "Item", "protheus:P-ITEM", "rm:R-ITEM")
        gate = Gate(gives("P-1", "R-1"))
        bus.app("rm").will(gate)
        await bus.accepted(moved("P-1", ITEM))
        await gate.arrived()

        id_ = await bus.accepted(moved("R-2", ITEM_THERE), "rm")
        await waits_as_maybe(bus, id_)
        gate.open()
        await bus.reaches(id_, State.DELIVERED)

    async def test_other_content_does_not_wait_for_the_other_call(self, rigs: Rigs) -> None:
        """It cannot be its echo."""
        bus = await rigs.start(both_ways())
        await know(bus, "Item", "protheus:P-ITEM", "rm:R-ITEM")
        gate = Gate(gives("P-1", "R-1"))
        bus.app("rm").will(gate)
        await bus.accepted(moved("P-1", ITEM))
        await gate.arrived()

        id_ = await bus.accepted(moved("R-2", {**ITEM_THERE, "Quantity": "1"}), "rm")
        await bus.reaches(id_, State.DELIVERED)
        gate.open()

    async def test_what_nobody_knows_of_holds_its_echo(self, rigs: Rigs) -> None:
        """Until a person says what came of it, and by which id."""
        bus = await rigs.start(both_ways())
        await know(bus, "Item", "protheus:P-ITEM", "rm:R-ITEM")
        bus.app("rm").will(is_silent())
        ours = await bus.accepted(moved("P-1", ITEM))
        await bus.reaches(ours, State.UNKNOWN)

        id_ = await bus.accepted(moved("R-1", ITEM_THERE), "rm")
        await waits_as_maybe(bus, id_)
        await bus.settle(ours, done=True, id_="R-1")
        await bus.reaches(id_, State.DISCARDED)
        assert bus.app("protheus").calls == []

    async def test_a_doubt_that_nobody_ends_is_given_up_and_says_so(self, rigs: Rigs) -> None:
        """It is work for a person, under the name of the message that it may repeat."""
        bus = await rigs.start(both_ways(within=24 * HOUR))
        await know(bus, "Item", "protheus:P-ITEM", "rm:R-ITEM")
        bus.app("rm").will(is_silent())
        ours = await bus.accepted(moved("P-1", ITEM))
        await bus.reaches(ours, State.UNKNOWN)

        id_ = await bus.accepted(moved("R-1", ITEM_THERE), "rm")
        await waits_as_maybe(bus, id_)
        bus.pass_time(HOUR + 1)
        await bus.reaches(id_, State.DEAD)
        assert (await bus.delivery(id_)).why == "MAYBE_ECHO"

    async def test_a_caller_in_doubt_is_told_of_what_message(self, rigs: Rigs) -> None:
        """ERROR, which names the message that it may repeat; nothing is sent afterwards."""
        bus = await rigs.start(both_ways(tries=1))
        await know(bus, "Item", "protheus:P-ITEM", "rm:R-ITEM")
        bus.app("rm").will(is_silent())
        ours = await bus.accepted(moved("P-1", ITEM))
        await bus.reaches(ours, State.UNKNOWN)

        reception = await bus.post(moved("R-1", ITEM_THERE, mode="Sync"), "rm")

        answer = bus.response_in(reception)
        assert (answer.status, answer.notes[0].code) == (Status.ERROR, "MAYBE_ECHO")
        assert ours in answer.notes[0].text
        await bus.reaches(reception.message, State.DISCARDED)
        assert bus.app("protheus").calls == []


def _looked_again(bus: Rig) -> Callable[[], Awaitable[bool]]:
    seen = bus.watcher.seen["attempted"]

    async def looked() -> bool:
        await asyncio.sleep(0)
        return bus.watcher.seen["attempted"] > seen

    return looked
