"""The suite of adapters that read passes one that does, and fails those that do not keep to it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import ClassVar

import pytest

from bus import demo
from bus.adapter_kinds import KindsWith, features_of, kind_named
from bus.core.errors import SenderFault
from bus.ports.adapter import Feature, Inbound, InboundMessage, Poll, Reader, Webhook
from bus.testing.reader_suite import ReaderSuite
from bus.testing.suite import Stage
from tests.support import folder_source, table_source
from tests.support.foreign import Foreign


def fill(folder: Path, count: int = 5) -> None:
    """Messages in a folder."""
    for number in range(1, count + 1):
        code = f"U{number}"
        message = demo.message(
            "unit",
            uuid=f"uuid-{number}",
            code=code,
            id=f"1|{code}",
            description="-",
            mode="Async",
            generated_on="2026-01-31T12:00:00",
        )
        (folder / f"{number:04}.xml").write_bytes(message)


class TestFolderSource(ReaderSuite):
    kind = folder_source.ADAPTER

    @asynccontextmanager
    async def filled(self) -> AsyncIterator[Stage]:
        """A folder with five messages."""
        with TemporaryDirectory() as name:
            fill(Path(name))
            yield Stage(Path(name).as_uri(), list)


class TestTableSource(ReaderSuite):
    kind = table_source.ADAPTER

    @asynccontextmanager
    async def filled(self) -> AsyncIterator[Stage]:
        """A table with five rows."""
        with TemporaryDirectory() as name:
            file = Path(name) / "moves.sqlite"
            table_source.add(file, dict(enumerate("ABCDE", 1)))
            yield Stage(file.as_uri(), list)


class Wrapped(folder_source.FolderSource):
    """One that reads somehow else."""

    def changed(self, asked: Poll, inbound: Inbound) -> Inbound:
        """What it gives instead."""
        raise NotImplementedError

    async def read(self, source: Poll | Webhook) -> Inbound:
        """As it should, and then changed."""
        assert isinstance(source, Poll)
        return self.changed(source, await super().read(source))


class OneCursor(Wrapped):
    """A page has the cursor of its last message: a crash within it would lose some."""

    def changed(self, asked: Poll, inbound: Inbound) -> Inbound:
        """All messages of a page have the same cursor."""
        last = inbound.messages[-1:]
        made = (InboundMessage(one.body, last[0].cursor) for one in inbound.messages)
        return Inbound(tuple(made), inbound.more)


class Forgetful(Wrapped):
    """It keeps what it gave: a crash would lose that."""

    given: ClassVar[set[bytes]] = set()

    def changed(self, asked: Poll, inbound: Inbound) -> Inbound:
        """Nothing is given twice."""
        new = tuple(one for one in inbound.messages if one.body not in self.given)
        self.given.update(one.body for one in new)
        return Inbound(new)


class Inclusive(Wrapped):
    """It gives the message of the cursor again: it would come twice."""

    def changed(self, asked: Poll, inbound: Inbound) -> Inbound:
        """The last one once more."""
        again = (InboundMessage(b"<again/>", asked.cursor),) if asked.cursor else ()
        return Inbound(again + inbound.messages, inbound.more)


class Backwards(Wrapped):
    """It gives the newest first."""

    def changed(self, asked: Poll, inbound: Inbound) -> Inbound:
        """In the other order."""
        return Inbound(inbound.messages[::-1], inbound.more)


class Hasty(Wrapped):
    """It takes away what it has only given: a crash would lose that."""

    gone: ClassVar[int] = 0

    def changed(self, asked: Poll, inbound: Inbound) -> Inbound:
        """A page that was given is shorter when it is asked for again."""
        type(self).gone += 1
        return Inbound(inbound.messages[: 3 - self.gone], inbound.more)


class Boastful(Wrapped):
    """It says that there is more, for ever."""

    def changed(self, asked: Poll, inbound: Inbound) -> Inbound:
        """Also behind the last message."""
        return Inbound(inbound.messages, more=True)


class Once(Wrapped):
    """What it gave is given no second time, as it may be on its way: a crash would lose it."""

    asked: ClassVar[str | None] = None

    def changed(self, asked: Poll, inbound: Inbound) -> Inbound:
        """Nothing, where the same is asked again."""
        again, type(self).asked = asked.cursor == self.asked, asked.cursor
        return Inbound() if again else inbound


async def test_one_that_gives_nothing_twice_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """By the one test that asks twice."""
    monkeypatch.setattr(folder_source, "FolderSource", Once)

    with pytest.raises(AssertionError):
        await TestFolderSource().test_what_the_bus_may_not_have_comes_again()


@pytest.mark.parametrize("wrong", [OneCursor, Forgetful, Inclusive, Backwards, Hasty, Boastful])
async def test_one_that_loses_or_doubles_is_found(
    wrong: type[Wrapped], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Some test of the suite fails."""
    monkeypatch.setattr(folder_source, "FolderSource", wrong)
    suite = TestFolderSource()
    failed = 0
    for name in dir(ReaderSuite):
        if name.startswith("test_"):
            try:
                await getattr(suite, name)()
            except (AssertionError, IndexError, SenderFault):
                failed += 1

    assert failed


def test_kinds_say_whether_they_read(foreign: Foreign) -> None:
    """Those of before there was a choice do not."""
    foreign("slate")
    foreign("folder-source", Path(folder_source.__file__).read_text("utf-8"))

    readers = KindsWith(Feature.READS)
    named = ("folder-source", "slate", "http-xml", "eai-soap", "nobody")
    assert [name for name in named if name in readers] == ["folder-source"]
    assert features_of(kind_named("slate")) == frozenset()


def test_an_adapter_that_reads_is_a_reader(tmp_path: Path) -> None:
    """By what it does, not by what it is derived from."""
    assert issubclass(folder_source.FolderSource, Reader)
