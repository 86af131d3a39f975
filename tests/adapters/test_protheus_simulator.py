"""The simulated Protheus: its EAI, its tables and de-para, what it sends and what it refuses."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from adapters.http_xml.desk import Setting
from adapters.protheus.simulator import protheus_simulator
from bus.core.route import Credentials
from bus.ports import Codec
from tests.contracts.eai_service import EaiService, EaiServiceSuite

LOGIN = ("bus", "s3gredo-Pesado")


class TestService(EaiServiceSuite):
    @pytest.fixture
    async def service(self, codec: Codec) -> AsyncIterator[EaiService]:
        """A Protheus that demands a login."""
        setting = Setting(name="P12", login=Credentials(*LOGIN))
        async with protheus_simulator(codec, setting) as protheus:
            yield EaiService(protheus.address, LOGIN, "RECEIVEMESSAGE")
