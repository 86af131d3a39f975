"""Holds any adapter to the duties of its port (S8, S10), whatever it speaks.

Your tests subclass `AdapterSuite`: they say how the other side behaves, scene by scene, and what
must come of it. A suite fails where the scenes are too few to show an honest adapter.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from importlib.metadata import entry_points
from typing import Any

import pytest

from bus.adapter_kinds import GROUP, features_of
from bus.config.values import NAME
from bus.core.errors import BusFault
from bus.core.outcome import Outcome, Report
from bus.core.route import Application, Credentials
from bus.ports.adapter import Adapter, AdapterKind, Feature, Parcel, Reader
from bus.ports.codec import Codec
from bus.testing.standard_messages import MESSAGE
from bus.wiring import open_codec

APPLICATION = "rm"
USER, PASSWORD = "barramento", "s3gredo-Pesado"
CREDENTIALS = Credentials(USER, PASSWORD)
GOOD = frozenset({Outcome.DELIVERED, Outcome.RECEIVED})
NEEDED = (GOOD, {Outcome.UNREACHABLE}, {Outcome.UNKNOWN})
CODES: Mapping[Outcome, frozenset[str]] = {
    Outcome.UNREACHABLE: frozenset({"UNREACHABLE", "LOGIN_REFUSED_BY_RECEIVER"}),
    Outcome.BUSY: frozenset({"BUSY", "CALL_NOT_UNDERSTOOD"}),
    Outcome.UNKNOWN: frozenset({"OUTCOME_UNKNOWN"}),
}
"""The codes that go with an outcome; a refusal may have one of its own."""
SLACK = 5.0  # s that a busy machine may add to a time-out


def nothing(*_: object) -> None:
    """The play of an application that is as it should be."""


@dataclass(frozen=True)
class Scene:
    """How the other side behaves (`play`, for your `stage`), and what must come of a message.

    `code` is the fault's, `problem` a part of its English words, `timeout` the attempt's, in s.
    `said` is what `ask` must say then; None: that it cannot tell, or not now.
    """

    name: str
    play: Callable[..., Any]
    outcome: Outcome
    code: str = ""
    problem: str = ""
    retry_after: float | None = None
    timeout: float = 20.0
    said: Outcome | None = None


@dataclass(frozen=True)
class Stage:
    """The other side: its address, options to reach it, and the messages that it has got whole, as
    they stand there. `credentials` are what it knows us by.
    """

    address: str
    arrived: Callable[[], Sequence[bytes]]
    options: Mapping[str, str] = field(default_factory=dict)
    credentials: Credentials | None = CREDENTIALS


@dataclass
class Sender:
    """An adapter, and the application that it speaks to."""

    adapter: Adapter
    application: Application
    codec: Codec
    message: bytes = MESSAGE
    reports: list[Report] = field(default_factory=list)

    async def parcel(self, *, safe: bool = False, within: float = 20.0) -> Parcel:
        """The message, ready to go."""
        document = await self.codec.read(self.message)
        uuid = document.envelope.header.uuid
        return Parcel(self.application, document, self.message, uuid, safe, within)

    async def send(self, *, safe: bool = False, within: float = 20.0) -> Report:
        """Deliver the message."""
        report = await self.adapter.send(await self.parcel(safe=safe, within=within))
        self.reports.append(report)
        return report


@pytest.mark.asyncio
class AdapterSuite:
    """Subclass it as `Test...`, with a kind, scenes and mistakes, and define `stage`."""

    kind: AdapterKind
    scenes: Sequence[Scene] = ()
    mistakes: Sequence[tuple[str, str]] = ()
    """Values that make no sense, by key: `address`, or `options.NAME`."""
    message: bytes = MESSAGE
    """The standard message that is sent: another one, where the adapter does not take all."""
    arrives: bytes = MESSAGE
    """What the suite's message is in `Stage.arrived`: itself, or what the adapter makes of it."""

    def stage(self, scene: Scene) -> AbstractAsyncContextManager[Stage]:
        """The other side, behaving as the scene says."""
        raise NotImplementedError

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """One test for each scene and each mistake of the subclass."""
        suite: Any = metafunc.cls
        if "scene" in metafunc.fixturenames:
            metafunc.parametrize("scene", suite.scenes, ids=lambda scene: scene.name)
        if "mistake" in metafunc.fixturenames:
            metafunc.parametrize("mistake", suite.mistakes, ids=" ".join)

    @pytest.fixture
    def codec(self) -> Codec:
        """The codec that the bus gives its adapters."""
        return open_codec()

    @asynccontextmanager
    async def sender(self, stage: Stage, codec: Codec) -> AsyncIterator[Sender]:
        """An adapter to the other side, closed in the end."""
        application = Application(
            name=APPLICATION,
            product="RM",
            adapter=self.kind.name,
            address=stage.address,
            credentials=stage.credentials,
            options=stage.options,
        )
        adapter = self.kind.open(application, codec)
        try:
            yield Sender(adapter, application, codec, self.message)
        finally:
            await adapter.close()

    @asynccontextmanager
    async def set_out(self, scene: Scene, codec: Codec) -> AsyncIterator[tuple[Sender, Stage]]:
        """The other side of a scene, and an adapter to it."""
        async with self.stage(scene) as stage, self.sender(stage, codec) as sender:
            yield sender, stage

    def scene_of(self, *outcomes: Outcome, code: str = "") -> Scene:
        """The first scene with one of these outcomes, and with that code where it is given."""
        return next(
            scene for scene in self.scenes if scene.outcome in outcomes and code in {"", scene.code}
        )

    # -- what became of a message ------------------------------------------------------------------

    async def test_the_scenes_are_enough(self) -> None:
        """A delivery, nobody there, and a doubt: every adapter knows all three."""
        outcomes = {scene.outcome for scene in self.scenes}

        for some in NEEDED:
            assert outcomes & some, f"no scene ends {' or '.join(sorted(some))}"
        assert "UNREACHABLE" in {scene.code for scene in self.scenes}

    async def test_each_scene_has_one_outcome(self, codec: Codec, scene: Scene) -> None:
        """What the application does decides outcome and fault, and the adapter ends by itself."""
        async with self.set_out(scene, codec) as (sender, _):
            async with asyncio.timeout(scene.timeout + SLACK):
                report = await sender.send(within=scene.timeout)

            assert PASSWORD not in repr((report, sender.adapter, sender.application))
        _assert_told(report)
        assert report.outcome is scene.outcome, report.fault
        assert (report.fault.code if report.fault else "") == scene.code
        assert scene.problem in str(report.fault)
        assert report.retry_after == scene.retry_after

    async def test_a_message_arrives_whole_and_once_or_not_at_all(
        self, codec: Codec, scene: Scene
    ) -> None:
        """Delivered means that it is there; unreachable, that it provably is not."""
        async with self.set_out(scene, codec) as (sender, stage):
            before = Counter(stage.arrived())
            report = await sender.send(within=scene.timeout)
            after = Counter(stage.arrived())

        came = list((after - before).elements())
        assert came in ([], [self.arrives])
        assert not before - after, "what was there before is gone"
        if report.outcome in GOOD:
            assert self.arrives in after
        if report.fault and report.fault.code == "UNREACHABLE":
            assert not came

    async def test_asking_sends_nothing(self, codec: Codec, scene: Scene) -> None:
        """What became of a message is found out without sending it again, or not at all."""
        async with self.set_out(scene, codec) as (sender, stage):
            parcel = await sender.parcel(within=scene.timeout)
            await sender.adapter.send(parcel)
            before = Counter(stage.arrived())
            async with asyncio.timeout(scene.timeout + SLACK):
                report = await sender.adapter.ask(parcel)

            assert Counter(stage.arrived()) == before
        assert (report.outcome if report else None) is scene.said
        if report and report.outcome in GOOD:
            assert self.arrives in before
        if report and report.outcome is Outcome.UNREACHABLE:
            assert self.arrives not in before, "what has come is sent again"

    async def test_the_scenes_show_what_asking_is_worth(self) -> None:
        """A kind that asks says what it knows, and nothing where it does not; no other says any."""
        said = {scene.said for scene in self.scenes if scene.outcome is Outcome.UNKNOWN}

        if Feature.ASKS in features_of(self.kind):
            assert said - {None}, "no scene in which a doubt is settled by asking"
            assert None in said, "no scene in which it cannot tell: away when asked, or not knowing"
        else:
            assert not any(scene.said for scene in self.scenes)

    # -- one after the other, and at once ----------------------------------------------------------

    async def test_several_messages_may_be_under_way(self, codec: Codec) -> None:
        """The engine hands over as many at once as `concurrency` says."""
        async with self.set_out(self.scene_of(*GOOD), codec) as (sender, stage):
            reports = await asyncio.gather(*(sender.send() for _ in range(4)))
            arrived = set(stage.arrived())

        assert {report.outcome for report in reports} <= GOOD
        assert arrived == {self.arrives}

    async def test_a_call_that_is_given_up_does_no_harm(self, codec: Codec) -> None:
        """The engine may cancel at any time: the adapter lets go, and delivers the next."""
        async with self.set_out(self.scene_of(*GOOD), codec) as (sender, stage):
            given_up = asyncio.create_task(sender.send())
            await asyncio.sleep(0)
            given_up.cancel()
            await asyncio.wait([given_up])
            report = await sender.send()
            arrived = set(stage.arrived())

        assert report.outcome in GOOD
        assert arrived == {self.arrives}

    async def test_an_adapter_may_be_closed_unused_and_again(self, codec: Codec) -> None:
        """Closing lets go of what there is, which may be nothing."""
        async with self.set_out(self.scene_of(*GOOD), codec) as (sender, stage):
            await sender.adapter.close()
            await sender.adapter.close()

            assert not stage.arrived()

    # -- probing -----------------------------------------------------------------------------------

    async def test_a_probe_finds_who_is_there_and_sends_nothing(self, codec: Codec) -> None:
        """An application that takes messages has no fault."""
        async with self.set_out(self.scene_of(*GOOD), codec) as (sender, stage):
            assert await sender.adapter.probe() is None
            assert not stage.arrived()

    async def test_a_probe_tells_who_is_not_there(self, codec: Codec) -> None:
        """An application to which nothing can be sent has a fault."""
        scene = self.scene_of(Outcome.UNREACHABLE, code="UNREACHABLE")
        async with self.set_out(scene, codec) as (sender, stage):
            fault = await sender.adapter.probe()

            assert fault
            assert fault.code == "UNREACHABLE"
            assert APPLICATION in fault.reason("en")
            assert not stage.arrived()

    # -- the kind ----------------------------------------------------------------------------------

    async def test_its_package_announces_it(self) -> None:
        """The bus finds the kind by its name, in the entry points of the installed package."""
        points = [point for point in entry_points(group=GROUP) if point.name == self.kind.name]

        assert NAME.fullmatch(self.kind.name)
        assert points, "no installed package announces it: pip install -e ."
        assert [type(point.load()) for point in points] == [type(self.kind)]

    async def test_it_reads_if_its_kind_says_so(self, codec: Codec) -> None:
        """`routes check` goes by the kind, and what is read is held to a suite of its own."""
        declared = Feature.READS in features_of(self.kind)
        async with self.set_out(self.scene_of(*GOOD), codec) as (sender, _):
            assert isinstance(sender.adapter, Reader) is declared
        if declared:
            assert hasattr(self, "filled"), "subclass bus.testing.reader_suite.ReaderSuite too"

    async def test_it_resumes_if_its_kind_says_so(self, codec: Codec) -> None:
        """Whoever needs several calls for a message records each that was answered."""
        async with self.set_out(self.scene_of(*GOOD), codec) as (sender, _):
            parcel = await sender.parcel()
            await sender.adapter.send(parcel)

        assert bool(parcel.progress.done) is (Feature.RESUMES in features_of(self.kind))

    async def test_each_option_is_explained_in_both_languages(self) -> None:
        """People read of it in `bus adapters list`."""
        for option, meaning in self.kind.options().items():
            assert meaning.pt, option
            assert meaning.en, option

    async def test_an_option_that_can_be_wrong_is_known(self) -> None:
        """The mistakes are about the address, or about options that the kind has."""
        known = {f"options.{option}" for option in self.kind.options()} | {"address"}

        assert {key for key, _ in self.mistakes} <= known
        assert "address" in {key for key, _ in self.mistakes}, "no address that makes no sense"

    async def test_a_mistake_is_told_when_the_adapter_opens(
        self, codec: Codec, mistake: tuple[str, str]
    ) -> None:
        """Before any message goes: which key is wrong, and what would be right."""
        key, value = mistake
        async with self.stage(self.scene_of(*GOOD)) as stage:
            options, address = dict(stage.options), stage.address
            if key == "address":
                address = value
            else:
                options[key.removeprefix("options.")] = value
            with pytest.raises(BusFault) as refusal:
                self.kind.open(
                    Application(APPLICATION, "RM", address=address, options=options), codec
                )

        fault = refusal.value.fault
        assert (fault.code, fault.path) == ("CONFIGURATION_INVALID", f"applications.rm.{key}")
        assert len(fault.reason("pt")) > 1
        assert len(fault.remedy("pt")) > 1
        assert len(fault.remedy("en")) > 1


def _assert_told(report: Report) -> None:
    """What is not well has a fault that fits its outcome, and says why and what to do."""
    assert (report.fault is None) is (report.outcome in GOOD)
    if report.fault:
        assert report.fault.code in CODES.get(report.outcome, {report.fault.code})
        for language in ("pt", "en"):
            assert APPLICATION in report.fault.reason(language)
            assert " -" not in report.fault.reason(language), "a detail is missing"
            assert report.fault.remedy(language)
