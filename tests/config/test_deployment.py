"""A right file of routes becomes the core's values."""

from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bus.config import load_deployment
from bus.core.broker import Broker
from bus.core.closed_hours import ClosedHours
from bus.core.envelope import DeliveryMode
from bus.core.route import (
    Application,
    Credentials,
    Deployment,
    IdentityBasis,
    IdentityPolicy,
    IdScope,
    OnFailure,
    OnMissing,
    RetryPolicy,
    Route,
    Strictness,
    TranslatedBy,
)
from bus.core.throttle import Rate, Throttle
from depara.model import SharedIds
from tests.config.conftest import ADAPTERS, CONTRACTS, ENVIRONMENT, Load, check_condition

SHORT = """
applications:
  rm: {product: RM}
  protheus: {product: PROTHEUS, adapter: http-xml, address: "http://protheus.example/eai"}
  omie: {product: SHOP, adapter: http-xml, address: "http://omie.example"}
routes:
  registers: {transactions: [currency], from: rm, to: [protheus]}
"""

FULL = """
applications:
  senior: {product: SENIOR}
  rm:
    product: RM
    environment: production
    adapter: http-xml
    address: http://rm.example:8051/messages
    login: {user: rm, password: {env: RM_PASSWORD}}
    credentials: {user: the-bus, password: {file: rm.secret}}
    source_applications: [P12Manutencao, P12Compras]
    identity: {basis: content, window: 12h}
    repeat_safe: [unitofmeasure]
    repeat_unsafe: [Currency]
    de_para: bus
    id_scope: {default: company, unitofmeasure: application}
    references: {company: keep, Item: require, listofitems/item/iteminternalid: drop}
    qualifiers: {CustomerVendor: {c: customer, " F ": vendor}}
    pair_within: 12h
    takes_answers: false
    concurrency: 1
    rate: 960 a minute
    pause_after: 50
    sessions: 3
    time_zone: America/Sao_Paulo
    closed: ['22:00-06:00', 'sat-sun 00:00-24:00']
    each_transaction: {concurrency: 4, rate: 1 an hour}
    timeout: 250ms
    response_within: 3d
    options: {soap_action: receiveMessage, api_token: {env: PROTHEUS_PASSWORD}}
routes:
  registers:
    transactions: [Currency, UnitOfMeasure]
    versions: [2.001, "2.000"]
    from: rm
    to: [rm]
    modes: [sync]
    default_mode: sync
    strictness: off
    retry:
      {attempts: 3, first: 1, factor: 1.5, longest: 1m, jitter: 0, max_age: 1h, longest_pause: 5s}
    on_failure: continue
    condition: "starts-with(BusinessMessage/BusinessContent/Code, 'U')"
    answers: rm
    deadline: 1.5
shared_ids:
  - {entity: item, between: [rm, senior]}
"""


def test_every_key_reaches_the_core(load: Load, tmp_path: Path) -> None:
    """A file that uses every key gives the application and the route that it describes."""
    (tmp_path / "rm.secret").write_text("a password of its own\n")

    deployment = load(FULL).deployment

    assert deployment.applications["rm"] == Application(
        name="rm",
        product="RM",
        adapter="http-xml",
        address="http://rm.example:8051/messages",
        login=Credentials("rm", "correct-horse-battery"),
        credentials=Credentials("the-bus", "a password of its own"),
        source_applications=frozenset({"P12Manutencao", "P12Compras"}),
        identity=IdentityPolicy(IdentityBasis.CONTENT, 43200.0),
        repeat_safe=frozenset({"unitofmeasure"}),
        repeat_unsafe=frozenset({"currency"}),
        de_para=TranslatedBy.BUS,
        id_scope=IdScope.COMPANY,
        entity_scopes={"unitofmeasure": IdScope.WHOLE},
        references={
            "company": OnMissing.KEEP,
            "item": OnMissing.REQUIRE,
            "listofitems/item/iteminternalid": OnMissing.DROP,
        },
        qualifiers={"customervendor": {"C": "customer", "F": "vendor"}},
        pair_within=43200.0,
        takes_answers=False,
        concurrency=1,
        rate=Rate(960, 60.0),
        pause_after=50,
        sessions=3,
        zone=ZoneInfo("America/Sao_Paulo"),
        closed=(
            ClosedHours(frozenset(range(7)), 1320, 360),
            ClosedHours(frozenset({5, 6}), 0, 1440),
        ),
        each_transaction=Throttle(4, Rate(1, 3600.0)),
        timeout=0.25,
        response_within=259200.0,
        options={"soap_action": "receiveMessage", "api_token": "staple-of-the-bus"},
    )
    assert deployment.routes == (
        Route(
            name="registers",
            transactions=frozenset({"currency", "unitofmeasure"}),
            origin="rm",
            destinations=("rm",),
            versions=frozenset({"2.001", "2.000"}),
            modes=frozenset({DeliveryMode.SYNC}),
            default_mode=DeliveryMode.SYNC,
            strictness=Strictness.OFF,
            retry=RetryPolicy(3, 1.0, 1.5, 60.0, 0.0, 3600.0, 5.0),
            on_failure=OnFailure.CONTINUE,
            condition="starts-with(BusinessMessage/BusinessContent/Code, 'U')",
            answers="rm",
            deadline=1.5,
        ),
    )
    assert deployment.shared_ids == (SharedIds("Item", frozenset({"rm", "senior"})),)


def test_what_the_file_does_not_say_is_as_the_core_has_it(load: Load) -> None:
    """The defaults are those of the core's own values, and de-para and ids follow the product."""
    deployment = load(SHORT).deployment

    rm = Application("rm", "RM", de_para=TranslatedBy.APPLICATION, id_scope=IdScope.WHOLE)
    omie = Application(
        "omie",
        "SHOP",
        adapter="http-xml",
        address="http://omie.example",
        takes_answers=True,
        de_para=TranslatedBy.BUS,
    )
    assert deployment.applications["rm"] == rm
    assert deployment.applications["omie"] == omie
    assert deployment.routes == (Route("registers", frozenset({"currency"}), "rm", ("protheus",)),)


def test_protheus_tells_customers_and_vendors_by_the_end_of_an_id(load: Load) -> None:
    """Nobody needs to write what every Protheus does (D7); who writes none has none."""
    said = SHORT.replace("{product: PROTHEUS", "{product: Protheus, qualifiers: {}")

    usual = load(SHORT).deployment.applications["protheus"]
    none = load(said).deployment.applications["protheus"]

    assert usual.qualifiers == {"customervendor": {"C": "customer", "F": "vendor"}}
    assert none.qualifiers == {}


@pytest.mark.parametrize("keys", ["id_scope: company", "id_scope: {default: company}"])
def test_one_reach_of_ids_may_stand_for_all(load: Load, keys: str) -> None:
    """A word alone is the reach of every entity."""
    rm = load(SHORT.replace("{product: RM", "{product: RM, " + keys)).deployment.applications["rm"]

    assert (rm.id_scope, rm.entity_scopes) == (IdScope.COMPANY, {})


def test_the_reach_of_one_entity_leaves_the_usual_to_the_others(load: Load) -> None:
    """Without `default`, what the product has by itself is the default."""
    text = SHORT.replace("{product: SHOP", "{product: SHOP, id_scope: {Item: company}")

    omie = load(text).deployment.applications["omie"]

    assert (omie.id_scope, omie.entity_scopes) == (IdScope.BRANCH, {"item": IdScope.COMPANY})


@pytest.mark.parametrize(
    ("keys", "mode"),
    [
        ("transactions: [StockLevel]", DeliveryMode.SYNC),
        ("transactions: [StockLevel, Currency]", DeliveryMode.ASYNC),
        ("transactions: [StockLevel], modes: [async]", DeliveryMode.ASYNC),
        ("transactions: [Currency], modes: [sync]", DeliveryMode.SYNC),
    ],
)
def test_where_the_sender_is_silent_queries_are_synchronous(
    load: Load, keys: str, mode: DeliveryMode
) -> None:
    """The usual mode is sync for queries and async for all else, among those the route takes."""
    loaded = load(SHORT.replace("transactions: [currency]", keys))

    assert loaded.deployment.routes[0].default_mode is mode


def test_the_text_recorded_is_the_text_read(load: Load) -> None:
    """Comments and all, what is recorded of a configuration is what was read."""
    assert load(SHORT + "# a comment: ação\n").text == SHORT + "# a comment: ação\n"


def test_the_deployment_bears_its_number(tmp_path: Path) -> None:
    """The number under which the journal knows the text is that of the deployment."""
    file = tmp_path / "routes.yaml"
    file.write_text("\ufeffapplications: {}\nroutes: {}\n", "utf-8")

    loaded = load_deployment(
        file,
        contracts=CONTRACTS,
        adapters=ADAPTERS,
        environment=ENVIRONMENT,
        check_condition=check_condition,
        number=7,
    )

    assert loaded.deployment == Deployment(7, {}, ())


def test_a_name_typed_out_that_no_application_has_is_warned_of(tmp_path: Path) -> None:
    """With the nearest; those that there are cause no word."""
    (tmp_path / "routes.yaml").write_text(SHORT, "utf-8")

    (warning,) = load_deployment(
        tmp_path / "routes.yaml",
        contracts=CONTRACTS,
        adapters=ADAPTERS,
        environment=ENVIRONMENT,
        check_condition=check_condition,
        across={"rm", "omi"},
    ).warnings

    assert (warning.path, warning.details["kind"]) == ("applications", "across_nothing")
    assert warning.details["nearest"] == "omie"


def test_two_senders_of_one_register_are_warned_of(load: Load) -> None:
    """Two applications that write a register to one destination are not ordered (S6)."""
    text = SHORT + "  more: {transactions: [Currency, StockLevel], from: omie, to: [protheus]}\n"
    text += "  queries: {transactions: [StockLevel], from: rm, to: [protheus]}\n"

    (warning,) = load(text).warnings

    assert (warning.path, warning.details["kind"]) == ("routes.more.from", "unordered")
    assert warning.line == 8
    assert "rm and omie send Currency to protheus" in warning.reason("en")


@pytest.mark.parametrize(
    ("condition", "kind", "told"),
    [
        ("//Code = 'A' and Descripton = 'B'", "no_such_element", "Did you mean “Description”?"),
        ("Code = 'A'", "astray", "the path Code of the condition leads nowhere"),
        ("1 = 1", "constant", "“1 = 1”"),
    ],
)
def test_a_condition_that_cannot_be_meant_is_warned_of(
    load: Load, condition: str, kind: str, told: str
) -> None:
    """It names what no message of the route has, or looks at none."""
    text = (
        SHORT
        + f'  more: {{transactions: [Currency], from: rm, to: [omie], condition: "{condition}"}}\n'
    )

    (warning,) = load(text).warnings

    assert (warning.path, warning.details["kind"]) == ("routes.more.condition", kind)
    assert warning.line == 8
    assert told in f"{warning.reason('en')} {warning.remedy('en')}"


def test_a_second_rule_to_the_same_place_is_warned_of(load: Load) -> None:
    """The first rule that names a destination counts; the other is shown, unless they part."""
    text = SHORT + "  again: {transactions: [Currency], from: rm, to: [protheus]"
    other = text.replace(
        "{transactions: [currency]", "{transactions: [currency], versions: [2.001]"
    )

    (warning,) = load(text + "}").warnings

    assert (warning.path, warning.details["kind"]) == ("routes.again", "shadowed")
    assert load(text + ", condition: //a}").warnings == ()
    assert load(other + ", versions: ['2.000']}").warnings == ()


def test_two_rules_of_which_neither_answers_are_warned_of(load: Load) -> None:
    """A synchronous message that two rules send to two places needs one that answers."""
    text = SHORT + "  again: {transactions: [Currency], from: rm, to: [omie]"

    (warning,) = load(text + "}").warnings

    assert (warning.path, warning.details["kind"]) == ("routes.again", "nobody_answers")
    assert load(text + ", answers: omie}").warnings == ()
    assert load(text + ", modes: [async]}").warnings == ()


STEPS = """
applications:
  rm: {product: RM, adapter: http-xml, address: "http://rm.example"}
  protheus: {product: PROTHEUS, adapter: http-xml, address: "http://protheus.example/eai"}
routes:
  %s
"""


@pytest.mark.parametrize(
    ("transactions", "told"),
    [
        ("[Request, CancelRequest]", "CancelRequest, Request"),
        ("[MaintenanceOrder]", "MaintenanceOrder"),
        ("[cancelmaintenanceorder, Currency]", "CancelMaintenanceOrder"),
        ("[Currency]", ""),
    ],
)
def test_a_route_that_leaves_out_steps_of_a_document_is_warned_of(
    load_shipped: Load, transactions: str, told: str
) -> None:
    """What follows a failed step of a work order goes without it; of a register nothing follows."""
    rule = f"a: {{transactions: {transactions}, from: protheus, to: [rm], on_failure: %s}}"

    warnings = load_shipped(STEPS % (rule % "continue")).warnings

    found = [(one.path, one.details["kind"]) for one in warnings]
    assert found == ([("routes.a.on_failure", "steps_left_out")] if told else [])
    assert all(f"{told}: where a step fails" in one.reason("en") for one in warnings)
    assert load_shipped(STEPS % (rule % "hold")).warnings == ()


def test_a_transaction_that_goes_both_ways_without_an_echo_is_warned_of(
    load_shipped: Load,
) -> None:
    """Once for each of the two rules that lacks it; a register that nothing tells is let be."""
    there = "{transactions: [StockTurnover, Currency], from: protheus, to: [rm]%s}"
    back = "{transactions: [StockTurnover], from: rm, to: [protheus]%s}"

    def warned(first: str, second: str) -> list[str]:
        text = STEPS % f"there: {there % first}\n  back: {back % second}"
        warnings = load_shipped(text).warnings
        assert {one.details["kind"] for one in warnings} <= {"echoes_untold"}
        return [one.path for one in warnings]

    echo = ", echo_within: 1h"
    assert warned("", "") == ["routes.there", "routes.back"]
    assert warned(echo, "") == ["routes.back"]
    assert warned(echo, echo) == []


def test_a_product_that_is_almost_a_known_one_is_warned_of(load: Load) -> None:
    """Its profile would be lost in silence."""
    text = "applications:\n  it: {product: PROTEUS}\n  own: {product: Homegrown}\nroutes: {}\n"

    (warning,) = load(text).warnings

    assert (warning.path, warning.details["kind"]) == ("applications.it.product", "near_product")
    assert "Did you mean “protheus”?" in warning.remedy("en")


def test_an_origin_among_its_own_destinations_is_warned_of(load: Load) -> None:
    """It would get back what it sends."""
    text = SHORT + "  more: {transactions: [StockLevel], from: protheus, to: [protheus]}\n"

    told = [(one.path, one.details["kind"]) for one in load(text).warnings]

    assert ("routes.more.to", "to_itself") in told


@pytest.mark.parametrize(
    ("section", "broker"),
    [
        ("", Broker("amqp://mq.example:5673/erp", Credentials("bus", "p@ss"))),
        (
            "broker: {address: amqps://other.example, ca_file: /ca.pem, prefix: erp, prefetch: 7}\n",
            Broker("amqp://mq.example:5673/erp", Credentials("bus", "p@ss"), "/ca.pem", "erp", 7),
        ),
    ],
)
def test_the_installation_says_where_the_broker_is(
    tmp_path: Path, section: str, broker: Broker
) -> None:
    """In place of the file's address and login; a user of it needs no section in the file."""
    file = tmp_path / "routes.yaml"
    file.write_text(
        f"{section}applications: {{rm: {{product: RM, broker_user: rm}}}}\nroutes: {{}}\n"
    )

    loaded = load_deployment(
        file,
        contracts=CONTRACTS,
        adapters=ADAPTERS,
        environment=ENVIRONMENT,
        check_condition=check_condition,
        broker="amqp://bus:p%40ss@mq.example:5673/erp",
    )

    assert loaded.broker == broker
    assert "p@ss" not in repr(loaded.broker)
