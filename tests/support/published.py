"""An installation's tree of published XSDs, as it comes: most are right, some wrong, some hostile."""

from __future__ import annotations

from pathlib import Path

EVENTS = "xmlschema/general/events"
HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
XS = 'xmlns:xs="http://www.w3.org/2001/XMLSchema"'
ENVELOPE = '<xs:include schemaLocation="../totvsmsg.xsd"/>'
IDS = '<xs:include schemaLocation="../types/ListOfInternalId_1_000.xsd"/>'
RETURN = """
<xs:element name="ReturnContent" substitutionGroup="AbstractReturnContent"><xs:complexType>
<xs:sequence><xs:element name="ListOfInternalId" type="ListOfInternalIdType" minOccurs="0"/>
</xs:sequence></xs:complexType></xs:element>"""


def content(inside: str, group: str = ' substitutionGroup="AbstractBusinessContent"') -> str:
    """A BusinessContent with these elements."""
    return (
        f'<xs:element name="BusinessContent"{group}><xs:complexType><xs:sequence>{inside}'
        "</xs:sequence></xs:complexType></xs:element>"
    )


def xsd(body: str, includes: str = ENVELOPE + IDS, returned: str = RETURN) -> str:
    """An XSD as it is published: it includes the envelope and the list of ids."""
    return f"{HEAD}<xs:schema {XS}>{includes}{body}{returned}</xs:schema>"


def element(name: str, facets: str = "") -> str:
    """An element of a text, with facets."""
    if not facets:
        return f'<xs:element name="{name}" type="xs:string" minOccurs="0"/>'
    return (
        f'<xs:element name="{name}" minOccurs="0"><xs:simpleType>'
        f'<xs:restriction base="xs:string">{facets}</xs:restriction></xs:simpleType></xs:element>'
    )


CODE = element("InternalId") + element("Code", '<xs:maxLength value="20"/>')
LOOP = '<xs:include schemaLocation="../loop_1.xsd"/>'
BOMB = (
    f'{HEAD}<!DOCTYPE s [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">'
    f'<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]><xs:schema {XS}><xs:element name="&c;"/></xs:schema>'
)
DEEP = "<xs:sequence>" * 300 + element("A") + "</xs:sequence>" * 300
REGEX = '<xs:pattern value="(((a{1,900}){1,900}){1,900}){1,900}"/>'
MANY_LOOPS = f'<xs:pattern value="{"a*" * 16}b"/>'
ALIKE = '<xs:pattern value="(a|a|a|a|a|a|aa)*b"/>'
MANY = "".join(element(f"E{number}") for number in range(20_000))
STEPS = element("A") * 200

WRONG = {
    "NoContent_1_000.xsd": (xsd(""), "XSD_NO_CONTENT"),
    "Invalid_1_000.xsd": (
        xsd(content('<xs:element name="A" type="NobodyDeclaresIt"/>')),
        "XSD_INVALID",
    ),
    "Malformed_1_000.xsd": (xsd(content(CODE))[:-9], "XSD_UNREADABLE"),
    "NotASchema_1_000.xsd": ("<html/>", "XSD_UNREADABLE"),
    "Namespaced_1_000.xsd": (
        xsd(content(CODE)).replace("<xs:schema ", '<xs:schema targetNamespace="urn:x" '),
        "XSD_NAMESPACE",
    ),
    "Missing_1_000.xsd": (
        xsd(content(CODE), '<xs:include schemaLocation="../types/Nobody_1_000.xsd"/>'),
        "XSD_INCLUDE_MISSING",
    ),
    "no_version.xsd": (xsd(content(CODE)), "XSD_NAME"),
    "Spaced Name_1_000.xsd": (xsd(content(CODE)), "XSD_NAME"),
}
"""Published files that cannot be used, each with the code of its fault."""

HOSTILE = {
    "Bomb_1_000.xsd": (BOMB, {"DOCTYPE_REFUSED", "XSD_UNREADABLE"}),
    "Remote_1_000.xsd": (
        xsd(content(CODE), '<xs:include schemaLocation="http://127.0.0.1:9/x.xsd"/>'),
        {"XSD_INCLUDE_REFUSED"},
    ),
    "LocalFile_1_000.xsd": (
        xsd(content(CODE), '<xs:include schemaLocation="file:///etc/hostname"/>'),
        {"XSD_INCLUDE_REFUSED"},
    ),
    "Absolute_1_000.xsd": (
        xsd(content(CODE), '<xs:include schemaLocation="/etc/hostname"/>'),
        {"XSD_INCLUDE_REFUSED"},
    ),
    "Outside_1_000.xsd": (
        xsd(content(CODE), f'<xs:include schemaLocation="{"../" * 40}etc/hostname"/>'),
        {"XSD_INCLUDE_REFUSED"},
    ),
    "Importing_1_000.xsd": (
        xsd(content(CODE), '<xs:import namespace="urn:x" schemaLocation="http://127.0.0.1:9/"/>'),
        {"XSD_INCLUDE_REFUSED"},
    ),
    "Hidden_1_000.xsd": (
        xsd(content(f'{CODE}<xs:include schemaLocation="file:///etc/hostname"/>'), ""),
        {"XSD_INCLUDE_REFUSED"},
    ),
    "Deep_1_000.xsd": (xsd(content(DEEP)), {"XSD_UNREADABLE"}),
    "Regex_1_000.xsd": (xsd(content(element("A", REGEX))), {"XSD_PATTERN"}),
    "Loops_1_000.xsd": (xsd(content(element("A", MANY_LOOPS))), {"XSD_PATTERN"}),
    "Alike_1_000.xsd": (xsd(content(element("A", ALIKE))), {"XSD_PATTERN"}),
    "Optional_1_000.xsd": (xsd(content(MANY)), {"XSD_TOO_COSTLY"}),
    "Counted_1_000.xsd": (
        xsd(content(f'<xs:sequence maxOccurs="99999">{STEPS}</xs:sequence>')),
        {"XSD_TOO_COSTLY", "XSD_INVALID"},
    ),
}
"""Files that are meant to do harm, each with what may be said of it; nothing where it does none."""


def ordinary(number: int) -> str:
    """One of many published contracts, with 20 to 60 elements, some in lists."""
    fields = "".join(
        element(f"Field{at}", f'<xs:maxLength value="{at + 1}"/>' if at % 2 else "")
        for at in range(20 + number % 41)
    )
    listed = (
        '<xs:element name="ListOfItem" minOccurs="0"><xs:complexType><xs:sequence>'
        f'<xs:element name="Item" maxOccurs="unbounded"><xs:complexType><xs:sequence>{fields}'
        "</xs:sequence></xs:complexType></xs:element></xs:sequence></xs:complexType></xs:element>"
    )
    return xsd(content(CODE + fields + (listed if number % 3 else "")))


def publish(folder: Path, files: dict[str, str]) -> Path:
    """Write these messages into a tree; the tree."""
    events = folder / EVENTS
    events.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (events / name).write_text(text, "utf-8")
    return folder / "xmlschema"


def large_tree(folder: Path, count: int) -> Path:
    """A tree of so many files: the wrong and the hostile ones, and ordinary ones for the rest."""
    files = {name: text for name, (text, _) in (WRONG | HOSTILE).items()}
    files |= {f"Invented{at}_1_000.xsd": ordinary(at) for at in range(count - len(files))}
    return publish(folder, files)
