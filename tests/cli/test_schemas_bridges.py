"""`bus schemas bridges`, and what `routes check` and `trace` say of versions."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bus.core.bridge import Bridge, Loss, Transformation
from bus.core.substitutions import Substitutions
from bus.core.text import Language
from bus.core.translation import Swap
from bus.edge.cli.schemas.bridges import as_json_object, lines_of
from bus.edge.story import story_of
from bus.edge.story_json import story_to_dict
from tests.cli.conftest import Place
from tests.cli.test_timeline import STORY, timeline

ROUTES = """
applications:
  rm: {product: RM, product_version: 12.1.2209.58, adapter: http-xml, address: "http://rm.example/"}
  protheus: {product: PROTHEUS}
routes:
  orders: {transactions: [Order], from: protheus, to: [rm]}
shared_ids: [{entity: Company, between: [protheus, rm]}]
"""


def test_the_bridges_are_listed_with_their_price(place: Place) -> None:
    """Each direction, one object a line."""
    down, up = sorted(place.json("schemas", "bridges"), key=lambda one: one["to"])

    assert (down["transaction"], down["from"], down["to"]) == ("Order", "4.010", "3.002")
    assert "SalesOrderItens/Item/Observation" in down["lost"]
    assert (up["from"], up["to"], up["lost"]) == ("3.002", "4.010", [])


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("pt", ("Order 3.002 → 4.010: nada se perde", "perdido SalesChannel")),
        ("en", ("Order 3.002 → 4.010: nothing is lost", "lost SalesChannel")),
    ],
)
def test_people_read_them_in_their_language(
    place: Place, language: str, words: tuple[str, str]
) -> None:
    """A line a way, and below it a line a loss."""
    told = place.bus("schemas", "bridges", "--language", language).stdout

    assert all(any(line.strip() == word for line in told.splitlines()) for word in words)


def test_all_that_a_bridge_does_is_shown() -> None:
    """What moves, is called otherwise, or is supplied."""
    bridge = Bridge("Order", "1.000", "2.000", ("A",), {"B": "C"}, {"D": {"1": "x"}}, {"E": "y"})

    assert list(lines_of(bridge, "en")) == [
        "Order 1.000 → 2.000: loses 1 element(s)",
        "    lost A",
        "    moved B → C",
        "    value D: 1 → x",
        "    if missing E: y",
    ]
    assert as_json_object(bridge) == {
        "transaction": "Order",
        "from": "1.000",
        "to": "2.000",
        "lost": ["A"],
        "moved": {"B": "C"},
        "values": {"D": {"1": "x"}},
        "defaults": {"E": "y"},
    }


@pytest.mark.rule("T-41")
def test_an_older_rm_is_known_by_its_version(place: Place) -> None:
    """`routes check` says that its orders arrive as 3.002, and at what price."""
    place.file("routes.yaml", ROUTES.encode())

    (told,) = place.json("routes", "check", "--language", "en")
    (warning,) = told["warnings"]

    assert told["valid"]
    assert "reaches rm as 3.002, without 41 element(s)" in warning["message"]


CHANGES = Substitutions(
    (Swap("InternalId", "Order", "1", "7|1"),),
    Transformation("4.010", "3.002", (Loss("SalesOrderItens/Item/Observation", 3),)),
)


@pytest.mark.parametrize(
    ("language", "lines"),
    [
        (
            "pt",
            (
                "trocado InternalId: 1 por 7|1",
                "transformada da versão 4.010 para a 3.002",
                "perdido SalesOrderItens/Item/Observation: 3 ×",
            ),
        ),
        (
            "en",
            (
                "changed InternalId: 1 to 7|1",
                "transformed from version 4.010 to 3.002",
                "lost SalesOrderItens/Item/Observation: 3 ×",
            ),
        ),
    ],
)
def test_a_trace_says_what_was_lost(language: Language, lines: tuple[str, ...]) -> None:
    """With the attempt, after the ids that it put in place of others."""
    last = STORY.attempts[-1]._replace(substitutions=CHANGES)
    told = timeline(replace(STORY, attempts=(last,)), language).splitlines()

    assert tuple(line.strip() for line in told if line.strip() in lines) == lines


def test_a_trace_in_json_has_the_losses() -> None:
    """Path by path, with how often."""
    last = STORY.attempts[-1]._replace(substitutions=CHANGES)
    (attempt,) = story_to_dict(story_of(replace(STORY, attempts=(last,))), "en")["attempts"]

    assert attempt["substitutions"][1] == {
        "path": "/TOTVSMessage/MessageInformation/@version",
        "entity": "",
        "before": "4.010",
        "after": "3.002",
        "own": False,
        "lost": [["SalesOrderItens/Item/Observation", 3]],
    }
