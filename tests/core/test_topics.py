"""Which topics an application has told of by webhook."""

from __future__ import annotations

from bus.core.diagnosis import Confirmation, Verdict
from bus.core.route import Application
from bus.core.text import Text
from bus.core.topics import heard_from, of_topics, rule_of_topic

SHOP = Application("shop", "SHOP")
STOCK = Text("estoque", "stock")


def said(
    application: str = "shop", rule: str = rule_of_topic("stock"), note: str = ""
) -> Confirmation:
    """Somebody confirmed something."""
    return Confirmation(application, rule, application, 1_700_000_000_000_000, note)


def test_only_its_own_telling_counts() -> None:
    """Neither another application's, nor that of another user, nor what people confirm."""
    others = (said("other"), said(note="another"), said(rule="stock"))

    assert heard_from(SHOP, others) == {}
    assert heard_from(SHOP, (*others, said())) == {"stock": said()}


def test_each_topic_is_told_by_its_name() -> None:
    """One that came is well, since when; one that did not degrades the integration."""
    topics = {"stock": STOCK, "places": Text("locais", "places")}
    (came, missing) = of_topics(SHOP, topics, (said(),))

    assert (came.verdict, came.subject, came.seen.en) == (
        Verdict.OK,
        STOCK,
        "first at 2023-11-14 22:13 UTC",
    )
    assert (missing.verdict, missing.subject.en) == (Verdict.WRONG, "places")
    assert missing.fault
    assert "shop has never told by webhook of places" in missing.fault.reason("en")
