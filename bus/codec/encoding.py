"""How the bytes of a body become UTF-8, and what is mended on the way.

What is certain is decoded; what real senders get wrong is mended, and every repair is told:
Windows-1252 under a UTF-8 declaration (or under none), and control characters out of old registers.
"""

from __future__ import annotations

import re
from typing import AnyStr, NamedTuple

from bus.codec.elements import element_at_end
from bus.core.envelope import Repair
from bus.core.errors import Fault, SenderFault
from bus.core.text import Details, Text

READ_AS_WINDOWS_1252 = Repair(
    Text(
        "bytes fora da codificação declarada foram lidos como Windows-1252",
        "bytes that are not in the declared encoding were read as Windows-1252",
    ),
    alters=True,
)
CONTROLS_REMOVED = Repair(
    Text(
        "caracteres de controle que XML proíbe foram retirados",
        "control characters that XML forbids were removed",
    ),
    alters=True,
)
BLANKS_REMOVED = Repair(
    Text(
        "espaços antes da declaração XML foram retirados",
        "blanks before the XML declaration were removed",
    ),
    line=1,
)
MARK_BELIEVED = Repair(
    Text(
        "valeu a marca de ordem de bytes, e não a codificação declarada",
        "the byte order mark was believed, not the declared encoding",
    ),
    line=1,
)

_NOT_READ = Text(
    "declara ou tem a codificação {name}, que o barramento não lê",
    "it declares or has encoding {name}, which the bus does not read",
)
_WRONG_THERE = Text("há bytes que não são de {name}", "there are bytes that are not of {name}")
_NO_MARK = Text(
    "está em UTF-16 e não tem a marca de ordem de bytes",
    "it is in UTF-16 and has no byte order mark",
)
_NO_TEXT = Text(
    "começa com bytes nulos: não é um texto", "it begins with null bytes: it is no text"
)

# Nothing to do: declared UTF-8 or nothing, no byte order mark, and the root element comes at once.
_PLAIN = re.compile(
    rb"(?:<\?xml\s+version\s*=\s*[\"'][\d.]+[\"'](?:\s+encoding\s*=\s*[\"'](?i:utf-8)[\"'])?"
    rb"(?:\s+standalone\s*=\s*[\"']\w+[\"'])?\s*\?>)?\s*<[^!?\0]"
)
_DECLARATION = re.compile(rb"\s*<\?xml\s[^>]*>")
_ENCODING = re.compile(rb"encoding\s*=\s*[\"']([^\"']{0,40})")

_UTF_8 = {"", "utf8", "usascii", "ascii"}
_LATIN_1 = {"iso88591", "latin1"}
_WINDOWS_1252 = {"windows1252", "cp1252"}
# UTF-32 stands first only to be told apart: its mark begins like that of UTF-16.
_MARKS = {
    b"\xff\xfe\0\0": "utf32",
    b"\0\0\xfe\xff": "utf32",
    b"\xef\xbb\xbf": "utf8",
    b"\xff\xfe": "utf16",
    b"\xfe\xff": "utf16",
}

# The bytes 81, 8D, 8F, 90 and 9D mean nothing in Windows-1252: they go.
_WINDOWS = {byte: bytes([byte]).decode("cp1252", "ignore") for byte in range(0x80, 0x100)}
_C1_AS_WINDOWS = {code: _WINDOWS[code] for code in range(0x80, 0xA0)}
_C1 = re.compile("[\x80-\x9f]")
_ESCAPED_AS_WINDOWS = {0xDC00 + byte: character for byte, character in _WINDOWS.items()}

_CONTROLS = bytes(set(range(0x20)) - {0x09, 0x0A, 0x0D})
_CONTROL_REFERENCES = re.compile(
    rb"&#(?:0*(?:[0-8]|1[124-9]|2\d|3[01])|x0*(?:[0-8bBcCeEfF]|1[\da-fA-F]));"
)
_NOT_CHARACTERS = (b"\xef\xbf\xbe", b"\xef\xbf\xbf")
_FORBIDDEN = re.compile(
    b"|".join((rb"[\0-\x08\x0b\x0c\x0e-\x1f]", _CONTROL_REFERENCES.pattern, *_NOT_CHARACTERS))
)


class Utf8Text(NamedTuple):
    """A body in UTF-8, whatever it may declare, and what had to be mended.

    `plain`: its root element is known to come first, at most after its declaration.
    """

    utf8: bytes
    repairs: tuple[Repair, ...] = ()
    plain: bool = False


def to_utf8(body: bytes, *, decoded: bool) -> Utf8Text:
    """Decode a body by its byte order mark or declaration, or raise BAD_ENCODING.

    `decoded`: the bytes are UTF-8, whatever is declared. Wrong bytes under a declaration of UTF-8
    are left for `mended`.
    """
    if _PLAIN.match(body):
        return Utf8Text(body, plain=True)
    mark = next((mark for mark in _MARKS if body.startswith(mark)), b"")
    if _MARKS.get(mark) == "utf16":
        text = _told_otherwise(_from_utf16(body))
    else:
        text = _from_bytes(body[len(mark) :], _MARKS.get(mark, ""), decoded=decoded)
    return _without_declaration(text)


def mended(text: Utf8Text) -> Utf8Text:
    """The same without wrong bytes and forbidden characters; equal to it where there are none."""
    utf8, repairs, _ = text
    try:
        utf8.decode()
    except UnicodeDecodeError as error:
        escaped = utf8.decode("utf-8", "surrogateescape")
        repairs = (*repairs, placed(READ_AS_WINDOWS_1252, utf8[: error.start]))
        utf8 = escaped.translate(_ESCAPED_AS_WINDOWS).encode()
    allowed = utf8.translate(None, _CONTROLS)
    for forbidden in _NOT_CHARACTERS:
        allowed = allowed.replace(forbidden, b"")
    allowed = _without(_CONTROL_REFERENCES, allowed)
    if allowed != utf8:
        repairs = (*repairs, placed(CONTROLS_REMOVED, utf8[: _first(_FORBIDDEN, utf8)]))
    return Utf8Text(allowed, repairs)


def placed(repair: Repair, before: bytes) -> Repair:
    """A repair with the line and the element that a text is in, of which this stands before it."""
    return repair._replace(path=element_at_end(before), line=1 + before.count(b"\n"))


def _first(pattern: re.Pattern[AnyStr], text: AnyStr) -> int:
    found = pattern.search(text)
    return found.start() if found else 0


def _without(pattern: re.Pattern[bytes], text: bytes) -> bytes:
    # Pattern.sub would hold every piece between two matches at once.
    kept, end = bytearray(), 0
    for match in pattern.finditer(text):
        kept += text[end : match.start()]
        end = match.end()
    return bytes(kept) + text[end:] if end else text


def _told_otherwise(utf8: bytes) -> Utf8Text:
    """A text whose byte order mark says UTF-16, and that may declare something else."""
    declared = re.sub(r"[-_]", "", _declared(utf8)).lower()
    return Utf8Text(utf8, () if declared[:5] in {"", "utf16"} else (MARK_BELIEVED,))


def _from_utf16(body: bytes) -> bytes:
    try:
        return body.decode("utf-16").encode()
    except UnicodeDecodeError as error:
        line = 1 + body[: error.start].decode("utf-16", "ignore").count("\n")
        details: Details = {"encoding": _WRONG_THERE.filled(name="UTF-16")}
        raise SenderFault(Fault("BAD_ENCODING", line=line, details=details)) from None


def _from_bytes(body: bytes, marked: str, *, decoded: bool) -> Utf8Text:
    declared = _declared(body)
    name = re.sub(r"[-_]", "", declared).lower()
    if decoded or name in _UTF_8 or marked == "utf8":
        if not decoded and (marked == "utf32" or b"\0" in body[:4]):
            raise _bad_encoding(_looks_like(body, marked), body)
        return Utf8Text(body, () if decoded or name in _UTF_8 else (MARK_BELIEVED,))
    if marked or name not in _LATIN_1 | _WINDOWS_1252:
        name = declared or marked.replace("utf", "UTF-")
        raise _bad_encoding(_NOT_READ.filled(name=name), body)
    text = body.decode("latin-1")
    windows = text.translate(_C1_AS_WINDOWS)
    if name not in _LATIN_1 or windows == text:
        return Utf8Text(windows.encode())
    before = windows[: _first(_C1, text)].encode()
    return Utf8Text(windows.encode(), (placed(READ_AS_WINDOWS_1252, before),))


def _declared(body: bytes) -> str:
    declaration = _DECLARATION.match(body)
    encoding = _ENCODING.search(declaration[0]) if declaration else None
    return encoding[1].decode("ascii", "replace") if encoding else ""


def _without_declaration(text: Utf8Text) -> Utf8Text:
    # The declaration is done with; its line ends stay, so that lines keep their numbers.
    declaration = _DECLARATION.match(text.utf8)
    if not declaration:
        return text
    lines = b"\n" * declaration[0].count(b"\n")
    repairs = text.repairs if declaration[0].startswith(b"<") else (*text.repairs, BLANKS_REMOVED)
    return Utf8Text(lines + text.utf8[declaration.end() :], repairs)


def _looks_like(body: bytes, marked: str) -> Text:
    """What a text with null bytes in front is in, that is not marked as UTF-16."""
    if marked == "utf32" or body[:4] in {b"<\0\0\0", b"\0\0\0<"}:
        return _NOT_READ.filled(name="UTF-32")
    return _NO_MARK if body[:2] in {b"<\0", b"\0<"} else _NO_TEXT


def _bad_encoding(problem: Text, body: bytes) -> SenderFault:
    declaration = _ENCODING.search(body, 0, 1000)
    line = 1 + (body.count(b"\n", 0, declaration.start()) if declaration else 0)
    return SenderFault(Fault("BAD_ENCODING", line=line, details={"encoding": problem}))
