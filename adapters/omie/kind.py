"""What an Omie application must say in its configuration, and what is made of it."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from weakref import WeakValueDictionary

from adapters.omie.access import AppAccess
from adapters.omie.adapter import OmieAdapter
from adapters.omie.client import OmieClient
from adapters.omie.doubts import doubts_about_apps
from adapters.omie.families import Families
from adapters.omie.known_faults import FAULTS
from adapters.omie.messages import Composer
from adapters.omie.reading import OmieReading
from adapters.omie.settings import OPTIONS, settings_of
from bus.core.adapter_options import mistake
from bus.core.errors import Fault
from bus.core.known_faults import KnownFault
from bus.core.route import Application, Deployment
from bus.core.text import Text
from bus.ports.adapter import Adapter, Feature
from bus.ports.codec import Codec

NO_KEYS = Text("falta a App Key ou o App Secret", "the App Key or the App Secret is missing")
KEYS = Text(
    "Ponha a App Key em `user` e o App Secret em `password`.",
    "Put the App Key into `user` and the App Secret into `password`.",
)


LOCAL = timedelta(hours=-3)
"""Omie's days are those of São Paulo."""


def _today() -> date:
    now = time.time()  # noqa: TID251 - a kind is made at the door, where time comes in
    return (datetime.fromtimestamp(now, UTC) + LOCAL).date()


class OmieKind:
    """Makes adapters for apps of Omie; `credentials` are App Key and App Secret.

    What may be asked of an app is known once, however many applications have its key.
    """

    name = "omie"

    def __init__(
        self, now: Callable[[], float] = time.monotonic, today: Callable[[], date] = _today
    ) -> None:
        self._now = now
        self._today = today
        self._apps: WeakValueDictionary[tuple[str, str], AppAccess] = WeakValueDictionary()

    def open(self, application: Application, codec: Codec) -> Adapter:
        """An adapter for one app; BusFault where address, keys or options make no sense."""
        settings = settings_of(application)
        key = application.credentials.user if application.credentials else ""
        place = application.address, key
        access = self._apps.get(place) or AppAccess(self._now)
        self._apps[place] = access
        client = OmieClient(application, access, codec.most_answer)
        if not key or not (application.credentials and application.credentials.password):
            raise mistake(application, "credentials", NO_KEYS, KEYS)  # K-02
        reading = OmieReading(client, Composer(application, codec), settings, key, self._today)
        families = Families(client, application, settings.families)
        return OmieAdapter(client, settings, reading, families)

    def options(self) -> Mapping[str, Text]:
        """The options it understands."""
        return OPTIONS

    def features(self) -> frozenset[Feature]:
        """It reads, can be asked, and goes on where a send of several calls failed; an App Key is
        an app (O-01).
        """
        return frozenset({Feature.READS, Feature.ASKS, Feature.RESUMES, Feature.KEYED})

    def doubts(
        self, applications: Sequence[Application], deployment: Deployment
    ) -> tuple[Fault, ...]:
        """What they leave out that their routes and groups need."""
        return tuple(doubts_about_apps(applications, deployment))

    def faults(self) -> tuple[KnownFault, ...]:
        """What Omie may say."""
        return FAULTS
