"""A journal that is read, beside whoever writes it."""

from __future__ import annotations

from typing import NamedTuple

from bus.store.history import StoredHistory
from bus.store.pairs import StoredCrossReference


class Reading(NamedTuple):
    """What may be asked of a journal that another process may be writing."""

    history: StoredHistory
    crossreference: StoredCrossReference
