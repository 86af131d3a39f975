"""What the tests of the adapters share."""

import socket

import pytest

from bus.codec.xml_codec import XmlCodec
from bus.ports.codec import Codec


@pytest.fixture(scope="session")
def codec() -> Codec:
    """The codec that the bus gives its adapters."""
    return XmlCodec()


@pytest.fixture
def unused_port() -> int:
    """A port at which nobody listens."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])
