"""Refusals of files that people keep: routes.yaml, pairs, XSDs; and of names that they type."""

from __future__ import annotations

import errno
import json
import tempfile
from pathlib import Path

from bus.config import load_deployment, load_settings
from bus.contracts.imports.published import name_of_file, read_published
from bus.contracts.imports.sandbox import Sandbox
from bus.contracts.registry import Registry
from bus.core.errors import Fault
from bus.core.route import Application, IdScope
from bus.core.system_words import words_of
from bus.core.text import Details
from bus.edge.cli.depara.reading import cut, told
from bus.engine.depara_changes import DeparaNames
from bus.profiles import InstalledProfiles
from depara.exchange import LINKS, read_pairs
from depara.model import Key, Member
from depara.tables import Unreadable
from tests.cli.depara.test_bad_input import FILES as PAIR_FILES
from tests.codec.samples import CODEC
from tests.config.conftest import ADAPTERS, CONTRACTS, ENVIRONMENT
from tests.config.test_mistakes import MISTAKES, RIGHT
from tests.config.test_secrets import written
from tests.contracts.test_explaining import SLOW_XSD
from tests.support.published import CODE, HOSTILE, WRONG, content, publish, xsd
from tests.texts.from_messages import Provoked, told_by

# -- routes.yaml -----------------------------------------------------------------------------------

NOT_YAML = (
    "a: [", "a: {", "a: 'x", 'a: "x', 'a: "\\q"', "a: b: c", "a:\n\t- b", "- a\nb: c", "a: *b", "a: &", "a: !<", "a: !",
    "a: |x\n", "a: >9z\n", "%YAML 9\n---\na: b", "a: b\n---\nc: d", "? [", "a\nb: c", "a: ]", "a: }", "a: b\n c: d",
    "a: %b", "a: @b", "a: `b`", '"\\xzz"', "a: !a!b c", "- - [}", "{a: b]", "[a, b}", "", "text", "- list", "5",
    "applications: []", "routes: x", "applications: {rm: x}", "\x01", "a: \ufffe", "%TAG a", "a: 'x'y", "...\nx",
)  # fmt: skip
CONDITIONS = (
    "", " ", "a(", "//", "a[", "foo(1)", "x:y", "'a", "1 +", "$v", "count()", "a]", "re:test('a','b')", "a\x01",
    "count(1)", "1 = ", "string(", "id(", "[[[",
)  # fmt: skip
SECRETS = (
    {"login": "{env: RM_PASSWORT}"}, {"login": "{env: NOBODY}"}, {"login": "plain"}, {"login": "{file: nowhere}"},
    {"login": "{file: .}"}, {"login": "{x: y}"}, {"credentials": "'hunter2-b'"}, {"option": "hunter2-c"},
)  # fmt: skip


def wrong_routes() -> Provoked:
    """Each mistake that a file of routes may have, and texts that are no such file."""
    texts = [RIGHT.replace(was, becomes, 1) for was, becomes, *_ in MISTAKES]
    texts += [
        RIGHT.replace("condition: (a)", f"condition: {json.dumps(each)}") for each in CONDITIONS
    ]
    texts += [*NOT_YAML, *(written(**each) for each in SECRETS)]
    bodies = [*(each.encode("utf-8", "surrogatepass") for each in texts), b"# \xe7", b"a\x00b"]
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "routes.yaml")
        for body in bodies:
            file.write_bytes(body)
            yield from told_by("routes.yaml", _loaded, file)
        yield from told_by("no file", _loaded, file.with_name("rotas.yaml"))
        yield from told_by("a folder", _loaded, file.parent)


def _loaded(file: Path) -> object:
    return load_deployment(
        file,
        contracts=CONTRACTS,
        adapters=ADAPTERS,
        environment=ENVIRONMENT,
        check_condition=CODEC.condition_problem,
        profiles=InstalledProfiles(),
    )


SETTINGS = (
    {"port": "x"}, {"port": 70_000}, {"language": "es"}, {"max_body": "much"}, {"lease": "soon"}, {"journal": ""},
    {"log_level": "loud"}, {"max_in_flight": 0}, {"public_address": "here"}, {"nothing": 1},
)  # fmt: skip


def wrong_settings() -> Provoked:
    """Settings that are none, or have a value that they cannot have."""
    for given in SETTINGS:
        yield from told_by("settings", lambda given: load_settings(**given), given)


# -- the de-para -----------------------------------------------------------------------------------

TABLES = (
    *PAIR_FILES.values(),
    b"entity;application;id;other;nothing\n", b"entity;application;id;id;other;other_id\n",
    b"entity;application;id;other\nItem;rm;1;wms\n", b"Item;;1;wms;2\n", b"Item;rm;1;rm;1\n",
    b"Item;rm;1;wms;2;;;;;;;;\n", b'Item;rm;"1;wms;2\n', b"Item;rm;\x81;wms;2\n", b"Item;rm;;wms;\n" * 60,
)  # fmt: skip
RM = Application("rm", "RM", id_scope=IdScope.BRANCH)


def wrong_pairs() -> Provoked:
    """Files of pairs with every mistake, and names that there are not."""
    for data in TABLES:
        try:
            read_pairs(data)
        except Unreadable as unreadable:
            for fault in told(unreadable, Path("pairs.csv"), LINKS).faults:
                yield "pairs", fault
    many = [Fault("UNKNOWN_ENTITY", "entity", line, details={"value": "Itm"}) for line in range(60)]
    yield "pairs", cut(many, Path("pairs.csv"), 60)[-1]
    names = DeparaNames.of(Registry(), {"rm": RM, "protheus": Application("protheus", "PROTHEUS")})
    for name in ("Itm", "Items", "Nothing", "CustomerVender"):
        yield from told_by("entity", names.entity, name)
    for name in ("protheu", "r", "wms", "RN"):
        yield from told_by("application", names.application, name)
    for scope in ("", "1", "1/2/3"):
        member = Member(Key("Item", "rm", scope, "1"))
        yield from told_by("scope", names.member, member)


# -- XSDs that others published --------------------------------------------------------------------


def restricted(base: str, facets: str) -> str:
    """An element whose type has facets that cannot be."""
    return (
        f'<xs:element name="A"><xs:simpleType><xs:restriction base="xs:{base}">{facets}'
        "</xs:restriction></xs:simpleType></xs:element>"
    )


INSIDE = (
    '<xs:element name="A" type="Nobody"/>', '<xs:element ref="Nobody"/>', "<xs:element/>", "<xs:nothing/>", "text",
    '<xs:element name="A" strange="1"/>', '<xs:element name="A" minOccurs="2" maxOccurs="1"/>', '<xs:element name="1"/>',
    '<xs:choice><xs:element name="A"/><xs:element name="A"/></xs:choice>', '<xs:element name="A" minOccurs="x"/>',
    '<xs:element name="A" type="xs:int" default="x"/>', '<xs:group ref="x"/>', '<xs:element name="A" type="xs:nothing"/>',
    '<xs:element name="A"><xs:simpleType/></xs:element>', '<xs:complexType name="A"/>',
    '<xs:element name="A" minOccurs="0"/><xs:element name="A"/>', restricted("int", '<xs:pattern value="["/>'),
    restricted("string", '<xs:maxLength value="x"/>'),
    restricted("int", '<xs:minInclusive value="9"/><xs:maxInclusive value="1"/>'),
)  # fmt: skip
NOT_XSD = {
    "Cut_1_000.xsd": xsd(content(CODE))[:-9], "Empty_1_000.xsd": "", "Json_1_000.xsd": "{}",
    "Doctype_1_000.xsd": f"\n\n<!DOCTYPE a>{xsd(content(CODE))[39:]}", "Plain_1_000.xsd": xsd(content(CODE, ""), returned=""),
    "Twice_1_000.xsd": xsd(content(CODE) * 2),
}  # fmt: skip
COSTLY = {"Optional_1_000.xsd", "Counted_1_000.xsd"}
"""Those that only a process which may be ended should compile."""


def wrong_xsds() -> Provoked:
    """Published files that cannot be used, or are remarkable."""
    files = {name: text for name, (text, _) in (WRONG | HOSTILE).items() if name not in COSTLY}
    files |= NOT_XSD | {
        f"Inside{at}_1_000.xsd": xsd(content(each)) for at, each in enumerate(INSIDE)
    }
    with tempfile.TemporaryDirectory() as folder:
        tree = publish(Path(folder), files)
        for file in sorted(tree.rglob("*.xsd")):
            yield from told_by(file.name, name_of_file, file)
            yield from told_by(file.name, lambda file: read_published(file, tree), file)
            if file.name == "Plain_1_000.xsd":
                yield from ((file.name, fault) for fault in read_published(file, tree).remarks)
        yield from told_by("a link", lambda file: read_published(file, tree), Path("/etc/hostname"))
        with Sandbox() as workshop:
            yield from told_by(
                "no path", lambda file: workshop.examine(file, tree), Path("A\0_1_000.xsd")
            )


def broken_contracts() -> Provoked:
    """Files among the contracts of an installation that cannot be used."""
    files = {"Cut_1_000.xsd": "<xs:schema", "Heavy_1_000.xsd": SLOW_XSD.decode()}
    files |= {name: text for name, (text, _) in WRONG.items() if name != "Missing_1_000.xsd"}
    with tempfile.TemporaryDirectory() as folder:
        for name, text in files.items():
            Path(folder, name).write_text(text, "utf-8")
        Path(folder, "Folder_1_000.xsd").mkdir()
        for fault in Registry(Path(folder)).broken():
            yield "installation", fault


def system_problems() -> Provoked:
    """Everything that a system may say of a file."""
    errors: list[OSError | ValueError] = [OSError(number, "") for number in errno.errorcode]
    for error in (*errors, OSError(), OSError(-2, ""), TimeoutError(), ValueError()):
        details: Details = {"file": "a.xml", "problem": words_of(error)}
        yield type(error).__name__, Fault("FILE_UNREADABLE", details=details)
