"""What an attempt changed in its message, as the journal keeps it: JSON, a row a change."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson

from bus.core.bridge import VERSION_PATH, Loss, Transformation
from bus.core.translation import Swap


def changes_as_json(swaps: Sequence[Swap], transformation: Transformation | None) -> str:
    """The ids that were put in place of others, and what became of the version."""
    rows: list[dict[str, Any]] = [swap._asdict() for swap in swaps]
    if transformation:
        swap = Swap(VERSION_PATH, "", transformation.source, transformation.target)
        rows.append({**swap._asdict(), "lost": [[*one] for one in transformation.lost]})
    return orjson.dumps(rows).decode()


def changes_from_json(text: str) -> tuple[tuple[Swap, ...], Transformation | None]:
    """What `changes_as_json` had written."""
    rows = orjson.loads(text)
    swaps = tuple(Swap(**row) for row in rows if "lost" not in row)
    told = [
        Transformation(row["before"], row["after"], tuple(Loss(*one) for one in row["lost"]))
        for row in rows
        if "lost" in row
    ]
    return swaps, told[0] if told else None
