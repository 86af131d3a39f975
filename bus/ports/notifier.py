"""Who tells the other processes of a journal that there is something for them."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import NamedTuple, Protocol


class News(NamedTuple):
    """What one process made that may be for another.

    `due`: applications that something may be sent to now; `answered`: messages whose caller may be
    told what came of them. `configured`: there is a newer configuration. `missed`: there may be
    more of all, which nobody heard.
    """

    due: frozenset[str] = frozenset()
    answered: frozenset[str] = frozenset()
    missed: bool = False
    configured: bool = False

    def __or__(self, other: object) -> News:
        """Both."""
        if not isinstance(other, News):
            return NotImplemented
        return News(
            self.due | other.due,
            self.answered | other.answered,
            self.missed or other.missed,
            self.configured or other.configured,
        )


class Notifier(Protocol):
    """Carries news between the processes of a journal. It may lose some: whoever needs them polls.

    Nobody hears its own.
    """

    def tell(self, news: News) -> None:
        """Tell the others soon, together with what else there is. It does not wait."""

    def listening(self, hear: Callable[[News], None]) -> AbstractAsyncContextManager[None]:
        """Hear what others tell, in the loop that asks, until the end of the block."""
