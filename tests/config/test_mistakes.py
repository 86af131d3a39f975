"""Each mistake in a file of routes is told with its line, its key and the nearest valid name."""

import re
from pathlib import Path
from string import Formatter
from typing import NamedTuple

import pytest

from bus.config import load_deployment
from bus.config.mistake_texts import MISTAKE_TEXTS, ConfigMistakeText
from bus.core.errors import BusFault, Fault, Owner
from tests.config.conftest import ADAPTERS, CONTRACTS, ENVIRONMENT, Load, Refuse, check_condition

RIGHT = """\
applications:
  rm:
    product: RM
    login: {user: rm, password: {env: RM_PASSWORD}}
    identity: uuid
    concurrency: 4
    timeout: 30s
  protheus:
    product: PROTHEUS
    adapter: http-xml
    address: http://protheus.example/eai
    credentials: {user: the-bus, password: {env: PROTHEUS_PASSWORD}}
    options: {soap_action: receiveMessage}
  senior:
    product: SENIOR
    adapter: http-xml
    address: http://senior.example/eai
    takes_answers: true
routes:
  registers:
    transactions: [Currency, UnitOfMeasure]
    versions: ['2.000', '2.001']
    from: rm
    to: [protheus]
    modes: [async]
    strictness: warn
    retry: {attempts: 8, first: 5s, jitter: 0.2}
    condition: (//a)
"""


class Case(NamedTuple):
    """A change of the right file, and the mistake that it is told as.

    `near` is the nearest valid name: None where none is sought, empty where none is near.
    """

    was: str
    becomes: str
    line: int
    path: str
    kind: str
    near: str | None


MISTAKES = [
    ("    product: RM\n", "    produkt: RM\n    product: RM\n", 3, "applications.rm.produkt", "extra_forbidden", "product"),
    ("  registers:\n", "  registers:\n    form: rm\n", 21, "routes.registers.form", "extra_forbidden", "from"),
    ("attempts: 8", "atempts: 8", 27, "routes.registers.retry.atempts", "extra_forbidden", "attempts"),
    ("{user: rm,", "{usr: x, user: rm,", 4, "applications.rm.login.usr", "extra_forbidden", "user"),
    ("\nroutes:", "\nrutas: {}\nroutes:", 19, "rutas", "extra_forbidden", "routes"),
    ("    product: RM\n", "", 2, "applications.rm.product", "missing", None),
    ("    from: rm\n", "", 20, "routes.registers.from", "missing", None),
    ("concurrency: 4", "concurrency: four", 6, "applications.rm.concurrency", "int_parsing", None),
    ("concurrency: 4", "concurrency: 0", 6, "applications.rm.concurrency", "greater_than_equal", None),
    ("concurrency: 4", "concurrency: 5000", 6, "applications.rm.concurrency", "less_than_equal", None),
    ("concurrency: 4", "time_zone: America/Sao_Paolo", 6, "applications.rm.time_zone", "unknown_zone", "America/Sao_Paulo"),
    ("concurrency: 4", "closed: ['22:00-06:00']", 6, "applications.rm.closed", "needs_zone", None),
    ("concurrency: 4", "time_zone: America/Sao_Paulo\n    closed: ['00:00-24:00']", 7, "applications.rm.closed", "never_opens", None),
    ("concurrency: 4", "closed: ['22h-6h']", 6, "applications.rm.closed[0]", "closed_hours", None),
    ("concurrency: 4", "sessions: -1", 6, "applications.rm.sessions", "greater_than_equal", None),
    ("concurrency: 4", "environment: test", 6, "applications.rm.environment", "other_environment", None),
    ("concurrency: 4", "environment: tests", 6, "applications.rm.environment", "enum", "test"),
    ("concurrency: 4", "pause_after: -1", 6, "applications.rm.pause_after", "greater_than_equal", None),
    ("concurrency: 4", "rate: 240", 6, "applications.rm.rate", "rate", None),
    ("concurrency: 4", "rate: 240 per minute", 6, "applications.rm.rate", "rate", None),
    ("concurrency: 4", "rate: 0 a minute", 6, "applications.rm.rate", "rate", None),
    ("concurrency: 4", "each_transaction: {}", 6, "applications.rm.each_transaction", "bounds_nothing", None),
    ("concurrency: 4", "each_transaction: {rate: 1 a week}", 6, "applications.rm.each_transaction.rate", "rate", None),
    ("concurrency: 4", "each_transaction: {at_once: 1}", 6, "applications.rm.each_transaction.at_once", "extra_forbidden", ""),
    ("concurrency: 4", "each_transaction: {concurrency: 0}", 6, "applications.rm.each_transaction.concurrency", "greater_than_equal", None),
    ("concurrency: 4", "concurrency: [4]", 6, "applications.rm.concurrency", "int_parsing", None),
    ("concurrency: 4", "concurrency:", 6, "applications.rm.concurrency", "empty", None),
    ("jitter: 0.2", "jitter: much", 27, "routes.registers.retry.jitter", "float_parsing", None),
    ("takes_answers: true", "takes_answers: maybe", 18, "applications.senior.takes_answers", "bool_parsing", None),
    ("product: RM", "product: [RM]", 3, "applications.rm.product", "string_type", None),
    ("to: [protheus]", "to: protheus", 24, "routes.registers.to", "list_type", None),
    ("to: [protheus]", "to: []", 24, "routes.registers.to", "too_short", None),
    ("to: [protheus]", "to: [protheus, protheus]", 24, "routes.registers.to", "twice", None),
    ("to: [protheus]", "to:\n    - protheus\n    - senor", 26, "routes.registers.to[1]", "unknown_application", "senior"),
    ("to: [protheus]", "to: [rm]", 24, "routes.registers.to[0]", "only_sends", None),
    ("retry: {", "retry: x\n    # {", 27, "routes.registers.retry", "dict_type", None),
    ("timeout: 30s", "timeout: 30 parsecs", 7, "applications.rm.timeout", "duration", None),
    ("timeout: 30s", "timeout: 0", 7, "applications.rm.timeout", "duration", None),
    ("timeout: 30s", "timeout: -1s", 7, "applications.rm.timeout", "duration", None),
    ("identity: uuid", "identity: uid", 5, "applications.rm.identity.basis", "enum", "uuid"),
    ("identity: uuid", "identity: {basis: conten}", 5, "applications.rm.identity.basis", "enum", "content"),
    ("modes: [async]", "modes: [asinc]", 25, "routes.registers.modes[0]", "enum", "async"),
    ("strictness: warn", "strictness: warm", 26, "routes.registers.strictness", "enum", "warn"),
    ("  senior:", "  Senior:", 14, "applications.Senior", "name", None),
    ("user: the-bus", "user: the:bus", 12, "applications.protheus.credentials.user", "colon", None),
    ("user: the-bus", "user: ''", 12, "applications.protheus.credentials.user", "too_short", None),
    ("  senior:", "  answers:", 14, "applications.answers", "reserved", None),
    ("  registers:", "  all registers:", 20, "routes.all registers", "name", None),
    ("http://protheus.example/eai", "protheus.example", 11, "applications.protheus.address", "url", None),
    ("http://protheus.example/eai", "http://protheus:port", 11, "applications.protheus.address", "url", None),
    ("    address: http://protheus.example/eai\n", "", 8, "applications.protheus.address", "needs_address", None),
    ("    adapter: http-xml\n    address: http://s", "    address: http://s", 16, "applications.senior.address", "needs_adapter", None),
    ("adapter: http-xml", "adapter: htp-xml", 10, "applications.protheus.adapter", "unknown_adapter", "http-xml"),
    ("soap_action:", "soapaction:", 13, "applications.protheus.options.soapaction", "unknown_option", "soap_action"),
    ("from: rm", "from: rn", 23, "routes.registers.from", "unknown_application", ""),
    ("[Currency,", "[Curency,", 21, "routes.registers.transactions[0]", "unknown_transaction", "Currency"),
    ("'2.000', '2.001'", "'2.000', '2.002'", 22, "routes.registers.versions[1]", "unknown_version", "2.001"),
    ("'2.000', '2.001'", "'2.001'", 22, "routes.registers.versions", "no_version_of", None),
    ("condition: (//a)", "condition: ((//a)", 28, "routes.registers.condition", "condition", None),
    ("modes: [async]", "echo_within: 1h", 25, "routes.registers.echo_within", "echo_untold", None),
    ("modes: [async]", "effect: {Currency: {ask: StokLevel 1.000, about: {RequestItem/ItemInternalId: InternalId}, shows: {ReturnItem/ItemInternalId: InternalId}, owner: ana}}", 25, "routes.registers.effect.Currency.ask", "unknown_query", "StockLevel 1.000"),
    ("modes: [async]", "effect: {Currency: {ask: Currency 2.001, about: {RequestItem/ItemInternalId: InternalId}, shows: {ReturnItem/ItemInternalId: InternalId}, owner: ana}}", 25, "routes.registers.effect.Currency.ask", "no_query", None),
    ("modes: [async]", "effect: {Currency: {ask: StockLevel 1.000, about: {RequestItem/ItemInternal: InternalId}, shows: {ReturnItem/ItemInternalId: InternalId}, owner: ana}}", 25, "routes.registers.effect.Currency.about", "path_elsewhere", "RequestItem/ItemInternalId"),
    ("modes: [async]", "effect: {Currency: {ask: StockLevel 1.000, about: {RequestItem/ItemInternalId: InternalId}, shows: {ReturnItem/ItemInternal: InternalId}, owner: ana}}", 25, "routes.registers.effect.Currency.shows", "path_elsewhere", "ReturnItem/ItemInternalId"),
    ("modes: [async]", "effect: {Currency: {ask: StockLevel 1.000, about: {RequestItem/ItemInternalId: InternalId}, shows: {ReturnItem/ItemInternalId: InternalI}, owner: ana}}", 25, "routes.registers.effect", "path_elsewhere", "InternalId"),
    ("modes: [async]", "effect: {StockLevel: {ask: StockLevel 1.000, about: {RequestItem/ItemInternalId: InternalId}, shows: {ReturnItem/ItemInternalId: InternalId}, owner: ana}}", 25, "routes.registers.effect", "not_of_route", ""),
    ("modes: [async]", "effect: {Currency: {ask: StockLevel 1.000, about: {RequestItem/ItemInternalId: InternalId}, shows: {ReturnItem/ItemInternalId: InternalId}, owner: ana, tries: 0}}", 25, "routes.registers.effect.Currency.tries", "greater_than_equal", None),
    ("modes: [async]", "effect: {Currency: {ask: StockLevel 1.000, about: {RequestItem/ItemInternalId: InternalId}, shows: {ReturnItem/ItemInternalId: InternalId}}}", 25, "routes.registers.effect.Currency.owner", "missing", None),
    ("modes: [async]", "effect: {Currency: {ask: StockLevel 1.000, about: {RequestItem/ItemInternalId: InternalId}, shows: {}, owner: ana}}", 25, "routes.registers.effect.Currency.shows", "too_short", None),
    ("modes: [async]", "answers: senor", 25, "routes.registers.answers", "answers_elsewhere", ""),
    ("modes: [async]", "modes: [async]\n    default_mode: sync", 26, "routes.registers.default_mode", "mode_not_taken", None),
    ("to: [protheus]\n    modes: [async]", "to: [protheus, senior]", 20, "routes.registers.answers", "answers_missing", None),
    ("  senior:\n", "  senior:\n    login: {user: rm, password: {env: PROTHEUS_PASSWORD}}\n", 15, "applications.senior.login.user", "same_login", None),
    ("  senior:\n", "  senior:\n    broker_user: senior\n", 15, "applications.senior.broker_user", "no_broker", None),
    ("applications:\n  rm:\n", "broker: {address: amqp://mq.example}\napplications:\n  senhor: {product: X, broker_user: rm}\n  rm:\n    broker_user: rm\n", 5, "applications.rm.broker_user", "same_login", None),
    ("routes:\n", "broker: {address: http://mq.example}\nroutes:\n", 19, "broker.address", "broker_scheme", None),
    ("routes:\n", "broker: {address: amqp://mq.example, prefix: My.Bus}\nroutes:\n", 19, "broker.prefix", "name", None),
    ("routes:\n", "broker: {address: 'amqp://bus:secret@mq.example'}\nroutes:\n", 19, "broker.address", "inline_secret", None),
    ("routes:\n", "broker: {address: amqp://mq.example, prefetch: 0}\nroutes:\n", 19, "broker.prefetch", "greater_than_equal", None),
    ("  senior:\n", "  senior:\n    comes_from: [10.0.0.300]\n", 15, "applications.senior.comes_from[0]", "network", None),
    ("  senior:\n", "  senior:\n    comes_from: [10.0.0.5, 10.0.0.1/24]\n", 15, "applications.senior.comes_from[1]", "network", None),
    ("  senior:\n", "  senior:\n    comes_from: [0.0.0.0/0]\n", 15, "applications.senior.comes_from[0]", "everywhere", None),
    ("  senior:\n", "  senior:\n    comes_from: [10.0.0.5]\n    login: {user: x, password: {env: PROTHEUS_PASSWORD}}\n", 15, "applications.senior.comes_from", "address_and_login", None),
    ("  senior:\n", "  wms: {product: X, adapter: http-xml, address: 'http://wms.example', read_every: 1m}\n  wis:\n    product: X\n    adapter: http-xml\n    address: http://wms.example/\n    read_every: 1m\n  senior:\n", 19, "applications.wis.read_every", "same_source", None),
    ("  senior:\n", "  wms: {product: X, adapter: http-xml, address: 'http://wms.example', credentials: {user: the-bus, password: {env: RM_PASSWORD}}}\n  senior:\n", 14, "applications.wms.credentials.user", "same_key", None),
    ("  senior:\n", "  wms: {product: X, comes_from: [10.0.0.0/24]}\n  senior:\n    comes_from: [10.0.0.5]\n", 16, "applications.senior.comes_from[0]", "same_address", None),
    ("  senior:\n", "  senior:\n    repeat_safe: [Currency]\n    repeat_unsafe: [Currency]\n", 16, "applications.senior.repeat_unsafe", "both_safe_and_not", None),
    ("    identity: uuid\n", "    references: {Curency: keep}\n", 5, "applications.rm.references.Curency", "unknown_reference", "Currency"),
    ("    identity: uuid\n", "    references: {ListOfItems/Item/Internal: keep}\n", 5, "applications.rm.references.ListOfItems/Item/Internal", "unknown_reference", "ListOfItems/Item/ItemInternalId"),
    ("    identity: uuid\n", "    references: {Remark: keep}\n", 5, "applications.rm.references.Remark", "unknown_reference", ""),
    ("    identity: uuid\n", "    references: {Currency: keeps}\n", 5, "applications.rm.references.Currency", "enum", "keep"),
    ("    identity: uuid\n", "    references: keep\n", 5, "applications.rm.references", "dict_type", None),
    ("    identity: uuid\n", "    qualifiers: {CustomerVender: {C: customer}}\n", 5, "applications.rm.qualifiers.CustomerVender", "unknown_entity", "CustomerVendor"),
    ("    identity: uuid\n", "    qualifiers: {CustomerVendor: {C: ''}}\n", 5, "applications.rm.qualifiers.CustomerVendor.C", "too_short", None),
    ("    identity: uuid\n", "    id_scope: compani\n", 5, "applications.rm.id_scope.default", "enum", "company"),
    ("    identity: uuid\n", "    id_scope: {defalt: company}\n", 5, "applications.rm.id_scope.defalt", "unknown_entity", "default"),
    ("    identity: uuid\n", "    id_scope: {Itens: company}\n", 5, "applications.rm.id_scope.Itens", "unknown_entity", "Item"),
    ("    identity: uuid\n", "    error_texts: [{text: '...'}]\n", 5, "applications.rm.error_texts[0].text", "no_words", None),
    ("    identity: uuid\n", "    error_texts: [{text: sem saldo, means: bussy}]\n", 5, "applications.rm.error_texts[0].means", "enum", "busy"),
    ("    identity: uuid\n", "    error_texts: [{text: sem saldo, means: busy, owner: sender}]\n", 5, "applications.rm.error_texts[0].owner", "refusals_alone", None),
    ("    identity: uuid\n", "    error_texts: [{text: sem saldo, waits_for: Itens}]\n", 5, "applications.rm.error_texts[0].waits_for", "unknown_entity", "Item"),
    ("    identity: uuid\n", "    limits: {Currency: {Cod: {longest: 3}}}\n", 5, "applications.rm.limits", "unknown_element", "Code"),
    ("    identity: uuid\n", "    limits: {Curency: {Code: {longest: 3}}}\n", 5, "applications.rm.limits.Curency", "unknown_transaction", "Currency"),
    ("    identity: uuid\n", "    limits: {Currency: {Code: {longst: 3}}}\n", 5, "applications.rm.limits.Currency.Code.longst", "extra_forbidden", "longest"),
    ("    identity: uuid\n", "    holds: {Curency: 5}\n", 5, "applications.rm.holds.Curency", "unknown_entity", "Currency"),
    ("    identity: uuid\n", "    pair_within: 7 days\n", 5, "applications.rm.pair_within", "duration", None),
    ("routes:\n", "shared_ids:\n  - {entity: Curency, between: [rm, senior]}\nroutes:\n", 20, "shared_ids[0].entity", "unknown_entity", "Currency"),
    ("routes:\n", "shared_ids:\n  - {entity: Currency, between: [rm, senor]}\nroutes:\n", 20, "shared_ids[0].between[1]", "unknown_application", "senior"),
    ("routes:\n", "shared_ids:\n  - {entity: Currency, between: [rm]}\nroutes:\n", 20, "shared_ids[0].between", "alone", None),
    ("routes:\n", "shared_ids:\n  - {entity: Currency, betwen: [rm, senior]}\nroutes:\n", 20, "shared_ids[0].betwen", "extra_forbidden", "between"),
    ("    product: RM\n", "    product: RM\n    product: PROTHEUS\n", 4, "applications.rm.product", "duplicate_key", None),
    ("  senior:\n", "  rm:\n", 14, "applications.rm", "duplicate_key", None),
    ("    condition: (//a)\n", "  registers: {}\n", 28, "routes.registers", "duplicate_key", None),
    ("product: RM", 'product: "\\ud800"', 3, "applications.rm.product", "invalid", None),
    ("product: RM", "product: !env RM", 3, "applications.rm.product", "tag", None),
    ("    product: RM\n", "    <<: {a: b}\n    product: RM\n", 3, "applications.rm.?", "key", None),
    ("product: RM", "product: RM: RM", 3, "", "syntax", None),
    ("product: RM", "product: \x07", 3, "", "syntax", None),
    ("product: RM", "product: " + "[" * 600, 1, "", "syntax", None),
    ("product: RM", "product: " + "[" * 20 + "]" * 20, 3, "applications.rm.product[0][0][0][0][0][0][0][0]", "too_much", None),
]  # fmt: skip


@pytest.mark.parametrize(
    "case", [Case(*one) for one in MISTAKES], ids=lambda case: f"{case.kind}-{case.path}"
)
def test_a_mistake_is_told_with_its_line_its_key_and_the_nearest_name(
    refuse: Refuse, case: Case
) -> None:
    """One change of a right file gives one fault, at the place of the change."""
    assert case.was in RIGHT

    faults = refuse(RIGHT.replace(case.was, case.becomes, 1))

    fault = next((one for one in faults if one.details["kind"] == case.kind), faults[0])
    assert (fault.line, fault.path, fault.details["kind"]) == (case.line, case.path, case.kind)
    assert fault.details.get("nearest") == case.near
    assert fault.owner is Owner.ADMIN


def test_the_right_file_is_right(load: Load) -> None:
    """The file of these tests has no mistake before one is made."""
    assert load(RIGHT).warnings == ()


def test_all_mistakes_are_told_at_once_in_the_order_of_their_lines(refuse: Refuse) -> None:
    """A person corrects a file in one go: form, names, types and secrets together."""
    text = RIGHT
    for was, becomes in [
        ("product: RM", "product: RM\n    product: RM"),
        ("user: rm,", "user: rm, usr: x,"),
        ("timeout: 30s", "timeout: soon"),
        ("PROTHEUS_PASSWORD", "PROTEUS_PASSWORD"),
        ("from: rm", "from: rn"),
        ("to: [protheus]", "to: [proteus]"),
        ("(//a)", "(("),
    ]:
        text = text.replace(was, becomes, 1)

    faults = refuse(text)

    assert [(fault.line, fault.details["kind"]) for fault in faults] == [
        (4, "duplicate_key"),
        (5, "extra_forbidden"),
        (8, "duration"),
        (13, "secret_unset"),
        (24, "unknown_application"),
        (25, "unknown_application"),
        (29, "condition"),
    ]


def test_an_empty_file_lacks_both_sections(refuse: Refuse) -> None:
    """Nothing at all is told as what is missing."""
    assert [fault.path for fault in refuse("# nothing yet\n")] == ["applications", "routes"]


def test_a_file_that_is_not_there_is_told_by_its_path(tmp_path: Path) -> None:
    """A wrong BUS_ROUTES is a fault of the configuration like any other."""
    with pytest.raises(BusFault) as caught:
        load_deployment(
            tmp_path / "rotas.yaml",
            contracts=CONTRACTS,
            adapters=ADAPTERS,
            environment=ENVIRONMENT,
            check_condition=check_condition,
        )

    assert caught.value.fault.details["kind"] == "unreadable"
    assert "rotas.yaml" in caught.value.fault.reason("en")
    assert "BUS_ROUTES" in caught.value.fault.remedy("en")


class _Broken(dict[str, tuple[str, ...]]):
    """Adapters that are installed and cannot be loaded."""

    def __getitem__(self, name: str) -> tuple[str, ...]:
        details = {"adapter": name, "package": "eai-x 1.0", "problem": "no library"}
        raise BusFault(Fault("ADAPTER_UNUSABLE", details=details))


def test_an_adapter_that_cannot_be_loaded(tmp_path: Path) -> None:
    """Each application that uses it is told, in both languages, with the reason."""
    (tmp_path / "routes.yaml").write_text(RIGHT, "utf-8")
    with pytest.raises(BusFault) as caught:
        load_deployment(
            tmp_path / "routes.yaml",
            contracts=CONTRACTS,
            adapters=_Broken({"http-xml": ()}),
            environment=ENVIRONMENT,
            check_condition=check_condition,
        )

    faults = [one for one in caught.value.faults if one.details["kind"] == "unusable_adapter"]
    assert faults[0].path == "applications.protheus.adapter"
    assert "no library" in faults[0].reason("en")
    assert "não pode ser usado" in faults[0].reason("pt")


def test_anchors_cannot_make_a_short_file_endless(refuse: Refuse) -> None:
    """A file whose anchors multiply, or contain themselves, is refused in no time."""
    bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
        f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 9)
    )

    kinds = {fault.details["kind"] for fault in refuse(bomb)}
    assert "too_much" in kinds
    assert "too_much" in {one.details["kind"] for one in refuse("a: &a\n  b: *a\n")}


def test_anchors_may_be_used(load: Load) -> None:
    """What is said twice may be written once."""
    text = RIGHT.replace("identity: uuid", "identity: &by uuid", 1)
    loaded = load(text.replace("product: SENIOR", "product: SENIOR\n    identity: *by"))

    assert loaded.deployment.applications["senior"].identity.basis == "uuid"


@pytest.mark.parametrize("kind", MISTAKE_TEXTS)
def test_both_languages_of_a_mistake_use_the_same_details(kind: str) -> None:
    """No language tells less than the other, and no text is empty."""
    text = MISTAKE_TEXTS[kind]

    assert all(each.pt and each.en for each in text)
    assert fields(text.problem.pt) == fields(text.problem.en)
    assert fields(text.hint.pt) == fields(text.hint.en)


@pytest.mark.parametrize(
    ("body", "line"),
    [
        ("routes: {}\n# ação".encode("latin-1"), 2),
        ("# ação".encode("cp1252"), 1),
        ("routes: {}".encode("utf-16"), 1),
        ("routes: {}".encode("utf-16-le"), 1),
        ("routes: {}".encode("utf-32"), 1),
    ],
)
def test_a_file_in_another_encoding_is_told_so(tmp_path: Path, body: bytes, line: int) -> None:
    """At its first wrong line, with what to do."""
    (tmp_path / "routes.yaml").write_bytes(body)
    with pytest.raises(BusFault) as caught:
        load_deployment(
            tmp_path / "routes.yaml",
            contracts=CONTRACTS,
            adapters=ADAPTERS,
            environment=ENVIRONMENT,
            check_condition=check_condition,
        )

    fault = caught.value.fault
    assert (fault.details["kind"], fault.line) == ("not_utf8", line)
    assert "UTF-8" in fault.reason("pt")
    assert "UTF-8" in fault.remedy("pt")


@pytest.mark.parametrize("text", MISTAKE_TEXTS.values())
def test_no_kind_of_mistake_is_left_untested(text: ConfigMistakeText) -> None:
    """Each kind of mistake is made by a test of this folder."""
    kind = next(kind for kind, one in MISTAKE_TEXTS.items() if one == text)
    tests = "".join(file.read_text("utf-8") for file in Path(__file__).parent.glob("test_*.py"))

    assert f'"{kind}"' in tests


def fields(template: str) -> set[str]:
    """The names that a text is filled with, whatever its language."""
    names = (name for _, name, _, _ in Formatter().parse(template) if name)
    return {re.sub(r"_(pt|en)$", "", name) for name in names}
