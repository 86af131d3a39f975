"""The suite holds kinds that ask to honesty: they settle what they know, and send nothing."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest

from bus.core.errors import Fault
from bus.core.known_faults import KnownFault
from bus.core.outcome import Outcome, Report
from bus.core.route import Application
from bus.core.text import Text
from bus.ports.adapter import Adapter, Feature, Parcel
from bus.ports.codec import Codec
from bus.testing.suite import AdapterSuite, Scene, Stage, nothing
from bus.wiring import open_codec


@dataclass
class Ledger:
    """An application that takes messages and never answers; `away` when it is asked."""

    arrived: list[bytes] = field(default_factory=list)
    loses: bool = False
    away: bool = False


@dataclass
class Asking:
    """A kind that asks, honestly or with a flaw; it is its own adapter."""

    ledger: Ledger
    flaw: str = ""
    name: str = "asking"

    def open(self, _: Application, __: Codec) -> Adapter:
        """Itself."""
        return self

    def options(self) -> Mapping[str, Text]:
        """None."""
        return {}

    def features(self) -> frozenset[Feature]:
        """It asks, or keeps that to itself."""
        return frozenset() if self.flaw == "undeclared" else frozenset({Feature.ASKS})

    def faults(self) -> tuple[KnownFault, ...]:
        """None."""
        return ()

    async def send(self, parcel: Parcel) -> Report:
        """Nobody answers."""
        if not self.ledger.loses:
            self.ledger.arrived.append(parcel.message)
        return Report(Outcome.UNKNOWN, fault=Fault("OUTCOME_UNKNOWN"))

    async def ask(self, parcel: Parcel) -> Report | None:
        """What the ledger says."""
        if self.flaw == "sends":
            self.ledger.arrived.append(parcel.message)
        if self.ledger.away:
            return Report(Outcome.UNREACHABLE) if self.flaw == "guesses" else None
        here = parcel.message in self.ledger.arrived
        return Report(Outcome.DELIVERED if here else Outcome.UNREACHABLE)

    async def probe(self) -> Fault | None:
        """It is there."""
        return None

    async def close(self) -> None:
        """Nothing to let go of."""


ARRIVES = Scene("arrives", nothing, Outcome.UNKNOWN, said=Outcome.DELIVERED)
LOST = Scene("lost", nothing, Outcome.UNKNOWN, said=Outcome.UNREACHABLE)
AWAY = Scene("away", nothing, Outcome.UNKNOWN)


def suite(flaw: str = "", *scenes: Scene) -> AdapterSuite:
    """A suite of that kind."""
    ledger = Ledger()

    class Held(AdapterSuite):
        kind = Asking(ledger, flaw)

        @asynccontextmanager
        async def stage(self, scene: Scene) -> AsyncIterator[Stage]:
            ledger.loses, ledger.away = scene is LOST, scene is AWAY
            yield Stage("ledger:", lambda: ledger.arrived)

    held = Held()
    held.scenes = scenes or (ARRIVES, LOST, AWAY)
    return held


@pytest.mark.parametrize("scene", [ARRIVES, LOST, AWAY], ids=lambda scene: scene.name)
async def test_an_honest_kind_passes(scene: Scene) -> None:
    """It says what it knows, and None where it does not."""
    await suite().test_asking_sends_nothing(open_codec(), scene)
    await suite().test_the_scenes_show_what_asking_is_worth()


@pytest.mark.parametrize(("flaw", "scene"), [("sends", ARRIVES), ("guesses", AWAY)])
async def test_a_kind_with_a_flaw_is_found_out(flaw: str, scene: Scene) -> None:
    """One that sends when it asks; one that takes its own failure for news of the message."""
    with pytest.raises(AssertionError):
        await suite(flaw).test_asking_sends_nothing(open_codec(), scene)


@pytest.mark.parametrize(
    ("flaw", "scenes"),
    [("", (ARRIVES,)), ("", (AWAY,)), ("undeclared", (ARRIVES, AWAY))],
)
async def test_too_few_scenes_prove_nothing(flaw: str, scenes: tuple[Scene, ...]) -> None:
    """Settled by asking, and not to be told: both must be shown, by a kind that declares it."""
    with pytest.raises(AssertionError):
        await suite(flaw, *scenes).test_the_scenes_show_what_asking_is_worth()
