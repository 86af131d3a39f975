"""Explains refusals beside the loop, in threads of its own: nobody else ever waits for one."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from bus.codec.document import XmlDocument
    from bus.contracts.rules import Rules
    from bus.core.errors import Fault

_HEARING: Final = 2
_MOST: Final = 4
"""How many explanations may be asked for at a time; there is one process that gives them."""


class Beside:
    """The threads of one registry; they are started when there is something to refuse."""

    def __init__(self) -> None:
        self._hearing = ThreadPoolExecutor(_HEARING, "contract")
        self._explaining = ThreadPoolExecutor(_MOST, "explanation")
        self._asked = 0

    async def explain(self, rules: Rules, document: XmlDocument, most: int) -> tuple[Fault, ...]:
        """The first differences of a message's content."""
        loop = asyncio.get_running_loop()
        heard = await loop.run_in_executor(self._hearing, rules.hear, document, most)
        if self._asked >= _MOST:
            return rules.tell(heard, None, most)
        self._asked += 1
        try:
            explained = await loop.run_in_executor(self._explaining, rules.explain, heard, most)
        finally:
            self._asked -= 1
        return rules.tell(heard, explained, most)
