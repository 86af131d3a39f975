"""Beginning to share registers: what the load of an activation brings, and to whom."""

import asyncio
import contextlib

import pytest

from bus.core.delivery import State
from bus.core.preview import Preview, RegisterFate
from bus.engine.activation import Activated
from bus.journal.commands import ChangeDepara
from depara.model import Source
from tests.semantics.semantics_depara import key
from tests.semantics.semantics_sharing import (
    GROUP,
    activated,
    calls,
    came,
    keeps,
    partner,
    sharing,
    told,
)
from tests.support.rig import Rig, Rigs


async def ready(rigs: Rigs, *ids: str) -> Rig:
    """A bus whose group has not begun; the origin has these partners."""
    bus = await rigs.start(sharing())
    for name in GROUP.members:
        bus.app(name).always(keeps(name))
    bus.app("main").source.messages += [partner(one) for one in ids]
    return bus


async def previewed(bus: Rig) -> Preview:
    """What activation would do."""
    return await bus.bus.activations.preview(GROUP)


async def activate(bus: Rig, preview: Preview | None = None) -> Activated:
    """A person activates the group, as its preview says."""
    confirmed = (preview or await previewed(bus)).hash
    done = await bus.bus.activations.activate(GROUP, confirmed, "ana")
    await bus.settled()
    return done


def names(bus: Rig, application: str) -> list[str]:
    """The names of the partners that an application was sent, in order."""
    return [call.document.values(["Name"])[0] for call in bus.app(application).calls]


class GroupsBegun:
    """All that the origin has goes to the others, as it is when they begin to share."""

    @pytest.mark.rule("O-15")
    async def test_the_load_of_each_activation_is_new(self, rigs: Rigs) -> None:
        """What changed in a destination while nothing was shared is the origin's once more."""
        bus = await ready(rigs, "main-7")
        await activate(bus)
        await activated(bus, how="cancel")
        await came(bus, await told(bus, "south-7", "Eva"), State.DISCARDED, State.DISCARDED)
        before = calls(bus)

        done = await activate(bus)

        assert done.taken == 1
        assert calls(bus) == {**before, "south": before["south"] + 1}
        assert bus.watcher.seen["repeated"] == 0

    async def test_what_a_destination_has_no_more_is_made_anew_once_its_id_is_taken_away(
        self, rigs: Rigs
    ) -> None:
        """Until then the preview tells that it is missing; the others are not sent it again."""
        bus = await ready(rigs, "main-7")
        bus.app("south").source.messages.append(partner("south-7"))
        await activate(bus)
        await activated(bus, how="cancel")
        before = calls(bus)
        told_of = {line.application: line.fate for line in (await previewed(bus)).lines}

        gone = ChangeDepara("ana", Source.PERSON, parts=(key("north:north-7", "Partner"),))
        await bus.store.crossreference.amend(gone)
        await activate(bus)

        assert told_of == {"north": RegisterFate.MISSING, "south": RegisterFate.OVERWRITTEN}
        assert calls(bus) == {**before, "north": before["north"] + 1}

    @pytest.mark.rule("O-15")
    async def test_what_the_origin_tells_before_the_group_is_active_is_loaded(
        self, rigs: Rigs
    ) -> None:
        """It came too early to be shared by itself, and after the origin was read."""
        bus = await ready(rigs, "main-7", "main-8")
        preview = await previewed(bus)

        async def changes() -> None:
            await told(bus, "main-7", "Maria")

        bus.app("north").source.before(changes)
        done = await activate(bus, preview)

        assert done == Activated(preview.hash, 2, 0)
        assert sorted(names(bus, "north")) == sorted(names(bus, "south")) == ["Ana", "Maria"]

    async def test_what_is_gone_before_the_group_is_active_is_not_loaded(self, rigs: Rigs) -> None:
        """Nobody has it, and nobody is given it."""
        bus = await ready(rigs, "main-7", "main-8")
        preview = await previewed(bus)

        async def deletes() -> None:
            await told(bus, "main-7", event="delete")

        bus.app("north").source.before(deletes)
        done = await activate(bus, preview)

        assert done == Activated(preview.hash, 1, 1)
        assert bus.app("north").received == bus.app("south").received == ["main-8"]

    async def test_what_the_origin_tells_once_the_group_is_active_is_newer(
        self, rigs: Rigs
    ) -> None:
        """The load passes it over, and does not bring the older state behind it."""
        bus = await ready(rigs, "main-7", "main-8")
        preview = await previewed(bus)
        confirmed = 0
        confirm = bus.journal.confirm

        async def changes_after_the_last(asked: object) -> object:
            nonlocal confirmed
            confirmed += 1
            done = await confirm(asked)  # type: ignore[arg-type]
            if confirmed == len(GROUP.members):
                await told(bus, "main-7", "Maria")
            return done

        bus.journal.confirm = changes_after_the_last  # type: ignore[method-assign, assignment]
        done = await activate(bus, preview)

        assert done == Activated(preview.hash, 1, 1)
        assert sorted(names(bus, "north")) == sorted(names(bus, "south")) == ["Ana", "Maria"]

    @pytest.mark.rule("O-15")
    async def test_an_activation_that_was_killed_goes_on(self, lasting: Rigs) -> None:
        """Between two messages of its load: the same command brings the others, and none twice."""
        ids = [f"main-{number}" for number in range(7, 13)]
        bus = await ready(lasting, *ids)
        preview = await previewed(bus)
        arrived, never = asyncio.Event(), asyncio.Event()

        async def passes() -> None:
            """It is taken."""

        async def is_killed() -> None:
            arrived.set()
            await never.wait()

        bus.journal.before("accept", passes, passes, *[is_killed] * len(ids))
        beginning = asyncio.create_task(bus.bus.activations.activate(GROUP, preview.hash, "ana"))
        await arrived.wait()

        async def two_are_everywhere() -> bool:
            return calls(bus) == {"main": 0, "north": 2, "south": 2} and await bus.rests()

        await bus.until(two_are_everywhere, "two are everywhere")
        beginning.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await beginning
        bus.watcher.seen["turned away"] += bus.watcher.seen["received"] - 2
        bus = await lasting.restart()
        done = await activate(bus, preview)

        assert done == Activated(preview.hash, len(ids), 0)
        assert (bus.watcher.seen["repeated"], bus.watcher.seen["accepted"]) == (2, len(ids) - 2)
        assert sorted(bus.app("north").received) == sorted(bus.app("south").received) == sorted(ids)

    @pytest.mark.rule("O-09", "O-15")
    async def test_one_that_is_added_later_is_activated_alone(self, rigs: Rigs) -> None:
        """The others have what the origin has, and are sent nothing."""
        bus = await ready(rigs, "main-7")
        await activated(bus, "main", "north")
        await bus.reaches(await told(bus, "main-7"), State.DELIVERED, State.DISCARDED)
        assert calls(bus) == {"main": 0, "north": 1, "south": 0}

        await activate(bus)

        assert calls(bus) == {"main": 0, "north": 1, "south": 1}
        standing = await bus.bus.activations.standing(GROUP)
        assert [standing[name].preview for name in ("main", "north")] == ["hash", "hash"]
