"""What a journal is to the one that a bus ran on last, and how that is told.

A copy, or a journal that goes back in time, does not know what was sent since. What may not be sent
twice is in doubt then: when its turn comes it counts as sent, and nobody knows how that ended.
"""

from __future__ import annotations

from enum import StrEnum

from bus.core.errors import Fault
from bus.core.text import Details, Text


class Vouched(StrEnum):
    """What a person vouches for, who has the bus open a journal."""

    NOTHING = "nothing"
    LOSS = "loss"  # what is missing is lost, and the bus is to go on without it
    MOVED = "moved"  # it was moved here while no bus ran on it, and none has since


class Lineage(StrEnum):
    """What a journal is to the one that ran here last. The comment is the meaning."""

    SAME = "same"
    FIRST = "first"  # nothing ran here yet, or a bus that kept no witness
    COPIED = "copied"  # the same in another file, or without its witness
    REPLACED = "replaced"  # another journal, or a backup
    BACK = "back in time"  # what was recorded last is not in it
    CRASHED = "crashed"  # nor is it, and it was not closed: as if its log were missing


WORDS: dict[Lineage, Text] = {
    Lineage.COPIED: Text(
        "é uma cópia, ou foi movido para cá", "it is a copy, or was moved to this place"
    ),
    Lineage.REPLACED: Text(
        "é um backup ou o diário de outro lugar", "it is a backup, or the journal of another place"
    ),
    Lineage.BACK: Text(
        "volta no tempo: falta o que foi gravado por último",
        "it goes back in time: what was recorded last is missing",
    ),
    Lineage.CRASHED: Text("perdeu o que foi gravado por último", "it lost what was recorded last"),
}
"""How a journal is told whose deliveries are in doubt."""
EARLIER = Text("foi restaurado antes", "it was restored earlier")


def restored(place: str, why: Text, doubts: int) -> Fault:
    """What is told of a journal, as long as it has deliveries in doubt."""
    details: Details = {"path": place, "why": why, "count": str(doubts)}
    return Fault("JOURNAL_RESTORED", details=details)
