"""Encodings: what is declared, what is meant, and what is mended."""

import pytest

from bus.codec.elements import element_at_end
from bus.codec.encoding import BLANKS_REMOVED, CONTROLS_REMOVED, MARK_BELIEVED, READ_AS_WINDOWS_1252
from bus.core.envelope import Repair
from bus.core.errors import SenderFault
from tests.codec.samples import business, message, read

TEXT = "Água, ção e nº"
SAMPLE = message(business(f"<BusinessContent><Description>{TEXT}</Description></BusinessContent>"))


def declared(encoding: str, body: str = SAMPLE.decode()) -> str:
    """The sample with a declaration."""
    return f'<?xml version="1.0" encoding="{encoding}"?>\n{body}'


def description(body: bytes, *, decoded: bool = False) -> str:
    """The text in question."""
    return read(body, decoded=decoded).values(["Description"])[0]


@pytest.mark.parametrize(
    "body",
    [
        SAMPLE,
        declared("UTF-8").encode(),
        declared("utf8").encode(),
        declared("ISO-8859-1").encode("latin-1"),
        declared("iso-8859-1").replace('"', "'").encode("latin-1"),
        declared("Windows-1252").encode("cp1252"),
        declared("UTF-8").encode("utf-8-sig"),
        declared("UTF-16").encode("utf-16"),
        SAMPLE.decode().encode("utf-16"),
        b"\xfe\xff" + declared("utf-16").encode("utf-16-be"),
        b"\n\n" + SAMPLE,
    ],
)
def test_an_encoding_that_is_right_needs_no_repair(body: bytes) -> None:
    """UTF-8, Latin-1, Windows-1252, and what a byte order mark tells."""
    assert description(body) == TEXT
    assert read(body).envelope.repairs == ()


@pytest.mark.parametrize(
    ("body", "repair"),
    [
        (SAMPLE.decode().encode("cp1252"), READ_AS_WINDOWS_1252),
        (declared("UTF-8").encode("cp1252"), READ_AS_WINDOWS_1252),
        (declared("us-ascii").encode("cp1252"), READ_AS_WINDOWS_1252),
        (b"\n " + declared("UTF-8").encode(), BLANKS_REMOVED),
        (declared("ISO-8859-1").encode("utf-8-sig"), MARK_BELIEVED),
        (declared("UTF-8").encode("utf-16"), MARK_BELIEVED),
        (SAMPLE.replace(b"<Description>", b"<Description>\x00\x0b"), CONTROLS_REMOVED),
        (SAMPLE.replace(b"<Description>", b"<Description>&#1;&#x1F;"), CONTROLS_REMOVED),
        (SAMPLE.replace(b"<Description>", b"<Description>\xef\xbf\xbf"), CONTROLS_REMOVED),
    ],
)
def test_what_real_senders_get_wrong_is_mended_and_told(body: bytes, repair: Repair) -> None:
    """The text is what was meant; the envelope tells the repair."""
    assert description(body) == TEXT
    (told,) = read(body).envelope.repairs
    assert (told.what, told.alters) == (repair.what, repair.alters)


@pytest.mark.parametrize(
    "body",
    [
        SAMPLE.replace(b"<Description>", b"<Description>\x07"),
        SAMPLE.replace(b"<Description>", b"<Description>&#x07;"),
        SAMPLE.decode().encode("cp1252"),
        declared("ISO-8859-1", SAMPLE.decode().replace(TEXT, "5 €")).encode("cp1252"),
    ],
)
def test_what_was_mended_is_told_with_its_place(body: bytes) -> None:
    """The line and the element of the first of it."""
    (told,) = read(body).envelope.repairs

    assert told.path == "/TOTVSMessage/BusinessMessage/BusinessContent/Description"
    assert told.line == 1 + body[: body.index(b"<Description>")].count(b"\n")


@pytest.mark.parametrize(
    ("text", "path"),
    [
        (b"<a><b/><c x='>'>", "/a/c"),
        (b"<p:a><!-- <b> --><![CDATA[<c>]]><b></b>", "/a"),
        (b"<a><b", "/a"),
        (b"</a>", ""),
        (b"<" + b"a" * 100_000, ""),
    ],
)
def test_the_element_that_is_open_is_found_in_any_text(text: bytes, path: str) -> None:
    """Comments, sections and what closes itself hold nothing."""
    assert element_at_end(text) == path


def test_latin_1_with_the_signs_of_windows_is_windows() -> None:
    """Dashes and typographic quotes do not exist in ISO-8859-1, but senders write them."""
    body = declared("ISO-8859-1").replace(TEXT, "“aço” – 5 €").encode("cp1252")

    assert description(body) == "“aço” – 5 €"
    (told,) = read(body).envelope.repairs
    assert told.what == READ_AS_WINDOWS_1252.what


def test_one_stray_byte_does_not_spoil_the_rest() -> None:
    """UTF-8 text with one byte of Windows-1252: both are understood."""
    body = SAMPLE.replace(b"<Description>", b"<Description>\xc7")

    assert description(body) == f"Ç{TEXT}"


def test_bytes_that_mean_nothing_are_dropped() -> None:
    """Protheus leaves 129, 141, 143, 144 and 157 as they are; they are no characters."""
    body = SAMPLE.replace(b"<Description>", b"<Description>\x81\x8d\x8f\x90\x9d")

    assert description(body) == TEXT


def test_lines_keep_their_numbers_when_a_declaration_is_dropped() -> None:
    """A fault still names the line of the sender."""
    body = (declared("ISO-8859-1") + "\n<x").encode("latin-1")

    with pytest.raises(SenderFault) as refused:
        read(body)

    assert refused.value.fault.line == body.count(b"\n") + 1


@pytest.mark.parametrize("encoding", ["UTF-16", "ISO-8859-1", "UTF-7", "x-nonsense"])
def test_a_carrier_that_has_decoded_the_text_settles_the_encoding(encoding: str) -> None:
    """Inside SOAP or JSON the inner declaration is moot."""
    body = declared(encoding).encode()

    assert description(body, decoded=True) == TEXT
    assert read(body, decoded=True).envelope.repairs == ()


@pytest.mark.parametrize(
    ("body", "encoding"),
    [
        (declared("UTF-16").encode(), "UTF-16"),
        (declared("UTF-7").encode(), "UTF-7"),
        (declared("EBCDIC-CP-US").encode(), "EBCDIC-CP-US"),
        (declared("UTF-16").encode("utf-16-le"), "UTF-16 e não tem a marca"),
        (declared("UTF-8").encode("utf-16-be"), "UTF-16 e não tem a marca"),
        (b"\0\1\2\3 no text", "não é um texto"),
        (declared("UTF-32").encode("utf-32"), "UTF-32"),
        (declared("UTF-16").encode("utf-16")[:-1], "UTF-16"),
        (b"\xff\xfe\x00\xd8", "UTF-16"),
    ],
)
def test_bytes_that_are_not_what_they_say_are_refused(body: bytes, encoding: str) -> None:
    """Where nobody can know what was meant, the sender must say it."""
    with pytest.raises(SenderFault) as refused:
        read(body)

    assert refused.value.fault.code == "BAD_ENCODING"
    assert encoding in refused.value.fault.reason("pt")
    assert "ISO-8859-1" in refused.value.fault.remedy("en")


def test_what_is_mended_is_looked_at_again() -> None:
    """A DOCTYPE does not slip in behind a control character."""
    body = b'<\x01!DOCTYPE a [<!ENTITY x "y">]>' + SAMPLE

    with pytest.raises(SenderFault) as refused:
        read(body)

    assert refused.value.fault.code == "DOCTYPE_REFUSED"
