"""Who a caller is, and how often it may guess.

After some wrong passwords for one user from one address, one a second is still looked at, and all
others are refused unseen: a sender with the right one gets through, and guessing gets nowhere.
"""

from __future__ import annotations

import hmac
import ipaddress
import time
from collections import OrderedDict
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from functools import lru_cache

from bus.core.diagnosis import Presented
from bus.core.errors import Fault, SenderFault
from bus.core.route import Application
from bus.edge.turned_away import TurnedAway
from bus.engine.refused_logins import RefusedLogins

FREE = 10
"""Wrong passwords that cost nothing."""
PAUSE = 1.0
"""Seconds between two passwords that are looked at, once there were more."""
FORGOTTEN = 600.0
"""Seconds after which wrong passwords are forgotten."""
MOST = 4_096
"""Pairs of user and address that are remembered at once."""
_NETWORK_V6 = 64
"""Bits of an IPv6 address that tell who somebody is: the others each host chooses itself."""


@dataclass(frozen=True, slots=True)
class Login:
    """What a caller presents to tell who it is."""

    user: str = ""
    password: bytes = field(default=b"", repr=False)
    unreadable: bool = False
    """Whether something was presented that nobody can read."""
    vouched: str | None = None
    """The user that a broker says it is, who logged in there; empty where it names none."""

    @property
    def presented(self) -> bool:
        """Whether anything was presented, right or wrong."""
        return self.unreadable or self.vouched is not None or bool(self.user or self.password)


UNREADABLE = Login(unreadable=True)


@dataclass(slots=True)
class _Wrong:
    """Wrong passwords of one user from one address."""

    count: int = 0
    last: float = 0.0


class Logins:
    """Knows the applications by what they present."""

    def __init__(
        self,
        turned_away: TurnedAway,
        refused: RefusedLogins,
        proxies: str = "",
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._proxies = [ipaddress.ip_network(each) for each in proxies.split(",") if each]
        self._turned_away = turned_away
        self._refused = refused
        self._now = now
        self._wrong: OrderedDict[tuple[str, str], _Wrong] = OrderedDict()
        self.know(())

    def know(self, applications: Collection[Application]) -> None:
        """Know these, and nobody else. Who guessed stays known for it."""
        self._networks = [
            (ipaddress.ip_network(network), one)
            for one in applications
            for network in one.comes_from
        ]
        self._known = {
            one.login.user: (one, one.login.password.encode()) for one in applications if one.login
        }
        self._of_broker = {one.broker_user: one for one in applications if one.broker_user}

    def application(self, login: Login, remote: str = "") -> Application:
        """The application that a login is of, compared in constant time; SenderFault for none.

        Of a caller that presents nothing, the one that is declared to come from its address.
        """
        if login.vouched is not None:
            return self._vouched(login.vouched)
        declared = None if login.presented else self._declared(remote)
        if declared:
            return declared
        known, password = self._known.get(login.user, (None, b"\0"))
        guesser = (login.user if known else "", network_of(remote))
        self._refuse_often(guesser)
        if not hmac.compare_digest(login.password, password) or known is None:
            if login.user or login.password:
                self._note(guesser)
            else:
                self._refused.refuse(Presented.NOTHING, guesser[1])
            raise SenderFault(Fault("UNAUTHENTICATED"))
        self._wrong.pop(guesser, None)
        self._refused.let_in(known.name, guesser[1])
        return known

    def _vouched(self, user: str) -> Application:
        """Whose user of the broker that is."""
        if known := self._of_broker.get(user):
            return known
        code = "BROKER_USER_UNKNOWN" if user else "BROKER_USER_MISSING"
        self._turned_away.note(code, user, user=user)
        raise SenderFault(Fault(code, details={"user": user}))

    def _declared(self, remote: str) -> Application | None:
        """Whose address that is; a proxy's is nobody's: who is behind it was not told."""
        address = _address(remote)
        if address is None or any(address in each for each in self._proxies):
            return None
        return next((one for network, one in self._networks if address in network), None)

    def _refuse_often(self, guesser: tuple[str, str]) -> None:
        wrong, now = self._wrong.get(guesser), self._now()
        if wrong is None:
            return
        if now - wrong.last > FORGOTTEN:
            del self._wrong[guesser]
        elif wrong.count >= FREE and now - wrong.last < PAUSE:
            self._tell("TOO_MANY_LOGINS", guesser)
            raise SenderFault(Fault("TOO_MANY_LOGINS"))

    def _note(self, guesser: tuple[str, str]) -> None:
        wrong = self._wrong.setdefault(guesser, _Wrong())
        wrong.count, wrong.last = wrong.count + 1, self._now()
        self._wrong.move_to_end(guesser)
        if len(self._wrong) > MOST:
            self._wrong.popitem(last=False)
        self._tell("UNAUTHENTICATED", guesser)

    def _tell(self, why: str, guesser: tuple[str, str]) -> None:
        user, address = guesser
        # An unknown user is not named: people type their passwords there.
        name = self._known[user][0].name if user else ""
        fields = {"application": name} if name else {}
        presented = Presented.WRONG_PASSWORD if user else Presented.UNKNOWN_USER
        self._refused.refuse(presented, address, name, user)
        self._turned_away.note(why, f"{user}@{address}", address=address, **fields)


@lru_cache(maxsize=MOST)
def network_of(remote: str) -> str:
    """Whose address that is: all addresses of one IPv6 network are one guesser's."""
    address = _address(remote)
    if address is None:
        return remote[:64]
    if isinstance(address, ipaddress.IPv4Address):
        return str(address)
    return str(ipaddress.ip_network((address, _NETWORK_V6), strict=False))


def _address(remote: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """An address, one of IPv4 as such; None where it is none."""
    try:
        address = ipaddress.ip_address(remote.partition("%")[0])
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return mapped or address
