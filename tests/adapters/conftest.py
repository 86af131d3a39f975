"""What the tests of the adapters share."""

import pytest

from bus.ports import Codec
from bus.xml.codec import XmlCodec


@pytest.fixture(scope="session")
def codec() -> Codec:
    """The codec that the bus gives its adapters."""
    return XmlCodec()
