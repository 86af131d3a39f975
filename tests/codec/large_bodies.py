"""Large hostile bodies, and what they cost: `python -m tests.codec.large_bodies <name>`."""

import json
import sys
from collections.abc import Callable
from pathlib import Path

from bus.codec.parser import Limits
from bus.contracts.registry import Registry
from bus.core.errors import SenderFault
from tests.codec.samples import business, message, read

LIMITS = Limits()
STATUS = Path("/proc/self/status")


def content(inside: bytes) -> bytes:
    """A message with something in its content."""
    return message(business("<BusinessContent>@</BusinessContent>")).replace(b"@", inside)


def fill(piece: bytes) -> bytes:
    """As many pieces as a body may hold."""
    return piece * (LIMITS.body // len(piece))


LARGE: dict[str, tuple[str, Callable[[], bytes]]] = {
    "elements": ("TOO_COMPLEX", lambda: content(b"<a/>" * 2_000_000)),
    "elements never closed": ("TOO_COMPLEX", lambda: fill(b"<a>")),
    "elements within the limit": ("read", lambda: content(b"<a/>" * 190_000)),
    "names": (
        "read",
        lambda: content(b"".join(b"<a%040d/>" % n for n in range(60_000))),
    ),
    "attributes": (
        "TOO_COMPLEX",
        lambda: content(b"<a " + b" ".join(b"a%d=''" % n for n in range(600_000)) + b"/>"),
    ),
    "attributes of many": (
        "TOO_COMPLEX",
        lambda: content((b"<a " + b" ".join(b"a%d=''" % n for n in range(900)) + b"/>") * 1000),
    ),
    "text": ("read", lambda: content(b"<Code>" + b"x" * 4_000_000 + b"</Code>")),
    "long text": (
        "read",
        lambda: content(b"<Code>" + b"x" * 10_200_000 + b"</Code>"),
    ),
    "text of entities": ("read", lambda: content(b"<Code>" + b"&amp;" * 600_000 + b"</Code>")),
    "text of entities among elements": (
        "read",
        lambda: content(b"<a/>" * 9_000 + b"<Code>" + b"&amp;" * 600_000 + b"</Code>"),
    ),
    "characters by number": (
        "read",
        lambda: content(b"<Code>" + b"&#233;" * 500_000 + b"</Code>"),
    ),
    "wrong bytes": ("read", lambda: content(b"<Code>" + b"\xe9" * 3_000_000 + b"</Code>")),
    "NUL bytes": ("read", lambda: content(b"<Code>" + b"x\0" * 1_500_000 + b"</Code>")),
    "controls by number": ("read", lambda: content(b"<Code>" + b"xy&#1;" * 500_000 + b"</Code>")),
    "CDATA never closed": ("MALFORMED_XML", lambda: content(b"<![CDATA[" * 100_000)),
    "comments never closed": ("MALFORMED_XML", lambda: fill(b"<!--")),
    "quotes never closed": ("TOO_COMPLEX", lambda: fill(b"<a b='\"")),
    "blanks": ("MALFORMED_XML", lambda: fill(b" ")),
    "instructions": ("MALFORMED_XML", lambda: fill(b"<?a?>")),
    "mistakes": (
        "read",
        lambda: message(
            "<ResponseMessage><ReceivedMessage><UUID>u</UUID></ReceivedMessage>"
            "<ProcessingInformation><Status>OK</Status></ProcessingInformation><ReturnContent>"
            f"<ListOfInternalId>{'<InternalId><Zed/></InternalId>' * 40_000}</ListOfInternalId>"
            "</ReturnContent></ResponseMessage>",
            Type="Response",
        ),
    ),
    "strangers in the header": (
        "read",
        lambda: message().replace(b"<UUID>", b"<a/>" * 190_000 + b"<UUID>"),
    ),
}


def measure(name: str) -> None:
    """Prints how a large body is dealt with, and by how many bytes the memory grew at most."""
    body, registry = LARGE[name][1](), Registry()
    contract = registry.find("Currency", "2.001")
    assert contract is not None
    before = memory("VmRSS")
    outcome = "read"
    try:
        document = read(body)
        assert document.content_hash
        registry.check(contract, document)
        document.write("u")
    except SenderFault as refusal:
        outcome = refusal.fault.code
    print(json.dumps({"outcome": outcome, "growth": memory("VmHWM") - before}))


def memory(of: str) -> int:
    """The bytes of memory that this process holds (VmRSS), or held at most (VmHWM)."""
    lines = STATUS.read_text("ascii").splitlines()
    (kilobytes,) = (line.split()[1] for line in lines if line.startswith(f"{of}:"))
    return int(kilobytes) * 1024


if __name__ == "__main__":
    measure(sys.argv[1])
