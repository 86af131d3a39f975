"""The logins that the bus refuses, in memory: what a diagnosis tells of who knocks in vain."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Collection

from bus.core.diagnose import LOOKED_BACK
from bus.core.diagnosis import Admittance, Presented, RefusedLogin
from bus.journal.rows import MICROSECONDS
from bus.ports.clock import Clock

MOST = 1_024
"""Callers that are remembered at once; the one refused longest ago is forgotten first."""
LOOKED_BACK_US = LOOKED_BACK * 24 * 60 * 60 * MICROSECONDS


class RefusedLogins:
    """Remembers who was refused at this bus since it began; a restart forgets it.

    A login that is right ends what is known against its application from there, and against
    callers there of whom nobody knows which application they are.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._refused: OrderedDict[tuple[str, str, Presented], RefusedLogin] = OrderedDict()
        self._let_in: dict[str, int] = {}

    def refuse(
        self, presented: Presented, address: str, application: str = "", user: str = ""
    ) -> None:
        """Remember a refusal; `application` and `user` are empty where nobody has that user."""
        key, now = (application, address, presented), self._clock.now()
        known = self._refused.pop(key, None)
        since, times = (known.since, known.times) if known else (now, 0)
        self._refused[key] = RefusedLogin(presented, address, user, since, now, times + 1)
        if len(self._refused) > MOST:
            self._refused.popitem(last=False)

    def let_in(self, application: str, address: str) -> None:
        """An application has logged in."""
        self._let_in[application] = self._clock.now()
        for name, presented in (
            (application, Presented.WRONG_PASSWORD),
            ("", Presented.UNKNOWN_USER),
            ("", Presented.NOTHING),
        ):
            self._refused.pop((name, address, presented), None)

    def admission(self, application: str, all_with_login: Collection[str]) -> Admittance:
        """When an application was let in last (None: not yet), and who was refused in its place.

        A caller that is nobody's counts for each application that was not let in since then; where
        there is none such, for each.
        """
        let_in = self._let_in.get(application)
        oldest = self._clock.now() - LOOKED_BACK_US
        refused = [
            one
            for (name, _, _), one in self._refused.items()
            if one.last >= oldest
            and application in ([name] if name else self._suspects(one, all_with_login))
        ]
        return Admittance(let_in, tuple(refused))

    def _suspects(self, one: RefusedLogin, all_with_login: Collection[str]) -> Collection[str]:
        return {
            name for name in all_with_login if self._let_in.get(name, -1) < one.since
        } or all_with_login
