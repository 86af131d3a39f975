"""Companies first (T-09, D10): nothing is sent about a company that has no pair there."""

from __future__ import annotations

from bus.core.contract import Contract, Lifecycle
from bus.core.learning import LOAD
from bus.core.translation import MissingId, TranslationContext, keys_of, translate
from bus.ports.ports import Ports
from depara.model import Key

HOLDS = 5.0
"""Seconds for which a pair of companies that was found is not asked for again."""


class Companies:
    """Knows whether the company and branch of a header have a pair at a reader.

    That a pair is there is remembered for a moment, so that messages do not ask for it one by one.
    """

    def __init__(self, ports: Ports) -> None:
        self._crossreference = ports.crossreference
        self._clock = ports.clock
        self._until: dict[tuple[Key, str], float] = {}

    async def missing(self, crossing: TranslationContext) -> tuple[MissingId, ...]:
        """The pair without which nothing is sent: one at most."""
        keys = keys_of((), crossing)
        if not keys:
            return ()
        asked, now = (keys[0], crossing.reader.name), self._clock.monotonic()
        if self._until.get(asked, 0.0) > now:
            return ()
        wanted = translate((), crossing, await self._crossreference.known(keys)).wanted
        if not wanted:
            self._until[asked] = now + HOLDS
        return wanted


def needs_company(contract: Contract) -> bool:
    """Whether messages of a contract wait for the pair: a question changes nothing, and a load of
    pairs brings it.
    """
    return contract.lifecycle is not Lifecycle.QUERY and contract.entity != LOAD
