"""Hostile XML: each body is a fault that says what is wrong, and costs little memory.

Bodies of megabytes are read in a process of their own, whose memory is measured.
"""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from bus.contracts.registry import Registry
from bus.core.errors import SenderFault
from tests.codec.large_bodies import LARGE, LIMITS, STATUS, content
from tests.codec.samples import business, message, read

MOST_GROWTH = 16
"""How many times its own length a body may cost in memory while it is read and checked."""
LEAST_GROWTH = 64_000_000
"""What is not counted: buffers and libraries that any first message brings."""

BOMB = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
SECRET = "SECRET-OF-THIS-MACHINE"


def refused(body: bytes) -> str:
    """The code for which a body is refused."""
    with pytest.raises(SenderFault) as refusal:
        read(body)
    assert refusal.value.fault.reason("pt")
    assert refusal.value.fault.remedy("en")
    return refusal.value.fault.code


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"<!DOCTYPE TOTVSMessage>" + message(), "DOCTYPE_REFUSED"),
        (b'<!DOCTYPE a SYSTEM "http://127.0.0.1:9/a.dtd">' + message(), "DOCTYPE_REFUSED"),
        (b"<?xml version='1.0'?>\n<!-- a --><?b?>\n<!DOCTYPE a>" + message(), "DOCTYPE_REFUSED"),
        (b"\xef\xbb\xbf\xef\xbb\xbf<!DOCTYPE a>" + message(), "DOCTYPE_REFUSED"),
        (
            "<!DOCTYPE a>".encode("utf-16") + message().decode().encode("utf-16-le"),
            "DOCTYPE_REFUSED",
        ),
        (b"<!doctype html><html></html>", "DOCTYPE_REFUSED"),
        (
            f'<!DOCTYPE a [<!ENTITY a0 "ha">{BOMB}]><TOTVSMessage>&a9;</TOTVSMessage>'.encode(),
            "DOCTYPE_REFUSED",
        ),
        (
            f'<!DOCTYPE a [<!ENTITY x "{"x" * 50_000}">]><a>{"&x;" * 50_000}</a>'.encode(),
            "DOCTYPE_REFUSED",
        ),
        (
            b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/hostname">]><a>&x;</a>',
            "DOCTYPE_REFUSED",
        ),
        (content(b"&x;"), "MALFORMED_XML"),
        (content(b"&nbsp;"), "MALFORMED_XML"),
        (content(b"A & B"), "MALFORMED_XML"),
        (content(b"<Code a='1' a='2'/>"), "MALFORMED_XML"),
        (content(b"<x:Code/>"), "MALFORMED_XML"),
        (content(b"<Code></Name>"), "MALFORMED_XML"),
        (message() + message(), "MALFORMED_XML"),
        (message()[:-1], "MALFORMED_XML"),
        (message()[: len(message()) // 2], "MALFORMED_XML"),
        (b"", "MALFORMED_XML"),
        (b" \n ", "MALFORMED_XML"),
        (b"\0" * 100, "BAD_ENCODING"),
        (b"OK", "MALFORMED_XML"),
        (b'{"Header": {}}', "MALFORMED_XML"),
        (b'<?xml version="1.0" encoding="UTF-7"?>+ADw-a/>', "BAD_ENCODING"),
        (message().decode().encode("utf-32"), "BAD_ENCODING"),
        (message().decode().encode("utf-32-be"), "BAD_ENCODING"),
        (message().decode().encode("utf-16-be"), "BAD_ENCODING"),
        (b'<?xml version="1.0" encoding="' + b"x" * 5000 + b'"?>' + message(), "BAD_ENCODING"),
        (content(b"<a>" * 300 + b"</a>" * 300), "TOO_COMPLEX"),
        (content(b"<a>" * 100_000), "TOO_COMPLEX"),
        (content(b"<" + b"x" * 60_000 + b"/>"), "TOO_COMPLEX"),
        (
            content(b"<a " + b" ".join(b"a%d=''" % n for n in range(1001)) + b"/>"),
            "TOO_COMPLEX",
        ),
        (
            content(b"<a " + b" ".join(b"xmlns:a%d='u'" % n for n in range(1001)) + b"/>"),
            "TOO_COMPLEX",
        ),
        (b"x" * (LIMITS.body + 1), "TOO_LARGE"),
    ],
)
def test_a_hostile_body_is_refused_for_what_it_is(body: bytes, code: str) -> None:
    """The code names the danger, not a consequence of it."""
    assert refused(body) == code


@pytest.mark.parametrize("levels", [200, 253])
def test_what_only_looks_hostile_is_read(levels: int) -> None:
    """Deep but allowed; many attributes but allowed; markup in CDATA and comments."""
    deep = content(b"<a>" * (levels - 3) + b"</a>" * (levels - 3))
    wide = content(b"<a " + b" ".join(b"a%d='='" % n for n in range(1000)) + b"/>")
    quoted = content(b"<Code><![CDATA[<!DOCTYPE a>" + b"<a b=''>" * 2000 + b"]]></Code>")
    commented = content(b"<!-- <!DOCTYPE a> " + b"<a b=''>" * 2000 + b"-->")

    for body in (deep, wide, quoted, commented):
        assert read(body).envelope.header.transaction == "Currency"


def test_exactly_the_limits_are_allowed() -> None:
    """One more is not."""
    element, most = b"<a/>", LIMITS.elements
    around = message(business("<BusinessContent>@</BusinessContent>"))
    own = around.count(b"<") - around.count(b"</")

    assert read(around.replace(b"@", element * (most - own))).root is not None
    assert refused(around.replace(b"@", element * (most - own + 1))) == "TOO_COMPLEX"


@pytest.mark.parametrize(
    "hint",
    [
        b'xsi:schemaLocation="urn:x file:///%s"',
        b'xsi:noNamespaceSchemaLocation="file:///%s"',
        b'xsi:noNamespaceSchemaLocation="http://127.0.0.1:9/%s"',
    ],
)
def test_a_schema_that_a_message_names_is_never_followed(tmp_path: Path, hint: bytes) -> None:
    """The contract is ours, wherever the message points, valid or not."""
    xsd = tmp_path / "any.xsd"
    xsd.write_text("<xs:schema xmlns:xs='http://www.w3.org/2001/XMLSchema'><nonsense/></xs:schema>")
    xsi = b' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
    place = xsi + hint % str(xsd).lstrip("/").encode()
    registry = Registry()
    contract = registry.find("Currency", "2.001")
    assert contract is not None

    for tag in (b"<TOTVSMessage", b"<BusinessContent"):
        right = message().replace(tag, tag + place)
        wrong = right.replace(b"<Code>BRL", b"<Code>BRASIL")

        assert registry.check(contract, read(right)) == ()
        assert [fault.code for fault in registry.check(contract, read(wrong))] == ["VALUE_TOO_LONG"]


def test_nothing_is_included(tmp_path: Path) -> None:
    """XInclude is an element like any other."""
    secret = tmp_path / "secret"
    secret.write_text(SECRET)
    include = (
        f'<Code><xi:include xmlns:xi="http://www.w3.org/2001/XInclude" parse="text" '
        f'href="{secret}"/></Code>'
    )

    document = read(content(include.encode()))

    assert SECRET.encode() not in document.write("u")


def test_processing_instructions_are_dropped() -> None:
    """No stylesheet travels on."""
    body = b"<?xml-stylesheet href='http://127.0.0.1:9/'?>" + content(b"<Code>B<?x y?>RL</Code>")

    document = read(body)

    assert b"<?x" not in document.write("u").removeprefix(b"<?xml version")
    assert document.values(["Code"]) == ("BRL",)


@pytest.mark.skipif(not STATUS.exists(), reason="memory is read from Linux's /proc")
@pytest.mark.parametrize("name", LARGE)
def test_a_large_hostile_body_costs_little_memory(checkout: Path, name: str) -> None:
    """Reading, checking, explaining and writing take a small multiple of its length."""
    outcome, body = LARGE[name]

    done = subprocess.run(
        [sys.executable, "-m", "tests.codec.large_bodies", name],
        cwd=checkout,
        capture_output=True,
        text=True,
        check=True,
    )

    told = json.loads(done.stdout)
    assert told["outcome"] == outcome
    assert told["growth"] < LEAST_GROWTH + MOST_GROWTH * len(body())
