"""The simulated application: it behaves as told, and its ledger tells what it did."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

from adapters.http_xml import ADAPTER
from adapters.simulation.behaviour import Behaviour, Conduct, ScriptedConduct, read_behaviour
from adapters.simulation.desk import Setting
from adapters.simulation.ledger import Effect
from adapters.simulation.simulator import Simulator
from bus.core.outcome import Outcome, Report
from bus.core.route import Application, Credentials
from bus.ports.adapter import Parcel
from bus.ports.codec import Codec
from bus.testing.standard_messages import MESSAGE, UUID

REGISTER = frozenset({"UNITOFMEASURE"})
SECRET = Credentials("bus", "s3gredo-Pesado")
Deliver = Callable[..., Awaitable[Report]]


@pytest.fixture
def deliver(codec: Codec) -> Deliver:
    """Sends the message to a simulator by the real adapter, under any UUID."""

    async def send(simulator: Simulator, uuid: str = UUID, old: str = "", new: str = "") -> Report:
        message = MESSAGE.replace(UUID.encode(), uuid.encode()).replace(old.encode(), new.encode())
        application = Application("rm", "RM", address=simulator.address, credentials=SECRET)
        adapter = ADAPTER.open(application, codec)
        parcel = Parcel(application, await codec.read(message), message, uuid, False, 5.0)
        try:
            return await adapter.send(parcel)
        finally:
            await adapter.close()

    return send


@pytest.mark.parametrize(
    ("conduct", "outcome", "processed"),
    [
        (Conduct.ANSWER, Outcome.DELIVERED, True),
        (Conduct.RECEIPT, Outcome.RECEIVED, True),
        (Conduct.TWICE, Outcome.DELIVERED, True),
        (Conduct.EMPTY, Outcome.UNKNOWN, True),
        (Conduct.PAGE, Outcome.UNKNOWN, True),
        (Conduct.CUT, Outcome.UNKNOWN, True),
        (Conduct.WRONG_UUID, Outcome.UNKNOWN, True),
        (Conduct.ANOTHER_TRANSACTION, Outcome.DELIVERED, True),
        (Conduct.WITHOUT_IDS, Outcome.DELIVERED, True),
        (Conduct.STRANGE_IDS, Outcome.DELIVERED, True),
        (Conduct.DROP_AFTER, Outcome.UNKNOWN, True),
        (Conduct.OK_WITHOUT_EFFECT, Outcome.DELIVERED, False),
        (Conduct.DROP_BEFORE, Outcome.UNKNOWN, False),
        (Conduct.REFUSE, Outcome.REFUSED, False),
        (Conduct.TRY_AGAIN, Outcome.BUSY, False),
        (Conduct.FAIL, Outcome.UNKNOWN, False),
        (Conduct.BUSY, Outcome.BUSY, False),
        (Conduct.DENY, Outcome.UNREACHABLE, False),
    ],
)
async def test_each_conduct_is_what_it_says(
    codec: Codec, deliver: Deliver, conduct: Conduct, outcome: Outcome, processed: bool
) -> None:
    """An application that is told to fail in a way fails so, and then answers again."""
    async with Simulator(codec) as simulator:
        simulator.behave(ScriptedConduct(conduct))
        report = await deliver(simulator)
        after = await deliver(simulator, "after")

    assert report.outcome is outcome, report.fault
    assert [entry.uuid for entry in simulator.received] == [UUID] * processed + ["after"]
    assert after.outcome is Outcome.DELIVERED


async def test_an_answer_teaches_an_id_of_its_own(codec: Codec, deliver: Deliver) -> None:
    """The response pairs the sender's id with the one that the application made."""
    async with Simulator(codec) as simulator:
        report = await deliver(simulator)

    assert report.response
    (pair,) = report.response.ids
    assert (pair.name, pair.origin) == ("UnitOfMeasure", "01| |UN")
    assert pair.destination == simulator.received[0].destination != ""


async def test_a_repeated_register_is_no_double(codec: Codec, deliver: Deliver) -> None:
    """An upsert of a register by its InternalId updates; any other message is made anew."""
    async with (
        Simulator(codec, Setting(registers=REGISTER)) as idempotent,
        Simulator(codec) as other,
    ):
        for simulator in (idempotent, other):
            await deliver(simulator)
            await deliver(simulator)

    assert [entry.effect for entry in idempotent.received] == [Effect.CREATED, Effect.UPDATED]
    assert len({entry.destination for entry in idempotent.received}) == 1
    assert idempotent.doubles == ()
    assert other.doubles == (UUID,)


async def test_a_deleted_id_is_made_anew(codec: Codec, deliver: Deliver) -> None:
    """After a delete, an upsert of the same id makes another document."""
    async with Simulator(codec, Setting(registers=REGISTER)) as simulator:
        await deliver(simulator)
        await deliver(simulator, "deletion", "<Event>upsert", "<Event>delete")
        await deliver(simulator, "again")

    effects = [entry.effect for entry in simulator.received]
    assert effects == [Effect.CREATED, Effect.DELETED, Effect.CREATED]


async def test_the_ledger_outlives_the_application(
    codec: Codec, deliver: Deliver, tmp_path: Path
) -> None:
    """A restarted application knows what it processed, in order."""
    setting = Setting(ledger=tmp_path / "ledger.jsonl", registers=REGISTER)
    async with Simulator(codec, setting) as before:
        await deliver(before, "one")
    async with Simulator(codec, setting) as after:
        await deliver(after, "two")

    assert [(e.number, e.uuid, e.effect) for e in after.received] == [
        (1, "one", Effect.CREATED),
        (2, "two", Effect.UPDATED),
    ]
    assert len((tmp_path / "ledger.jsonl").read_text("utf-8").splitlines()) == 2


async def test_it_admits_only_who_it_knows(codec: Codec, deliver: Deliver) -> None:
    """With a login, a message without its credentials is denied."""
    async with (
        Simulator(codec, Setting(login=SECRET)) as knows_us,
        Simulator(codec, Setting(login=Credentials("bus", "another"))) as knows_us_not,
    ):
        admitted, denied = await deliver(knows_us), await deliver(knows_us_not)

    assert admitted.outcome is Outcome.DELIVERED
    assert denied.outcome is Outcome.UNREACHABLE
    assert knows_us_not.heard == ()


async def test_it_leaves_and_comes_back_to_the_same_address(codec: Codec, deliver: Deliver) -> None:
    """While it is away connections are refused; then it is where it was."""
    async with Simulator(codec) as simulator:
        address = simulator.address
        await simulator.leave()
        away = await deliver(simulator)
        await simulator.come_back()
        back = await deliver(simulator)

    assert away.outcome is Outcome.UNREACHABLE
    assert back.outcome is Outcome.DELIVERED
    assert simulator.address == address


async def test_a_late_response_reaches_the_bus(codec: Codec, deliver: Deliver) -> None:
    """After a receipt, the response is brought until the bus has it, with credentials."""
    taken: asyncio.Queue[tuple[str, bytes]] = asyncio.Queue()
    statuses = [503, 202]

    async def bus(request: web.Request) -> web.Response:
        taken.put_nowait((request.headers["Authorization"], await request.read()))
        return web.Response(status=statuses.pop(0))

    pages = web.Application()
    pages.router.add_post("/messages", bus)
    runner = web.AppRunner(pages)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    address = f"http://127.0.0.1:{runner.addresses[0][1]}/messages"
    setting = Setting(bus=address, credentials=SECRET)
    async with Simulator(
        codec, setting, Behaviour(always=ScriptedConduct(Conduct.RECEIPT))
    ) as simulator:
        report = await deliver(simulator)
        first = await asyncio.wait_for(taken.get(), 10)
        second = await asyncio.wait_for(taken.get(), 10)
    await runner.cleanup()

    assert report.outcome is Outcome.RECEIVED
    assert first == second
    response = (await codec.read_answer(second[1])).response
    assert response
    assert response.received_uuid == UUID


async def test_it_is_told_by_http(codec: Codec, deliver: Deliver) -> None:
    """Behaviour, absence and ledger have addresses of their own."""
    async with Simulator(codec) as simulator, aiohttp.ClientSession() as http:
        root = simulator.address.rpartition("/")[0] + "/simulator"
        behaviour = {"sequence": [{"do": "refuse", "text": "Não."}, "busy"], "always": "empty"}
        async with http.post(f"{root}/behaviour", json=behaviour) as answer:
            assert answer.status == 200
        reports = [await deliver(simulator) for _ in range(3)]
        async with http.get(f"{root}/ledger") as answer:
            ledger = await answer.json()
        async with http.post(f"{root}/away", json={"seconds": 60}) as answer:
            assert answer.status == 200
        away = await deliver(simulator)
        while away.outcome is not Outcome.UNREACHABLE:
            away = await deliver(simulator)

    outcomes = [report.outcome for report in reports]
    assert outcomes == [Outcome.REFUSED, Outcome.BUSY, Outcome.UNKNOWN]
    assert "Não." in str(reports[0].fault)
    assert [entry["uuid"] for entry in ledger] == [UUID]


@pytest.mark.parametrize(
    ("page", "body"),
    [
        ("behaviour", "{"),
        ("behaviour", '{"do": "dance"}'),
        ("behaviour", '{"sequence": [7]}'),
        ("behaviour", '{"sequence": ["busy"], "then": "answer"}'),
        ("away", "{}"),
        ("away", '{"seconds": "long"}'),
    ],
)
async def test_it_says_what_it_does_not_understand(codec: Codec, page: str, body: str) -> None:
    """A mistake in what it is told is refused with its reason."""
    async with Simulator(codec) as simulator, aiohttp.ClientSession() as http:
        root = simulator.address.rpartition("/")[0] + "/simulator"
        async with http.post(f"{root}/{page}", data=body) as answer:
            said = await answer.json()

    assert answer.status == 400
    assert said["error"]


async def test_what_is_no_message_is_refused(codec: Codec) -> None:
    """Bytes that are no standard message are not processed."""
    async with (
        Simulator(codec) as simulator,
        aiohttp.ClientSession() as http,
        http.post(simulator.address, data=b"<html/>") as answer,
    ):
        assert answer.status == 400

    assert simulator.received == ()


def test_chance_can_be_had_again() -> None:
    """The same seed draws the same conducts, about as often as told."""
    given = {"chances": [{"do": "busy", "chance": 0.2}, {"do": "cut", "chance": 0.1}], "seed": 7}
    drawn = [read_behaviour(json.dumps(given)) for _ in range(2)]
    one, other = ([behaviour.next().do for _ in range(2_000)] for behaviour in drawn)

    assert one == other
    assert 300 < one.count(Conduct.BUSY) < 500
    assert 120 < one.count(Conduct.CUT) < 280
    assert set(one) == {Conduct.BUSY, Conduct.CUT, Conduct.ANSWER}


@pytest.mark.parametrize("text", ["busy", '"busy"', '{"do": "busy"}', '{"always": "busy"}'])
def test_one_conduct_may_stand_for_all(text: str) -> None:
    """A conduct by its name, or as an object, is how every message is met."""
    behaviour = read_behaviour(text)

    assert [behaviour.next().do for _ in range(3)] == [Conduct.BUSY] * 3


def test_a_sequence_repeats_its_steps() -> None:
    """A step with `times` comes so often before the next one."""
    behaviour = read_behaviour('[{"do": "busy", "times": 2}, {"do": "page", "seconds": 1}]')

    done = [behaviour.next().do for _ in range(4)]
    assert done == [Conduct.BUSY, Conduct.BUSY, Conduct.PAGE, Conduct.ANSWER]
