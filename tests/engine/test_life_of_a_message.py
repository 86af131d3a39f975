"""What the page about the life of a message says is so: its files, its functions, their order."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

import pytest

from bus.core.delivery import State
from tests.support.deployments import deployment, route
from tests.support.messages import unit
from tests.support.rig import rigs_over
from tests.support.stores import STORES

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "life-of-a-message.md").read_text("utf-8")
PLACE = re.compile(r"`((?:bus|adapters|depara|tests)/[\w./]+)`(?:[,;] `(\w+(?:\.\w+)?)`)?")
STEPS = [
    (file, name)
    for heading in re.findall(r"^## \d+\. (.*)$", PAGE, re.MULTILINE)
    for file, name in PLACE.findall(heading)
]
"""The file and the function that each heading names."""


@pytest.mark.parametrize(("file", "name"), sorted(set(PLACE.findall(PAGE))))
def test_what_the_page_names_is_there(file: str, name: str) -> None:
    """A file or folder, and in it a function of that name, in the class that it names."""
    path = ROOT / file

    assert path.exists()
    if name:
        owner, _, method = name.rpartition(".")
        text = path.read_text("utf-8")
        assert not owner or f"class {owner}" in text
        assert re.search(rf"\bdef {method}\(", text)


@contextmanager
def entering(places: list[tuple[str, str]]) -> Iterator[list[tuple[str, str]]]:
    """Notes functions, by file and name, as they are first entered."""
    entered: list[tuple[str, str]] = []

    def note(frame: FrameType, event: str, _: object) -> None:
        code = frame.f_code
        for file, name in places:
            here = code.co_qualname == name and code.co_filename == str(ROOT / file)
            if event == "call" and here and (file, name) not in entered:
                entered.append((file, name))

    sys.setprofile(note)
    try:
        yield entered
    finally:
        sys.setprofile(None)


async def test_a_message_goes_the_way_that_the_page_tells(tmp_path: Path) -> None:
    """Examined, on disk, sent, decided, recorded: each function is entered, in that order.

    Doors and intake have tests of their own; the worker runs before the message comes.
    """
    inside = [one for one in STEPS if one[1] not in {"Intake.take", "Dispatcher.run"}]
    memory = next(kind for kind in STORES if not kind.lasting)
    async with rigs_over(memory, tmp_path) as rigs:
        bus = await rigs.start(deployment(route("rm")))

        with entering(inside) as entered:
            id_ = await bus.accepted(unit("L"))
            await bus.reaches(id_, State.DELIVERED)

    assert len(inside) == 5
    assert entered == inside
