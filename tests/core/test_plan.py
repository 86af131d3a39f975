"""Where a message goes: routes, mode, strictness, deliveries."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bus.core.contract import Contract, Lifecycle, MessageShape
from bus.core.effect import EffectRule
from bus.core.envelope import (
    BusinessEvent,
    BusinessRequest,
    DeliveryMode,
    Envelope,
    Event,
    Header,
    MessageType,
)
from bus.core.errors import SenderFault
from bus.core.plan import (
    Plan,
    in_mode,
    is_safe,
    on_failure_of,
    plan_deliveries,
    routes_of,
    strictness_of,
    uuid_for_destinations,
)
from bus.core.route import (
    Application,
    Deployment,
    IdentityBasis,
    IdentityPolicy,
    OnFailure,
    Route,
    Strictness,
)
from bus.core.subject import Subject, Target, document_key, subject_of

SYNC, ASYNC = DeliveryMode.SYNC, DeliveryMode.ASYNC
ENVELOPE = Envelope(
    Header(uuid="u", type=MessageType.BUSINESS, transaction="Item", version="4.005"),
    BusinessEvent("Item", Event.UPSERT),
)
SENDER = Application("protheus", "PROTHEUS")
RM = Application("rm", "RM")
ITEM = Contract(
    "Item", "4.005", MessageShape.EVENT, Lifecycle.REGISTER, "Item", own_id=("InternalId",)
)
REGISTER = Subject("item", "Item", "1", Lifecycle.REGISTER, upsert=True, sent_as=("Item", "4.005"))
STEP = replace(REGISTER, lifecycle=Lifecycle.PROCESS)
QUERY = replace(REGISTER, lifecycle=Lifecycle.QUERY, upsert=False)


def route(*to: str, name: str = "items", **changes: object) -> Route:
    """A route of items from Protheus."""
    made = Route(name, frozenset({"item"}), "protheus", to or ("rm",))
    return replace(made, **changes)  # type: ignore[arg-type]


def deployment(*routes: Route) -> Deployment:
    """These routes, and every application they name."""
    names = {name for one in routes for name in one.destinations} | {"protheus"}
    return Deployment(1, {name: Application(name, name.upper()) for name in names}, routes)


def plan(*routes: Route, mode: DeliveryMode = ASYNC, subject: Subject = REGISTER) -> Plan:
    """The deliveries that these routes make."""
    return plan_deliveries(routes, mode, deployment(*routes), subject, "u")


# -- routes ----------------------------------------------------------------------------------------


def test_a_route_takes_a_transaction_in_any_letter_case() -> None:
    """Senders spell `CUSTOMERVENDOR` and `CustomerVendor`."""
    header = ENVELOPE.header._replace(transaction="ITEM")

    assert routes_of(deployment(route()), ENVELOPE._replace(header=header), SENDER) == (route(),)


def test_a_route_takes_the_versions_it_names() -> None:
    """Without versions it takes any."""
    only_old = route(versions=frozenset({"4.004"}))
    both = deployment(only_old, route(name="any"))

    assert [one.name for one in routes_of(both, ENVELOPE, SENDER)] == ["any"]


def test_a_message_takes_every_route_that_is_about_it() -> None:
    """In the order of the file."""
    both = deployment(route(name="a"), route("omie", name="b"), route(name="c", origin="rm"))

    assert [one.name for one in routes_of(both, ENVELOPE, SENDER)] == ["a", "b"]


def test_no_route_names_those_that_exist() -> None:
    """The refusal tells the transactions that have a route from this application."""
    other = route(transactions=frozenset({"currency", "unitofmeasure"}))

    with pytest.raises(SenderFault) as refusal:
        routes_of(deployment(other), ENVELOPE, SENDER)

    assert refusal.value.fault.code == "NO_ROUTE"
    assert refusal.value.fault.details["known"] == "currency, unitofmeasure"
    assert refusal.value.fault.details["application"] == "protheus"


# -- strictness ------------------------------------------------------------------------------------


def test_the_strictest_route_decides() -> None:
    """One that rejects wins over one that warns, and that over one that does not look."""
    off, warn, reject = (route(strictness=one) for one in ("off", "warn", "reject"))

    assert strictness_of([off, warn, reject], ITEM) is Strictness.REJECT
    assert strictness_of([off, warn], ITEM) is Strictness.WARN
    assert strictness_of([off], ITEM) is Strictness.OFF


@pytest.mark.parametrize(
    ("asked", "applied"),
    [
        (Strictness.REJECT, Strictness.WARN),
        (Strictness.WARN, Strictness.WARN),
        (Strictness.OFF, Strictness.OFF),
    ],
)
def test_a_provisional_contract_never_rejects(asked: Strictness, applied: Strictness) -> None:
    """It was guessed; a sender may know better (design section 7)."""
    assert strictness_of([route(strictness=asked)], replace(ITEM, provisional=True)) is applied


def test_an_unknown_contract_is_not_provisional() -> None:
    """Where there is none at all, the route decides."""
    assert strictness_of([route()], None) is Strictness.REJECT


# -- modes -----------------------------------------------------------------------------------------


def test_the_sender_decides_the_mode() -> None:
    """DeliveryType, where it is filled (S3)."""
    assert in_mode([route(default_mode=ASYNC)], SYNC)[0] is SYNC


def test_a_silent_sender_gets_the_mode_of_the_first_route() -> None:
    """The default of the route."""
    assert in_mode([route(default_mode=SYNC), route(default_mode=ASYNC)], None)[0] is SYNC


def test_only_routes_of_the_mode_take_the_message() -> None:
    """A route that accepts the other mode alone leaves it to the others."""
    online, batch = route(name="a", modes=frozenset({SYNC})), route(name="b")

    assert in_mode([online, batch], ASYNC) == (ASYNC, (batch,))


def test_a_mode_that_no_route_accepts_is_refused_with_those_they_do() -> None:
    """The sender reads what to send instead."""
    with pytest.raises(SenderFault) as refusal:
        in_mode([route(modes=frozenset({ASYNC}))], SYNC)

    assert refusal.value.fault.code == "DELIVERY_TYPE_REFUSED"
    assert refusal.value.fault.details == {"route": "items", "mode": "Sync", "allowed": "Async"}


# -- what a message is about -----------------------------------------------------------------------


def test_the_contract_says_what_a_message_is_about() -> None:
    """Entity and life come from the catalog, not from the spelling of the sender."""
    envelope = ENVELOPE._replace(business=BusinessEvent("ITEM ", Event.DELETE))

    assert subject_of(envelope, ITEM, "1", None) == Subject(
        "item", "Item", "1", Lifecycle.REGISTER, upsert=False, sent_as=("Item", "4.005")
    )


def test_without_a_contract_a_message_is_a_step_of_what_it_names() -> None:
    """Nothing may be left out of what the bus does not know."""
    assert subject_of(ENVELOPE, None, "1", None) == replace(STEP, upsert=True)


def test_a_request_without_a_contract_is_about_its_transaction() -> None:
    """It names no entity."""
    envelope = ENVELOPE._replace(business=BusinessRequest("ask"))

    assert subject_of(envelope, None, "", Target("item", "2")).entity == "Item"


def test_what_has_no_id_or_only_asks_has_no_document() -> None:
    """So it has no order either (S6)."""
    assert document_key(SENDER, ENVELOPE, REGISTER)
    assert document_key(SENDER, ENVELOPE, replace(REGISTER, own_id="")) == ""
    assert document_key(SENDER, ENVELOPE, QUERY) == ""


def test_destinations_see_our_uuid_where_the_sender_s_is_no_identity() -> None:
    """Some senders write `1` in every message (S1)."""
    by_content = replace(SENDER, identity=IdentityPolicy(IdentityBasis.CONTENT))
    by_both = replace(SENDER, identity=IdentityPolicy(IdentityBasis.UUID_AND_CONTENT))

    assert uuid_for_destinations(SENDER, "1", "ours") == "1"
    assert uuid_for_destinations(by_content, "1", "ours") == "ours"
    assert uuid_for_destinations(by_both, "1", "ours") == "ours"


# -- deliveries ------------------------------------------------------------------------------------


def test_every_destination_of_every_route_gets_one_delivery() -> None:
    """Where two routes name one destination, the first wins."""
    planned = plan(route("rm", "omie", name="a"), route("omie", "wms", name="b"))

    assert [(one.destination, one.rule) for one in planned.deliveries] == [
        ("rm", "a"),
        ("omie", "a"),
        ("wms", "b"),
    ]
    assert planned.rule == "a,b"


def test_an_asynchronous_message_with_several_destinations_is_answered_by_all() -> None:
    """OK when all are OK, unless one is declared to answer (S13)."""
    assert plan(route("rm", "omie")).answering == 0
    assert plan(route("rm", "omie", answers="omie")).answering == 2
    assert plan(route("rm")).answering == 1


def test_a_message_that_a_destination_could_never_take_is_not_planned() -> None:
    """Every one of them is named, in the sender's spelling, with what it takes."""
    made = deployment(route("rm", "omie"))
    strict = {
        name: replace(made.applications[name], accepts={"item": frozenset({"4.000"})})
        for name in ("rm", "omie")
    }
    made = replace(made, applications={**made.applications, **strict})

    with pytest.raises(SenderFault) as refused:
        plan_deliveries(made.routes, ASYNC, made, REGISTER, "u")

    assert [fault.code for fault in refused.value.faults] == ["VERSION_NOT_ACCEPTED"] * 2
    assert [fault.details["application"] for fault in refused.value.faults] == ["rm", "omie"]
    assert "Item 4.005, only 4.000" in refused.value.fault.reason("en")


def test_nobody_waits_long_for_an_asynchronous_message() -> None:
    """It has no deadline, and nothing is held."""
    planned = plan(route("rm", "omie", answers="omie"))

    assert planned.deadline is None
    assert not any(one.held for one in planned.deliveries)


def test_a_synchronous_message_holds_its_copies() -> None:
    """They wait for the OK of the one that answers, within the deadline of its route (S12)."""
    planned = plan(
        route("rm", name="a"),
        route("omie", "wms", name="b", answers="omie", deadline=7.0),
        mode=SYNC,
    )

    assert [(one.destination, one.held) for one in planned.deliveries] == [
        ("rm", True),
        ("omie", False),
        ("wms", True),
    ]
    assert (planned.answering, planned.deadline) == (2, 7.0)


def test_a_synchronous_message_needs_one_that_answers() -> None:
    """With several destinations, the route must name it."""
    with pytest.raises(SenderFault) as refusal:
        plan(route("rm", "omie"), mode=SYNC)

    assert refusal.value.fault.code == "NO_ANSWERING_DESTINATION"


@pytest.mark.parametrize(("subject", "ordered"), [(REGISTER, True), (STEP, True), (QUERY, False)])
def test_queries_have_no_lane(subject: Subject, ordered: bool) -> None:
    """They change nothing, so their order does not matter (S6)."""
    assert [one.ordered for one in plan(route(), subject=subject).deliveries] == [ordered]


# -- behind, and repeating -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lifecycle", "on_failure"),
    [
        (Lifecycle.REGISTER, OnFailure.SUPERSEDE),
        (Lifecycle.PROCESS, OnFailure.HOLD),
        (Lifecycle.QUERY, OnFailure.HOLD),
    ],
)
def test_what_follows_a_failure_depends_on_what_the_message_means(
    lifecycle: Lifecycle, on_failure: OnFailure
) -> None:
    """A snapshot is replaced, a step is not; a route may say otherwise (S9)."""
    assert on_failure_of(route(), lifecycle) is on_failure
    assert on_failure_of(None, lifecycle) is on_failure
    assert on_failure_of(route(on_failure=OnFailure.CONTINUE), lifecycle) is OnFailure.CONTINUE


@pytest.mark.parametrize("lifecycle", Lifecycle)
def test_a_synchronous_refusal_holds_nobody(lifecycle: Lifecycle) -> None:
    """Its sender knows, whatever the route says (S12)."""
    holding = route(on_failure=OnFailure.HOLD)

    assert on_failure_of(holding, lifecycle, synchronous=True) is OnFailure.CONTINUE


@pytest.mark.parametrize(
    ("subject", "safe"),
    [
        (QUERY, True),
        (REGISTER, True),
        (replace(REGISTER, upsert=False), False),
        (replace(REGISTER, own_id=""), False),
        (STEP, False),
    ],
)
def test_repeating_is_safe_for_queries_and_for_upserts_by_id(subject: Subject, safe: bool) -> None:
    """Everything else might be done twice (S11)."""
    assert is_safe(RM, subject) is safe


def test_an_application_may_say_what_is_safe() -> None:
    """Some find their own duplicates, some make them even of registers."""
    finds = replace(RM, repeat_safe=frozenset({"item"}))
    doubles = replace(RM, repeat_unsafe=frozenset({"item"}))
    both = replace(finds, repeat_unsafe=frozenset({"item"}))

    assert is_safe(finds, STEP)
    assert not is_safe(doubles, REGISTER)
    assert not is_safe(both, STEP)


@given(
    names=st.lists(st.sampled_from(["rm", "omie", "wms", "keepfy"]), min_size=1, max_size=6),
    mode=st.sampled_from(DeliveryMode),
    answers=st.booleans(),
    subject=st.sampled_from([REGISTER, STEP, QUERY]),
)
def test_a_plan_reaches_every_destination_once_and_holds_all_but_one(
    names: list[str], mode: DeliveryMode, answers: bool, subject: Subject
) -> None:
    """Whatever the routes, nobody is forgotten and one answers a synchronous sender."""
    routes = [
        route(name, name=f"r{number}", answers=name if answers else "")
        for number, name in enumerate(names)
    ]
    try:
        planned = plan(*routes, mode=mode, subject=subject)
    except SenderFault:
        assert mode is SYNC
        assert not answers
        assert len(set(names)) > 1
        return

    assert [one.destination for one in planned.deliveries] == list(dict.fromkeys(names))
    held = sum(one.held for one in planned.deliveries)
    assert held == (len(planned.deliveries) - 1 if mode is SYNC else 0)
    if planned.answering:
        assert not planned.deliveries[planned.answering - 1].held


def test_the_effect_of_what_a_route_declares_is_asked_for() -> None:
    """But not of what is deleted, nor of another transaction."""
    rule = EffectRule("StockLevel", "1.001", (), (), "ana", after=60.0)
    declared = route("rm", effects={"item": rule})
    subjects = (REGISTER, replace(REGISTER, upsert=False), replace(REGISTER, transaction="other"))

    plans = [plan(declared, subject=one) for one in subjects]
    assert [one.deliveries[0].check_after for one in plans] == [60.0, 0.0, 0.0]
