"""`bus adapters list`, `bus adapters products` and `bus adapters new`."""

import json
import socket
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from adapters.protheus.known_faults import KNOWN_FAULTS
from bus.edge.cli.adapters.template import files_of
from bus.edge.words.adapters import WORDS
from tests.cli.conftest import ROUTES, Place, currency, lines, send
from tests.support.foreign import Foreign

BROKEN = "import no_such_library"


def used(place: Place, adapter: str) -> str:
    """A file of routes in which protheus uses an adapter."""
    return place.file("routes.yaml", ROUTES.replace("http-xml", adapter).encode())


Ask = Callable[[int], str]


@pytest.fixture
def ask() -> Iterator[Ask]:
    """A server that answers each question with a status, and takes no message; its address."""
    servers: list[ThreadingHTTPServer] = []
    posted: list[str] = []

    def asked(status: int) -> str:
        class Handler(BaseHTTPRequestHandler):
            def _say(self) -> None:
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            do_GET = do_OPTIONS = _say  # noqa: N815 - the names that http.server looks for

            def do_POST(self) -> None:
                posted.append(self.path)

            def log_message(self, *arguments: object) -> None:
                """Stay silent."""

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever).start()
        servers.append(server)
        return f"http://127.0.0.1:{server.server_port}/eai"

    yield asked
    for server in servers:
        server.shutdown()
        server.server_close()
    assert posted == []


# -- list ------------------------------------------------------------------------------------------


def test_every_kind_is_listed_with_package_options_and_users(place: Place) -> None:
    """What it is from, what it understands, and who uses it."""
    told = place.bus("adapters", "list")

    assert told.exit_code == 0
    at = next(
        n for n, line in enumerate(lines(told)) if line.startswith("http-xml (pacote eai-bus")
    )
    assert lines(told)[at + 1] == "  usado por: protheus"
    assert lines(told)[at + 2] == "  opções:"
    assert "    ca_file          Arquivo PEM" in told.stdout
    assert "  nenhuma aplicação o usa" in told.stdout


def test_a_foreign_kind_is_listed_like_ours(place: Place, foreign: Foreign) -> None:
    """In the language that was asked for, in words and in JSON."""
    foreign("slate", package="eai-slate")
    used(place, "slate")

    told = place.bus("adapters", "list", "--language", "en")
    listed = {one["adapter"]: one for one in place.json("adapters", "list", "--language", "en")}

    assert "slate (package eai-slate 1.2)\n  used by: protheus\n" in told.stdout
    assert "    colour  The colour." in told.stdout
    assert listed["slate"] == {
        "adapter": "slate",
        "package": "eai-slate",
        "version": "1.2",
        "usable": True,
        "problem": "",
        "applications": ["protheus"],
        "options": {"colour": "The colour."},
        "features": [],
        "known_faults": [],
    }
    assert listed["http-xml"]["applications"] == []


FEATURES = """
import re

from bus.core.known_faults import KnownFault
from bus.core.outcome import Outcome
from bus.ports.adapter import Feature

class Kind:
    name = "slate"
    def open(self, application, codec): ...
    def options(self): return {}
    def features(self): return frozenset(FEATURES)
    def faults(self): return FAULTS

ADAPTER = Kind()
FEATURES = Feature
FAULTS = (KnownFault(re.compile("wet slate"), Outcome.BUSY, "BUSY"),)
"""


def test_what_a_kind_can_do_and_understand_is_listed(place: Place, foreign: Foreign) -> None:
    """What it declares, in words and in JSON; one that delivers alone says nothing of it."""
    foreign("slate", FEATURES)

    told = place.bus("adapters", "list", "--language", "en")
    listed = {one["adapter"]: one for one in place.json("adapters", "list")}

    said = "asks what became of a message, knows the application by the user of its credentials: "
    said += "no two may have the same, reads what the application has for the bus, resumes a send of several calls where it stopped"
    declaring = [one["adapter"] for one in listed.values() if one["features"]]
    assert declaring == ["keepfy", "omie", "slate", "tables"]
    assert told.stdout.count("beside delivering") == len(declaring)
    assert f"  beside delivering: {said}\n" in told.stdout
    assert "    wet slate: not processed for now; to be mended by the receiver." in told.stdout
    assert listed["slate"]["features"] == ["asks", "keyed", "reads", "resumes"]
    assert [one["code"] for one in listed["slate"]["known_faults"]] == ["BUSY"]
    assert listed["http-xml"]["features"] == []


@pytest.mark.parametrize(
    ("right", "wrong", "duty"),
    [("FEATURES = Feature", "FEATURES = ['reads']", "features"), ("(KnownFault", "(str", "faults")],
)
def test_a_kind_that_declares_what_nobody_knows_cannot_be_used(
    place: Place, foreign: Foreign, right: str, wrong: str, duty: str
) -> None:
    """It is told which duty of it is wrong."""
    source = FEATURES.replace(right, wrong).replace('"), Outcome.BUSY, "BUSY")', '").pattern)')
    foreign("slate", source if duty == "faults" else FEATURES.replace(right, wrong))

    listed = {one["adapter"]: one for one in place.json("adapters", "list")}

    assert f"Kind.{duty}() gives what is no" in listed["slate"]["problem"]


@pytest.mark.parametrize("adapter", ["http-xml", "eai-soap"])
def test_the_texts_that_a_protocol_knows_are_listed(place: Place, adapter: str) -> None:
    """Pattern, outcome, code and owner; those of a product are shown with it."""
    listed = {one["adapter"]: one for one in place.json("adapters", "list", "--language", "en")}

    assert {
        "pattern": r"\bmensagem\W+nao\W+processada\W+tente\W+novamente\b",
        "outcome": "busy",
        "code": "BUSY",
        "owner": "receiver",
        "advice": "",
        "entity": "",
    } in listed[adapter]["known_faults"]
    codes = {one["code"] for one in listed[adapter]["known_faults"]}
    assert "DEPARA_MISSING_AT_RECEIVER" in codes


def test_a_broken_kind_is_shown_with_its_reason_and_harms_no_other(
    place: Place, foreign: Foreign
) -> None:
    """The reason, the package, what to do; and all others."""
    foreign("slate", BROKEN)

    told = place.bus("adapters", "list", "--language", "en")
    listed = {one["adapter"]: one for one in place.json("adapters", "list")}

    assert told.exit_code == 0
    assert "No module named 'no_such_library'" in told.stdout
    assert "→ Mend, reinstall or uninstall the package" in told.stdout
    assert not listed["slate"]["usable"]
    assert "no_such_library" in listed["slate"]["problem"]
    assert listed["http-xml"]["usable"]


def test_a_kind_that_is_named_but_not_installed_is_shown(place: Place) -> None:
    """It is what somebody looks for who reads this list."""
    used(place, "slate")

    told = place.bus("adapters", "list")
    listed = {one["adapter"]: one for one in place.json("adapters", "list")}

    assert "slate (não instalado)" in told.stdout
    assert (listed["slate"]["usable"], listed["slate"]["package"]) == (False, "")
    assert listed["slate"]["applications"] == ["protheus"]


@pytest.mark.parametrize("text", [b"applications: {rm: {adapter: [", b"applications: 1", b"\xff"])
def test_the_list_does_not_need_a_right_file(place: Place, text: bytes) -> None:
    """Who mends a file of routes may want to know what there is."""
    place.file("routes.yaml", text)

    told = place.bus("adapters", "list")

    assert told.exit_code == 0
    assert "http-xml" in told.stdout


def test_a_file_that_is_not_there_is_said_beside_the_list(place: Place) -> None:
    """On the other channel, so that JSON stays JSON."""
    told = place.bus("adapters", "list", "--routes", "nowhere.yaml", "--json")

    assert told.exit_code == 0
    assert "nowhere.yaml" in told.stderr
    assert "nowhere.yaml" not in told.stdout


# -- products --------------------------------------------------------------------------------------


def test_every_product_is_listed_with_what_holds_for_it(place: Place) -> None:
    """Its package, who translates, how far ids reach, how long they are, and counts."""
    told = place.bus("adapters", "products")

    assert told.exit_code == 0
    at = next(
        n for n, line in enumerate(lines(told)) if line.startswith("PROTHEUS (pacote eai-bus")
    )
    assert lines(told)[at + 1 : at + 7] == [
        "  a própria aplicação traduz os ids que lê",
        "  ids únicos na aplicação inteira",
        "  dos ids dos outros guarda 50 caracteres",
        "  lê em cada Response a própria mensagem (MessageContent)",
        "  pode não distinguir ids por maiúsculas e brancos",
        f"  textos de erro conhecidos: {len(KNOWN_FAULTS)}; pré-requisitos: 15",
    ]
    assert [line.split()[0] for line in lines(told) if "(pacote" in line] == [
        "DATASUL",
        "KEEPFY",
        "LOGIX",
        "OMIE",
        "PROTHEUS",
        "RM",
    ]


def test_a_product_is_shown_in_full(place: Place) -> None:
    """In any letter case of its name: error texts with their owner, rules with the set-up."""
    told = place.bus("adapters", "products", "Protheus", "--language", "en")
    rm = place.bus("adapters", "products", "rm", "--language", "en")

    assert "    CustomerVendor: C = customer, F = vendor" in told.stdout
    text = "webservice invalido para este login: destination unreachable"
    assert f"    {text}; to be mended by the bus admin.\n" in told.stdout
    assert "to be mended by the receiver. In Protheus, by routine CFGA020." in told.stdout
    assert "    T-77  The field of the asset tag (N1_CHAPA) 30 characters wide." in told.stdout
    assert "    CostCenter Code: at most 20 characters" in told.stdout
    assert "    ProductionAppointment ReworkQuantity: not kept" in told.stdout
    assert "    Currency: at most 5" in told.stdout
    assert "    in no text: U+0081, U+008D, U+008F, U+0090, U+009D" in told.stdout
    assert "DATASUL" not in told.stdout
    assert "    Order 4.010 from version 12.1.2209.158 on" in rm.stdout


def test_a_program_gets_all_of_each_product(place: Place) -> None:
    """One object a line, the same with a name as without."""
    every = {one["product"]: one for one in place.json("adapters", "products")}
    (one,) = place.json("adapters", "products", "protheus")

    assert one == every["PROTHEUS"]
    assert (one["package"], one["usable"], one["problem"]) == ("eai-bus", True, "")
    assert (one["de_para"], one["id_scope"]) == ("application", "application")
    assert one["id_limits"] == {"longest": 50, "ignores_case": True, "ignores_padding": True}
    assert {
        "pattern": r"\bnao\W+configurada\W+ou\W+configurada\W+incorretamente\b",
        "outcome": "refused",
        "code": "MESSAGE_NOT_CONFIGURED_AT_RECEIVER",
        "owner": "receiver",
        "advice": "No Protheus, pela rotina CFGA020.",
        "entity": "",
    } in one["known_faults"]
    assert (one["holds"], one["lost_characters"][0]) == ({"Currency": 5}, "\x81")
    assert one["limits"]["Warehouse"] == [
        {"path": "Description", "longest": 40, "most": 0, "among": [], "ignored": False}
    ]
    assert {"rule": "T-11", "text": "Versão 12.1.25 ou mais nova."} in one["prerequisites"]
    assert every["RM"]["releases"][0] == {"since": "0", "transaction": "Order", "version": "3.002"}


def test_the_product_of_the_guide_is_shown_with_all_that_it_says(
    place: Place, foreign: Foreign, checkout: Path
) -> None:
    """The profile in docs/write-an-adapter.md is one."""
    guide = (checkout / "docs" / "write-an-adapter.md").read_text("utf-8")
    _, _, rest = guide.partition("<!-- the profile: begin -->\n```python\n")
    foreign("acme", rest.partition("```\n")[0], package="eai-acme", profile=True)

    told = place.bus("adapters", "products", "acme", "--language", "en")

    assert told.stdout.splitlines() == [
        "ACME (package eai-acme 1.2)",
        "  the application itself translates the ids that it reads",
        "  ids are unique within a company",
        "  of others' ids it keeps 30 characters",
        "  it may not tell ids apart by letter case and blanks",
        "  another reach of ids:",
        "    UnitOfMeasure: ids are unique in the whole application",
        "  which of a thing's ids one is, by its end:",
        "    CustomerVendor: CLI = customer, FOR = vendor",
        "  names of its own in ListOfInternalId:",
        "    Pessoa: CustomerVendor customer",
        "  versions of messages:",
        "    Order 4.010 from version 7.1 on",
        "  known error texts:",
        "    periodo fechado: refused; to be mended by the receiver. Open the period in Acme.",
        "  prerequisites (rule, set-up):",
        "    -     The integration service turned on.",
        "    -     Version 7.1 or newer.",
    ]


def test_a_broken_product_is_shown_with_its_reason_and_harms_no_other(
    place: Place, foreign: Foreign
) -> None:
    """The reason, the package, what to do; and all others."""
    foreign("slate", BROKEN, profile=True)

    told = place.bus("adapters", "products", "--language", "en")
    listed = {one["product"]: one for one in place.json("adapters", "products")}

    assert told.exit_code == 0
    assert "No module named 'no_such_library'" in told.stdout
    assert "→ Mend, reinstall or uninstall the package" in told.stdout
    assert not listed["SLATE"]["usable"]
    assert "no_such_library" in listed["SLATE"]["problem"]
    assert listed["RM"]["usable"]


def test_a_product_that_nobody_describes_is_refused_with_the_nearest(place: Place) -> None:
    """And with what holds for it all the same."""
    told = place.bus("adapters", "products", "Proteus", "--language", "en")

    assert told.exit_code == 1
    assert "No installed package describes the product Proteus." in told.stderr
    assert "Did you mean “PROTHEUS”?" in told.stderr
    assert "the bus translates ids" in told.stderr


def test_a_bus_runs_with_a_broken_product_and_says_so(place: Place, foreign: Foreign) -> None:
    """It takes messages, its log names the reason, and the check of the routes warns."""
    foreign("slate", BROKEN, profile=True)
    place.file("routes.yaml", ROUTES.replace("PROTHEUS", "SLATE").encode())

    with capture_logs() as logged, place.bus_running() as url:
        (sent,) = send(place, url, place.file("usd.xml", currency()))
    checked = place.bus("routes", "check", "--language", "en")

    assert sent["status"] == 202
    (told,) = [one for one in logged if one["event"] == "a profile cannot be used"]
    assert "no_such_library" in told["why"]
    assert "exc_info" not in told
    assert checked.exit_code == 0
    assert "applications.protheus.product: The profile of product slate" in checked.stdout
    assert "No module named 'no_such_library'" in checked.stdout


# -- list --probe ----------------------------------------------------------------------------------


def probed(place: Place, adapter: str, address: str, options: str = "") -> None:
    """A file of routes whose protheus is at an address."""
    asked = f'adapter: {adapter}, address: "{address}"{options}'
    text = ROUTES.replace('adapter: http-xml, address: "http://127.0.0.1:9/"', asked)
    assert asked in text
    place.file("routes.yaml", text.encode())


def of_protheus(place: Place) -> tuple[int, dict[str, Any]]:
    """The exit code of a probe, and what it found."""
    told = place.bus("adapters", "list", "--probe", "--language", "en", "--json")
    kinds = [json.loads(line) for line in told.stdout.splitlines()]
    (found,) = [one["probes"] for one in kinds if "probes" in one]
    return told.exit_code, found["protheus"]


@pytest.mark.parametrize("adapter", ["http-xml", "eai-soap"])
def test_a_probe_tells_who_answers(place: Place, ask: Ask, adapter: str) -> None:
    """In words and in JSON; a message is never sent."""
    probed(place, adapter, ask(405))

    told = place.bus("adapters", "list", "--probe")

    assert told.exit_code == 0
    assert "  usado por: protheus\n    protheus: responde\n" in told.stdout
    assert of_protheus(place) == (0, {"reachable": True})


@pytest.mark.parametrize("adapter", ["http-xml", "eai-soap"])
def test_a_probe_tells_who_does_not_know_us(place: Place, ask: Ask, adapter: str) -> None:
    """The login is refused before any message goes."""
    probed(place, adapter, ask(401))

    code, found = of_protheus(place)

    assert (code, found["reachable"]) == (1, False)
    assert found["fault"]["code"] == "LOGIN_REFUSED_BY_RECEIVER"


@pytest.mark.parametrize("adapter", ["http-xml", "eai-soap"])
def test_a_probe_tells_who_is_not_there(place: Place, adapter: str) -> None:
    """The fault, and what to do; the others of the list as ever."""
    with socket.socket() as unheard:
        unheard.bind(("127.0.0.1", 0))
        probed(place, adapter, f"http://127.0.0.1:{unheard.getsockname()[1]}/eai")
        told = place.bus("adapters", "list", "--probe", "--language", "en")

    assert told.exit_code == 1
    assert "    protheus: does not answer\n      UNREACHABLE: " in told.stdout
    assert "connection refused" in told.stdout
    assert "      → " in told.stdout
    assert "no application uses it" in told.stdout


@pytest.mark.parametrize("adapter", ["http-xml", "eai-soap"])
def test_a_probe_of_who_is_silent_ends(place: Place, adapter: str) -> None:
    """Within its time, and says so."""
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        probed(place, adapter, f"http://127.0.0.1:{silent.getsockname()[1]}/eai")
        code, found = of_protheus(place)

    assert (code, found["fault"]["code"]) == (1, "UNREACHABLE")
    assert "no answer within 1.9 s" in found["fault"]["message"]


def test_a_probe_needs_a_right_file(place: Place) -> None:
    """It asks what the bus would: a mistake is told as the bus tells it."""
    used(place, "slate")

    told = place.bus("adapters", "list", "--probe")

    assert told.exit_code == 2
    assert "slate" in told.stderr


# -- a broken one and the bus ----------------------------------------------------------------------


def test_a_bus_runs_beside_a_broken_kind_that_it_does_not_use(
    place: Place, foreign: Foreign
) -> None:
    """It takes messages as if the package were not there."""
    foreign("slate", BROKEN)

    with place.bus_running() as url:
        (sent,) = send(place, url, place.file("usd.xml", currency()))

    assert sent["status"] == 202


def test_a_broken_kind_that_is_used_is_a_mistake_of_the_routes(
    place: Place, foreign: Foreign
) -> None:
    """With its line, its reason and what to do."""
    foreign("slate", BROKEN)
    used(place, "slate")

    told = place.bus("routes", "check", "--language", "en")

    assert told.exit_code == 1
    at = ":4: applications.protheus.adapter: Adapter slate (package slate 1.2) cannot be used"
    assert at in told.stdout
    assert "No module named 'no_such_library'" in told.stdout
    assert "`bus adapters list`" in told.stdout


# -- new -------------------------------------------------------------------------------------------


def test_a_new_package_is_written(place: Place) -> None:
    """Each file of the template, with the name put in, and what to do next."""
    told = place.bus("adapters", "new", "folder-drop", str(place.folder / "a" / "b"))

    made = place.folder / "a" / "b" / "folder-drop"
    assert told.exit_code == 0
    assert f"cd {made} && pip install" in told.stdout
    written = {str(one.relative_to(made)) for one in made.rglob("*") if one.is_file()}
    assert written == set(files_of("folder-drop"))
    assert {"pyproject.toml", "README.md", "tests/test_adapter.py"} < written
    assert "src/folder_drop/adapter.py" in written
    texts = {one.read_text("utf-8") for one in made.rglob("*") if one.is_file()}
    assert not [text for text in texts if "{{" in text or "}}" in text]
    assert 'folder-drop = "folder_drop:ADAPTER"' in (made / "pyproject.toml").read_text("utf-8")


def test_json_names_the_files(place: Place) -> None:
    """A program learns where the package is."""
    (told,) = place.json("adapters", "new", "folder-drop", str(place.folder))

    assert told["folder"] == str(place.folder / "folder-drop")
    assert told["files"] == sorted(files_of("folder-drop"))


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("../x", "makes no package"),
        ("a/b", "makes no package"),
        (".", "makes no package"),
        ("", "makes no package"),
        ("My Erp", "makes no package"),
        ("my_erp", "makes no package"),
        ("my--erp", "makes no package"),
        ("erp-", "makes no package"),
        ("9erp", "makes no package"),
        ("ação", "makes no package"),
        ("x" * 32, "makes no package"),
        ("erp\n", "makes no package"),
        ("class", "is a word of Python"),
        ("json", "is a module of Python"),
        ("http-xml", "belongs to eai-bus already"),
        ("bus", "belongs to"),
        ("pytest", "belongs to pytest already"),
    ],
)
def test_a_name_that_makes_no_package_is_refused(place: Place, name: str, reason: str) -> None:
    """Before anything is written, with what would do."""
    folder = place.folder / "work"

    told = place.bus("adapters", "new", name, str(folder), "--language", "en")

    assert told.exit_code == 1
    assert reason in told.stderr
    assert "→ " in told.stderr
    assert not folder.exists()


@pytest.mark.parametrize(
    ("name", "better"), [("My ERP", "my-erp"), ("my_erp", "my-erp"), ("../x", "x"), ("9erp", "erp")]
)
def test_a_name_that_would_do_is_proposed(place: Place, name: str, better: str) -> None:
    """The nearest one."""
    told = place.bus("adapters", "new", name, str(place.folder), "--language", "en")

    assert f"such as {better}." in told.stderr


@pytest.mark.parametrize("form", ["folder", "file", "link"])
def test_what_exists_is_left_alone(place: Place, form: str) -> None:
    """Neither a folder nor a file is written over."""
    there = place.folder / "folder-drop"
    match form:
        case "folder":
            there.mkdir()
        case "file":
            there.write_text("mine")
        case _:
            there.symlink_to("nowhere")

    told = place.bus("adapters", "new", "folder-drop", str(place.folder), "--language", "en")

    assert told.exit_code == 1
    assert "that exists already" in told.stderr
    assert not there.is_dir() or not list(there.iterdir())


def test_a_folder_that_cannot_be_written_is_told(place: Place) -> None:
    """It could not even be tried."""
    file = Path(place.file("a-file", b""))

    told = place.bus("adapters", "new", "folder-drop", str(file / "below"))

    assert told.exit_code == 2
    assert "a-file" in told.stderr


@pytest.mark.parametrize("word", WORDS)
def test_both_languages_say_something(word: str) -> None:
    """And not the same."""
    portuguese, english = WORDS[word].pt, WORDS[word].en

    assert portuguese
    assert english
    assert portuguese != english
