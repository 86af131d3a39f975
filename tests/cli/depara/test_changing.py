"""`bus depara`: ids are set, shown, taken away, undone and purged."""

import pytest

from bus.clock import SystemClock
from bus.edge.words.depara import (
    MISTAKES,
    REMEDIES,
    REMEDIES_THERE,
    SOURCE_WORDS,
    VERDICT_WORDS,
    WORDS,
)
from bus.engine.depara_changes import IdPair
from bus.journal.commands import ChangeDepara
from bus.journal.depara_rows import Provider
from bus.wiring import open_store, open_unwatched
from depara.model import JoinVerdict, Key, Link, Member, Source
from tests.cli.conftest import Place, lines
from tests.cli.depara.conftest import ROUTES, ids, numbers

# -- set, show, list -------------------------------------------------------------------------------


def test_a_pair_is_set_and_shown(admin: Place) -> None:
    """Under the right names, however they were written; the qualifier comes from the id's form."""
    said = admin.bus(
        "depara", "set", "customervendor", "RM:1|9", "Protheus:01|9|C", "--reason", "por carta"
    )
    rows = admin.json("depara", "show", "CUSTOMERVENDOR", "rm:1|9")
    (told,) = admin.json("depara", "history", "CustomerVendor", "rm:1|9")

    assert said.exit_code == 0, said.stderr
    assert lines(said) == ["customervendor RM:1|9 = Protheus:01|9|C: incluído", "Alteração 2."]
    assert [(row["application"], row["id"], row["qualifier"], row["source"]) for row in rows] == [
        ("rm", "1|9", "", "person"),
        ("protheus", "01|9|C", "customer", "person"),
    ]
    assert rows[0]["entity"] == "CustomerVendor"
    assert (told["changes"][0]["reason"], bool(told["changes"][0]["actor"])) == ("por carta", True)


def test_an_id_may_hold_anything(admin: Place) -> None:
    """Colons, blanks at its end and bars are the id's own."""
    admin.bus("depara", "set", "Item", "rm:a:b", "wms: 1| |x ")

    assert ids(admin, "Item", "wms: 1| |x ") == ["rm:a:b", "wms: 1| |x "]
    assert "wms:“ 1| |x ”" in admin.bus("depara", "show", "Item", "rm:a:b").stdout


def test_what_stands_against_a_pair_is_told_and_gives_way_when_told_to(admin: Place) -> None:
    """Exit code 1 and nothing changed, until somebody says --replace."""
    pair = ("depara", "set", "Item", "rm:1|A", "protheus:01| |B")
    refused = admin.bus(*pair)
    after = ids(admin, "Item", "rm:1|A")
    replaced = admin.bus(*pair, "--replace")

    assert refused.exit_code == 1
    assert "contra ele está protheus:01| |A" in refused.stderr
    assert "--replace" in refused.stderr
    assert after == ["rm:1|A", "protheus:01| |A"]
    assert "trocado" in replaced.stdout
    assert ids(admin, "Item", "rm:1|A") == ["rm:1|A", "protheus:01| |B"]


def test_an_id_is_taken_away(admin: Place) -> None:
    """--remove closes the one id; taking it away again is refused."""
    removed = admin.bus("depara", "set", "--remove", "item", "protheus:01| |A")
    again = admin.bus("depara", "set", "--remove", "Item", "protheus:01| |A")

    assert "Encerrado: Item protheus:01| |A" in removed.stdout
    assert ids(admin, "Item", "rm:1|A") == ["rm:1|A"]
    assert (again.exit_code, "não conhece item" in again.stderr.casefold()) == (1, True)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("Iten", "rm:1", "wms:2"), "Seria “Item”?"),
        (("Item", "rm:1", "wmss:2"), "Seria “wms”?"),
        (("Item", "rm:1", "rm:1"), "par de si mesmo"),
        (("Warehouse", "rm:1", "wms:2"), "Escreva o escopo assim: EMPRESA/FILIAL"),
        (("Warehouse", "rm:1", "wms:2", "--other-scope", "1"), "valem por empresa e filial"),
        (("Item", "rm:1", "wms:2", "--scope", "1"), "O escopo “1” não serve a ids de Item em rm"),
    ],
)
def test_names_and_scopes_that_do_not_fit_are_refused(
    admin: Place, arguments: tuple[str, ...], told: str
) -> None:
    """With the nearest name or the form of the scope; the running bus and we say the same."""
    refused = admin.bus("depara", "set", *arguments)

    assert refused.exit_code == 1
    assert told in refused.stderr


def test_a_scope_of_the_right_form_is_taken(admin: Place) -> None:
    """Ids that repeat in each branch have their own; the history finds the only one by itself."""
    for branch in ("1/1", "1/2"):
        admin.bus("depara", "set", "Warehouse", f"rm:{branch}", "wms:A", "--other-scope", branch)

    rows = admin.json("depara", "list", "--entity", "warehouse", "--id", "A")

    assert [(row["scope"], row["id"]) for row in rows if row["application"] == "wms"] == [
        ("1/1", "A"),
        ("1/2", "A"),
    ]
    assert numbers(admin, "Warehouse", "wms:A", "--scope", "1/2") == [3]
    assert "wms:A (1/1)" in admin.bus("depara", "show", "Warehouse", "rm:1/1").stdout


async def test_a_register_without_a_contract_can_be_named_once_a_load_brought_it(
    place: Place,
) -> None:
    """It is known from the de-para itself, as it is written there."""
    one, other = (Member(Key("Tariff", name, "", "1")) for name in ("rm", "wms"))
    async with open_store(place.settings, SystemClock()) as store:
        await store.crossreference.amend(
            ChangeDepara("rm", Source.LOAD, links=(Link(one, (other,)),))
        )
    async with open_unwatched(place.settings) as bus:
        checked = await bus.amending.check([IdPair(one, other)])
        unknown = await bus.amending.check(
            [IdPair(one, other._replace(key=Key("X", *other.key[1:])))]
        )
        tarif = await bus.amending.check(
            [IdPair(*(m._replace(key=Key("Tarif", *m.key[1:])) for m in (one, other)))]
        )

    assert (checked.couples, checked.faults) == ((IdPair(one, other),), {})
    for refused in (unknown, tarif):
        assert [one.code for one in refused.faults[0]] == ["UNKNOWN_ENTITY"]


def test_how_set_is_called_wrongly(place: Place) -> None:
    """No colon, neither a pair nor --remove: told by click, before anything is opened."""
    assert place.bus("depara", "set", "Item", "rm", "wms:1").exit_code == 2
    assert place.bus("depara", "set", "Item", "rm:", "wms:1").exit_code == 2
    assert place.bus("depara", "set", "Item", "rm:\udcff", "wms:1").exit_code == 2
    assert place.bus("depara", "set", "Item", "rm:1").exit_code == 2
    assert place.bus("depara", "set", "Item", "rm:1", "wms:1", "--remove").exit_code == 2


def test_an_id_that_is_not_known_is_told_with_one_that_looks_like_it(admin: Place) -> None:
    """Letter case, blanks and zeros are what people get wrong."""
    unknown = admin.bus("depara", "show", "Item", "rm:1|a")
    english = admin.bus("depara", "history", "Item", "protheus:1||a", "--language", "en")

    assert (unknown.exit_code, english.exit_code) == (1, 1)
    assert "Há “1|A”." in unknown.stderr
    assert "There is “01| |A”." in english.stderr


def test_a_listing_goes_on_where_it_ended(admin: Place) -> None:
    """--limit counts the ids that were asked for; each comes with the others of its thing."""
    for n in range(3):
        admin.bus("depara", "set", "Item", f"rm:{n}", f"wms:{n}")

    first = admin.bus("depara", "list", "--application", "wms", "--limit", "2")
    after = lines(first)[-1].rpartition(" ")[2]
    rest = admin.json("depara", "list", "--application", "wms", "--after", after)

    assert [line.split()[2] for line in lines(first)[1:-1]] == ["rm:0", "wms:0", "rm:1", "wms:1"]
    assert [row["id"] for row in rest] == ["2", "2"]
    assert lines(admin.bus("depara", "list", "--entity", "Currency")) == ["Nada."]
    assert "Seria “wms”?" in admin.bus("depara", "list", "--application", "wm").stderr


def test_the_past_is_as_it_was(admin: Place) -> None:
    """--at shows what was open then."""
    (row, _) = admin.json("depara", "show", "Item", "rm:1|A")
    admin.bus("depara", "set", "Item", "rm:1|A", "protheus:01| |B", "--replace")

    earlier = admin.json("depara", "list", "--at", "1h")
    (told,) = admin.json("depara", "history", "Item", "rm:1|A")

    assert earlier == []
    assert row["since"] == told["changes"][0]["at"]
    assert [(one["id"], bool(one["until"])) for one in told["rows"]] == [
        ("1|A", False),
        ("01| |A", True),
        ("01| |B", False),
    ]


# -- undo, purge, orphans --------------------------------------------------------------------------


def test_a_change_is_undone(admin: Place) -> None:
    """What it closed is open again; it cannot be undone twice, nor before what came after it."""
    admin.bus("depara", "set", "Item", "rm:1|A", "protheus:01| |B", "--replace")
    early = admin.bus("depara", "undo", "1")
    undone = admin.bus("depara", "undo", "2", "--reason", "engano")
    twice = admin.bus("depara", "undo", "2")
    never = admin.bus("depara", "undo", "99")

    assert (early.exit_code, "contra isso está Item protheus:01| |A" in early.stderr) == (1, True)
    assert lines(undone)[:2] == [
        "Alteração 2 desfeita pela 3.",
        "Nenhuma mensagem saiu com esses ids.",
    ]
    assert ids(admin, "Item", "rm:1|A") == ["rm:1|A", "protheus:01| |A"]
    assert (twice.exit_code, never.exit_code) == (1, 1)
    assert "Não há o que desfazer na alteração 99" in never.stderr
    assert "desfaz a 2" in admin.bus("depara", "history", "Item", "rm:1|A").stdout


@pytest.mark.rule("T-145")
def test_a_change_that_a_later_one_stands_on_is_not_undone(admin: Place) -> None:
    """Else the later pair would come apart; once that one is taken back, this one can be."""
    admin.bus("depara", "set", "Item", "rm:1|Z", "protheus:01| |Z")
    admin.bus("depara", "set", "Item", "rm:1|Z", "wms:Z")
    early = admin.bus("depara", "undo", "2")
    still = [row["id"] for row in admin.json("depara", "show", "Item", "wms:Z")]
    later = admin.bus("depara", "undo", "3")
    then = admin.bus("depara", "undo", "2")

    assert (early.exit_code, "contra isso está Item wms:Z" in early.stderr) == (1, True)
    assert sorted(still) == ["01| |Z", "1|Z", "Z"]
    assert (later.exit_code, then.exit_code) == (0, 0)


def test_movements_are_purged(admin: Place) -> None:
    """A pair closes as a whole; what two others share stays theirs; nothing is sent."""
    admin.bus("depara", "set", "Order", "rm:1", "protheus:A")
    admin.bus("depara", "set", "Order", "rm:2", "protheus:B")
    admin.bus("depara", "set", "Order", "rm:2", "wms:C")
    file = admin.file("gone.csv", b"order;protheus;A\nOrder;protheus;B\nOrder;protheus;Z\n")

    (tried,) = admin.json("depara", "purge", file, "--dry-run")
    done = admin.bus("depara", "purge", file)

    assert {(one["application"], one["id"]) for one in tried["closed"]} == {
        ("rm", "1"),
        ("protheus", "A"),
        ("protheus", "B"),
    }
    assert "Linha 3: o de-para não conhece Order protheus:Z." in done.stdout
    assert lines(done)[-1] == "Encerrados 3 id(s); desconhecidos 1."
    assert [one["id"] for one in admin.json("depara", "list", "--entity", "Order")] == ["2", "C"]


def test_orphans_are_found(admin: Place) -> None:
    """Alone, of no application, alike, too long; and against the application's own list."""
    long = "9" * 51
    admin.bus("depara", "set", "Item", f"rm:{long}", "protheus:L")
    admin.bus("depara", "set", "Item", "rm:1|a", "wms:a")
    admin.bus("depara", "set", "--remove", "Item", "wms:a")
    own = admin.file("own.csv", b"InternalId;name\n1|A;x\n2;y\n")

    (found,) = admin.json("depara", "orphans")
    (compared,) = admin.json("depara", "orphans", "--against", own, "--application", "RM")
    told = admin.bus("depara", "orphans", "--against", own, "--application", "rm")
    shown = admin.bus("depara", "orphans", "--language", "en")

    assert "Longer than the reader keeps, in characters (protheus: 50) (1):" in shown.stdout
    assert [one["id"] for one in found["alone"]] == ["1|a"]
    assert [one["id"] for one in found["colliding"]] == ["1|A", "1|a"]
    assert [one["id"] for one in found["too_long"]] == [long]
    assert found["strangers"] == []
    assert ([one["id"] for one in compared["gone"]], compared["unpaired"]) == ([long, "1|a"], ["2"])
    assert "Em rm, mas sem par (1):" in told.stdout
    assert admin.bus("depara", "orphans", "--against", own).exit_code == 2


def test_ids_of_an_application_that_was_removed_are_orphans(place: Place) -> None:
    """They can still be shown, exported and taken away."""
    place.bus("depara", "set", "Item", "rm:1", "wms:1")
    place.file(
        "routes.yaml", ROUTES.replace("  wms:", "  store:").replace("[wms]", "[store]").encode()
    )
    with place.bus_running():
        pass

    (found,) = place.json("depara", "orphans")
    removed = place.bus("depara", "set", "--remove", "Item", "wms:1")

    assert [one["application"] for one in found["strangers"]] == ["wms"]
    assert removed.exit_code == 0, removed.stderr


# -- words -----------------------------------------------------------------------------------------


def test_there_are_words_for_everything() -> None:
    """In both languages; nothing is told by its code alone."""
    assert all(text.pt and text.en for text in WORDS.values())
    assert all(all(text) for text in MISTAKES.values())
    assert set(REMEDIES) == set(REMEDIES_THERE) == set(Provider)
    assert set(VERDICT_WORDS) == set(JoinVerdict)
    assert set(SOURCE_WORDS) == set(Source)


def test_every_command_explains_itself(place: Place) -> None:
    """Each has a sentence and each option its own."""
    told = place.bus("depara", "--help").stdout

    for name in [
        "list",
        "show",
        "history",
        "set",
        "import",
        "export",
        "orphans",
        "conflicts",
        "undo",
        "purge",
        "waiting",
    ]:
        assert name in told
        assert place.bus("depara", name, "--help").exit_code == 0
