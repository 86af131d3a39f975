"""Whoever compares both ends of a bus finds what is lost, doubled, out of order or told wrongly."""

from __future__ import annotations

import contextlib
import random
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from adapters.simulation.behaviour import Behaviour
from adapters.simulation.desk import Setting
from bus.core.delivery import Step
from bus.core.envelope import Status
from bus.journal.facts import FactRow
from bus.wiring import open_codec
from tests.acceptance import reckoning
from tests.acceptance.killing import KilledBus
from tests.acceptance.operators import Operators
from tests.acceptance.readers import REGISTERS, OriginAnswer, Reader
from tests.acceptance.senders import FLOWS, UNIT, Sent

UUIDS = ["one", "two", "three"]
PAPER = "paper"
CODEC = open_codec()


@pytest.mark.parametrize(
    ("arrived", "found"),
    [
        (["one", "three"], r"^lost: \['two'\]"),
        (["one", "three", "two"], "^out of order"),
        (["one", "two", "two", "three"], r"^doubled: \{'two'"),
        (["one", "two", "three"], ""),
    ],
)
async def test_movements_come_once_and_in_order(
    tmp_path: Path, arrived: list[str], found: str
) -> None:
    """One that is missing, late or there twice is found."""
    sent, reader = flow("unsafe"), Reader(CODEC, Setting(), Behaviour())
    await gets(reader, sent, *arrived)
    facts: dict[str, list[FactRow]] = {uuid: [] for uuid in UUIDS}

    with finds(found):
        reckoning.check_arrivals(sent, reader, nobody(tmp_path, sent), facts)


async def test_what_was_told_as_unsent_is_not_sent(tmp_path: Path) -> None:
    """Whoever waited was told that nothing was sent, and it came all the same."""
    sent, reader = flow("till"), Reader(CODEC, Setting(), Behaviour())
    sent.last["two"] = "WITHDRAWN"
    await gets(reader, sent, *UUIDS)

    with finds(r"^sent, and told as unsent: \['two'\]"):
        reckoning.check_arrivals(sent, reader, nobody(tmp_path, sent), {})


@pytest.mark.parametrize(
    ("arrived", "found"), [(["one", "two", "one"], "^over a newer one"), (UUIDS, "")]
)
async def test_an_old_snapshot_goes_over_no_newer_one(
    tmp_path: Path, arrived: list[str], found: str
) -> None:
    """It may come twice, but not after a newer one."""
    sent, reader = flow("safe"), Reader(CODEC, Setting(registers=REGISTERS["safe"]), Behaviour())
    await gets(reader, sent, *arrived)

    with finds(found):
        reckoning.check_safe(sent, reader, nobody(tmp_path, sent))


@pytest.mark.parametrize(
    ("arrived", "named", "found"),
    [
        ([f"{PAPER}{UNIT}", "one"], "01| |000001", ""),
        ([f"{PAPER}{UNIT}", "one"], "paper-unit", "^before its unit, or with a wrong id"),
        (["one", f"{PAPER}{UNIT}"], "01| |000002", "^before its unit, or with a wrong id"),
    ],
)
async def test_an_item_comes_after_its_unit_and_names_it(
    arrived: list[str], named: str, found: str
) -> None:
    """Sent too early or with another's id, it is found."""
    sent, reader = flow("shelf"), Reader(CODEC, Setting(), Behaviour())
    await gets(reader, sent, *arrived)
    reader.notes.units["one"] = named

    with finds(found):
        reckoning.check_units(sent, reader)


@pytest.mark.parametrize(
    ("answers", "step", "found"),
    [
        ([("a", Status.OK), ("a", Status.OK)], Step.DELIVER, ""),
        ([("a", Status.ERROR), ("b", Status.OK)], Step.MARK_UNKNOWN, ""),
        ([("a", Status.ERROR), ("b", Status.OK)], Step.REPLAY, ""),
        ([], Step.DELIVER, r"^not answered: \['one'\]"),
        ([("a", Status.OK), ("b", Status.OK)], Step.REPLAY, "^answered wrongly"),
        ([("a", Status.ERROR), ("b", Status.OK)], Step.DELIVER, "^answered wrongly"),
        ([("a", Status.OK), ("b", Status.ERROR)], Step.MARK_UNKNOWN, "^answered wrongly"),
    ],
)
async def test_an_origin_gets_one_answer(
    tmp_path: Path, answers: list[tuple[str, Status]], step: Step, found: str
) -> None:
    """It says OK; before it one may say ERROR, where nobody knew or its sender sent it again."""
    sent, late, shop = (
        Sent("late", {PAPER: ["one"]}, {"one": "receipt"}),
        Reader(CODEC, Setting(), Behaviour()),
        Reader(CODEC, Setting(), Behaviour()),
    )
    await gets(late, sent, "one")
    shop.notes.answers += [OriginAnswer("one", *answer) for answer in answers]
    facts = {"one": [FactRow(0, "", "m", 1, 1, step, "", "")]}

    with finds(found):
        reckoning.check_answers(nobody(tmp_path, sent), late, shop, facts)


def flow(name: str) -> Sent:
    """What the senders of a flow have receipts for: one document of three messages."""
    told = "response" if FLOWS[name].mode == "Sync" else "receipt"
    return Sent(name, {PAPER: [*UUIDS]}, dict.fromkeys(UUIDS, told))


async def gets(reader: Reader, sent: Sent, *uuids: str) -> None:
    """Have a reader do what messages ask."""
    for uuid in uuids:
        document = uuid if uuid.endswith(UNIT) else PAPER
        reader.clerk.process(await CODEC.read(FLOWS[sent.destination].message(uuid, document)))


def nobody(folder: Path, sent: Sent) -> Operators:
    """Nobody acted."""
    return Operators(KilledBus(folder, ""), {sent.destination: sent}, random.Random(1))


def finds(what: str) -> AbstractContextManager[object]:
    """That is found, or nothing."""
    return pytest.raises(AssertionError, match=what) if what else contextlib.nullcontext()
