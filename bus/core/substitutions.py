"""What an attempt put in place of what: ids, and the version of the message."""

from __future__ import annotations

from typing import Any, NamedTuple

from bus.core.bridge import VERSION_PATH, Transformation
from bus.core.translation import Swap


class Substitutions(NamedTuple):
    """The ids that were swapped, and what became of the version (None: nothing)."""

    swaps: tuple[Swap, ...] = ()
    transformation: Transformation | None = None

    def rows(self) -> list[dict[str, Any]]:
        """A mapping a change; the version is one at its place in the envelope, with what was lost.

        The form in which programs are told of it, and in which stores keep it.
        """
        rows: list[dict[str, Any]] = [swap._asdict() for swap in self.swaps]
        if over := self.transformation:
            swap = Swap(VERSION_PATH, "", over.source, over.target)
            rows.append({**swap._asdict(), "lost": [[*one] for one in over.lost]})
        return rows


NO_SUBSTITUTIONS = Substitutions()
