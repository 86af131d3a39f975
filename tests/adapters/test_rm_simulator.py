"""The simulated RM: its EAI, its tables and de-para, what it sends and what it refuses."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from adapters.http_xml.desk import Setting
from adapters.rm.simulator import rm_simulator
from bus.core.route import Credentials
from bus.ports import Codec
from tests.contracts.eai_service import EaiService, EaiServiceSuite

LOGIN = ("bus", "s3gredo-Pesado")


class TestService(EaiServiceSuite):
    @pytest.fixture
    async def service(self, codec: Codec) -> AsyncIterator[EaiService]:
        """An RM that demands a login."""
        async with rm_simulator(codec, Setting(name="RM", login=Credentials(*LOGIN))) as rm:
            yield EaiService(rm.address, LOGIN)
