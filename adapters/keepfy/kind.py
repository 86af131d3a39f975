"""What a Keepfy application must say in its configuration, and what is made of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from adapters.http_xml.kind import client_to
from adapters.keepfy.adapter import KeepfyAdapter, of_branch
from adapters.keepfy.doubts import doubts_about_branches
from adapters.keepfy.known_faults import FAULTS
from adapters.keepfy.messages import KeepfyComposer
from adapters.keepfy.reading import KeepfyReading
from adapters.keepfy.session import KeepfySession
from adapters.keepfy.settings import OPTIONS, settings_of
from bus.core.errors import Fault
from bus.core.known_faults import KnownFault
from bus.core.route import Application, Deployment
from bus.core.text import Text
from bus.ports.adapter import Adapter, Feature
from bus.ports.codec import Codec


class KeepfyKind:
    """Makes adapters for branches of Keepfy; `credentials` are Access Key and Access Secret."""

    name = "keepfy"

    def open(self, application: Application, codec: Codec) -> Adapter:
        """An adapter for one branch; BusFault where address or options make no sense."""
        client_to(application, codec.most_answer)  # an address that makes no sense is told first
        settings = settings_of(application)
        channel = client_to(of_branch(application, settings.branch), codec.most_answer)
        session = KeepfySession(application, settings.graphql, codec.most_answer)
        reading = KeepfyReading(session, KeepfyComposer(application, codec), settings)
        return KeepfyAdapter(application, codec, channel, session, reading)

    def options(self) -> Mapping[str, Text]:
        """The options it understands."""
        return OPTIONS

    def features(self) -> frozenset[Feature]:
        """It reads, by GraphQL and by webhook."""
        return frozenset({Feature.READS})

    def doubts(
        self, applications: Sequence[Application], deployment: Deployment
    ) -> tuple[Fault, ...]:
        """Those of one branch."""
        return tuple(doubts_about_branches(applications))

    def faults(self) -> tuple[KnownFault, ...]:
        """What Keepfy may say."""
        return FAULTS
