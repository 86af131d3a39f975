"""A package of other people whose adapter reads: messages are files of a folder, in order of name."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import unquote, urlsplit

from bus.core.errors import Fault, ReceiverFault, SenderFault
from bus.core.known_faults import KnownFault
from bus.core.outcome import Outcome, Report
from bus.core.route import Application
from bus.core.text import Text
from bus.ports.adapter import Adapter, Feature, Inbound, InboundMessage, Parcel, Poll, Webhook
from bus.ports.codec import Codec

PAGE = 2


class FolderSourceKind:
    """Makes adapters for applications whose address is file:///path/of/a/folder."""

    name = "folder-source"

    def open(self, application: Application, codec: Codec) -> Adapter:
        """An adapter for one application."""
        return FolderSource(application, Path(unquote(urlsplit(application.address).path)))

    def options(self) -> Mapping[str, Text]:
        """There are none."""
        return {}

    def features(self) -> frozenset[Feature]:
        """It reads."""
        return frozenset({Feature.READS})

    def faults(self) -> tuple[KnownFault, ...]:
        """None."""
        return ()


class FolderSource:
    """Reads one folder, a page at a time; a cursor is the name of a file."""

    def __init__(self, application: Application, folder: Path) -> None:
        self._application = application
        self._folder = folder

    async def read(self, source: Poll | Webhook) -> Inbound:
        """The files after the cursor, or the messages of a posted list."""
        if isinstance(source, Webhook):
            return _posted(source)
        return await asyncio.to_thread(self._after, source.cursor)

    def _after(self, cursor: str) -> Inbound:
        if not self._folder.is_dir():
            details = {"application": self._application.name, "problem": "no such folder"}
            raise ReceiverFault(Fault("UNREACHABLE", details=details))
        files = sorted(file for file in self._folder.glob("*.xml") if file.name > cursor)
        found = (InboundMessage(file.read_bytes(), file.name) for file in files[:PAGE])
        return Inbound(tuple(found), more=len(files) > PAGE)

    async def send(self, parcel: Parcel) -> Report:
        """It takes nothing."""
        details = {"application": self._application.name, "problem": "nothing is taken here"}
        return Report(Outcome.REFUSED, fault=Fault("REFUSED", details=details))

    async def ask(self, parcel: Parcel) -> Report | None:
        """It cannot tell."""
        return None

    async def probe(self) -> Fault | None:
        """It is there."""
        return None

    async def close(self) -> None:
        """Nothing is open."""


def _posted(call: Webhook) -> Inbound:
    if call.headers.get("x-shared-word") != "sesame" or "authorization" in call.headers:
        raise SenderFault(Fault("UNAUTHENTICATED"))
    try:
        texts = json.loads(call.body)
    except ValueError:
        raise SenderFault(Fault("MALFORMED_JSON", details={"problem": "no list"})) from None
    if texts == "changed":
        return Inbound(more=True)
    return Inbound(tuple(InboundMessage(text.encode()) for text in texts))


ADAPTER = FolderSourceKind()
