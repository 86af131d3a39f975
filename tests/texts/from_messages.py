"""Refusals of what arrives: bytes, XML, envelopes, SOAP, JSON."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterator
from typing import TypeVar

from bus.codec.json_message import xml_of_message
from bus.codec.parser import Limits, Parser
from bus.contracts.registry import Registry
from bus.core.envelope import Carrier
from bus.core.errors import Fault, Refusal
from tests.codec.samples import CODEC, CONTENT, business, in_soap, message, response
from tests.codec.test_any_bytes import FRAGMENTS

Provoked = Iterator[tuple[str, Fault]]
SHAPES = Registry().shapes
T = TypeVar("T")


def told_by(where: str, act: Callable[[T], object], given: T) -> Provoked:
    """The faults with which something is refused; none where it is not."""
    try:
        act(given)
    except Refusal as refusal:
        for fault in refusal.faults:
            yield where, fault


# -- XML -------------------------------------------------------------------------------------------

MARKUP = (
    *FRAGMENTS,
    b"</Code>", b"<Code", b"<Code a=1/>", b"<Code a='<'/>", b"<a:b/>", b"<1/>", b"<Code a='1' a='2'/>",
    b"&nbsp;", b"&", b"&#55357;", b"&#0;", b"&#x110000;", b"<!--a--b-->", b"<!-- ", b"<![CDATA[", b"<?xml?>",
    b"<?pi ", b"<Code xmlns:p=''/>", b"<Code p:a='1'/>", b"<Code a='1'b='2'/>", b"<!ELEMENT a>", b"\xff",
    b"<Code a/>", b"<Code a=>", b"<>", b"< Code/>", b"</>", b"<Code//>", b"&#;", b"&#x;", b"&lt", b"<!x>",
    b"<Code xmlns='a b'/>", b"<Code xmlns:xml='u'/>", b"<Code xmlns:xmlns='u'/>", b"<:/>", b"<a:b:c/>",
)  # fmt: skip
BODIES = (
    b"", b" \n", b"\xef\xbb\xbf", b"OK", b"true", b"{}", b"[1]", b"<", b"<a", b"<a/>", b"<a></b>", b"<a/><b/>",
    b"<html></html>", b"<!DOCTYPE html><html/>", b"\n\n<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>",
    b"&lt;TOTVSMessage/&gt;", b"&amp;lt;TOTVSMessage/&amp;gt;", b"<![CDATA[<TOTVSMessage/>]]>",
    b"PD94bWwgdmVyc2lvbj0iMS4wIj8+", b"xml=%3CTOTVSMessage", b"'<TOTVSMessage/>'", b"PK\x03\x04",
    b"<?xml version='1.0' encoding='gbk'?><a/>", b"<?xml version='1.0' encoding='utf-16'?><a/>",
    b"<?xml version='1.0' encoding='utf-8' standalone='x'?><a/>", b"<?xml version='9.9'?><a/>", b"<?xml?><a/>",
    b"<?xml version='1.0'><a/>", b"<?xml version='1.0' encoding=''?><a/>", b"\xff\xfe\x00", b"\x00<\x00a",
    b"\xff\xfe\x00\x00", b"\xff\xfe\x00\xd8\x00\xd8", b"<!-- only a comment -->", b"<?xml version='1.0'?>",
    b"<a>" * 300, b"<" + b"n" * 60_000 + b"/>", b"<TOTVSMessage/>",
    b"<TOTVSMessage><MessageInformation/></TOTVSMessage>", b"<x:TOTVSMessage xmlns:x='u'/>",
)  # fmt: skip
SMALL = Limits(body=2_000, elements=40, attributes=8)
COMPLEX = (b" " * 2_001, b"<a>" + b"<b/>" * 50 + b"</a>", b"<a " + b"b='1' " * 60 + b"/>",
           b"<a>" + b"<b c='' d=''/>" * 30 + b"</a>")  # fmt: skip


def malformed_xml() -> Provoked:
    """A message with each piece of markup at several places, cut at many, and what is none at all."""
    whole = message()
    places = range(0, len(whole), 61)
    damaged = (whole[:at] + piece + whole[at:] for piece, at in itertools.product(MARKUP, places))
    for body in (*damaged, *(whole[:at] for at in range(1, len(whole), 7)), *BODIES):
        yield from told_by("XML", CODEC.parse, body)
        yield from told_by("answer", CODEC.parse_answer, body)
    for body in COMPLEX:
        yield from told_by("limits", Parser(SMALL).parse, body)


HEADERS = (
    {"UUID": ""}, {"Transaction": ""}, {"Type": ""}, {"Type": "Nothing"}, {"DeliveryType": "Later"},
    {"UUID": "u" * 300}, {"Transaction": "T" * 300}, {"version": ""}, {"version": "1" * 300},
    {"SourceApplication": "s" * 300}, {"Type": "Response"}, {"Type": "Receipt"},
)  # fmt: skip
PARTS = (
    "<BusinessMessage/>", "<BusinessMessage><BusinessEvent/></BusinessMessage>", "<Other/>",
    business(event="<BusinessEvent><Event>update</Event></BusinessEvent>"),
    business(event="<BusinessEvent><Event/></BusinessEvent><BusinessRequest/>"),
    business(CONTENT + CONTENT), business() * 2,
    business(event=f"<BusinessEvent><Entity>{'e' * 300}</Entity><Event>upsert</Event></BusinessEvent>"),
    business(event=f"<BusinessRequest><Operation>{'o' * 300}</Operation></BusinessRequest>"),
)  # fmt: skip
ANSWERS = (
    (b"<Status>OK", b"<Status>"), (b"<Status>OK", b"<Status>Maybe"), (b"<UUID>asked</UUID>", b""),
    (b"ProcessingInformation>", b"Other>"), (b"<ReturnContent>", b"<ReturnContent/><ReturnContent>"),
)  # fmt: skip


def wrong_envelopes() -> Provoked:
    """Headers and parts that lack something, or have what they may not."""
    bodies = [*(message(**each) for each in HEADERS), *map(message, PARTS)]
    bodies += [response().replace(*each) for each in ANSWERS]
    for body in bodies:
        yield from told_by("envelope", CODEC.parse, body)
        yield from told_by("answer", CODEC.parse_answer, body)


# -- SOAP ------------------------------------------------------------------------------------------

CALLS = (
    (b"receiveMessage", b"sendMessage"), (b"soap/envelope", b"soap/nothing"), (b"<inMsg>TEXT</inMsg>", b""),
    (b"<inMsg>TEXT</inMsg>", b"<inMsg/><inMsg/>"), (b"TEXT", b"<a/><b/>"), (b"TEXT", b"text <a/>"),
    (b"TEXT", b"&lt;![CDATA[&lt;TOTVSMessage/&gt;]]&gt;"), (b"TEXT", b"&amp;lt;TOTVSMessage/&amp;gt;"),
    (b"TEXT", b""), (b"TEXT", b"OK"), (b"TEXT", b"{}"), (b"TEXT", b"&lt;a&gt;"), (b"Body>", b"Other>"),
    (b"</s:Body>", b"<receiveMessage/></s:Body>"), (b"</s:Body>", b""), (b"TEXT", b"TEXT"),
)  # fmt: skip


def called(body: bytes) -> object:
    """What a call carries, read."""
    return CODEC.parse(body, Carrier.SOAP)


def wrong_soap() -> Provoked:
    """Calls that are none, or carry no message."""
    call = in_soap(b"TEXT")
    for body in (*(call.replace(*each) for each in CALLS), *map(in_soap, BODIES), *BODIES):
        yield from told_by("SOAP", called, body)


# -- JSON ------------------------------------------------------------------------------------------

HEADER = {"UUID": "u", "Type": "BusinessMessage", "Transaction": "Currency", "Version": "2.001"}
JSONS = (
    "", " ", "<a/>", "{", "[", "{]", '{"a"}', '{"a":}', '{"a":1,}', "{'a':1}", '{"a":1}{', '{"a":"', '"\\x"',
    '{"a":"\x01"}', '{"a" 1}', '{"a":1 "b":2}', "nul", "NaN", '{"Header":NaN}', '{"Header":1e99}', "[" * 400,
    '{"a":' * 120 + "1" + "}" * 120, '{"Header":{},"header":{}}', "{}", "[]", "1", '"text"',
)  # fmt: skip
CONTENTS = (
    {"Co de": 1}, {"Code": [1, 2], "Code2": {"": 1}}, {"Code": "\x01"}, {"@a b": 1}, [1], "", None, "text",
    {"ListOfInternalId": {"InternalId": None}},
)  # fmt: skip
GIVEN = (
    {"Type": "Nothing"},
    {"DeliveryType": "Later"},
    {"UUID": ""},
    {"Transaction": ""},
    {"Event": "update"},
)


def told_in_json(body: bytes) -> object:
    """A message in JSON, read."""
    return CODEC.parse(xml_of_message(body, SHAPES))


def wrong_json() -> Provoked:
    """Texts that are no JSON, and JSON that is no message."""
    texts = [text.encode() for text in JSONS] + [b"\xff\xfe{", b'{"a":"\xe7"}']
    told: list[object] = [{"Header": HEADER | given, "Content": {}} for given in GIVEN]
    told += [{"Header": HEADER, "Content": content} for content in CONTENTS]
    told += [{"Header": HEADER | {"Type": "Response"}, "Content": {}}, {"Header": HEADER}]
    for body in (*texts, *(json.dumps(each).encode() for each in told)):
        yield from told_by("JSON", told_in_json, body)
