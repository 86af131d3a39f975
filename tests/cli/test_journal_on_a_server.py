"""`bus journal copy`, `bus backup` and `bus restore` where the journal is a database."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import pytest

from tests.cli.conftest import Story
from tests.support.postgres import database_of

PASSWORD = "s3gredo-do-banco"


@pytest.fixture
def url(tmp_path: Path) -> str:
    """An empty journal on a server, with a password in its address."""
    parts = urlsplit(database_of(tmp_path))
    user, _, rest = parts.netloc.rpartition("@")
    name = user.partition(":")[0]
    return urlunsplit(parts._replace(netloc=f"{name}:{PASSWORD}@{rest}"))


def test_a_journal_goes_to_a_server_and_a_backup_comes_back(story: Story, url: str) -> None:
    """Everything is there each time; no command shows the password."""
    place = story.place
    there = ("--journal", url)
    before = [one["id"] for one in place.json("messages")]
    copied = place.bus("journal", "copy", url)
    again = place.bus("journal", "copy", url)
    saved = place.bus("backup", str(place.folder / "copy.db"), *there)
    discarded = place.bus("discard", story.waiting, "--reason", "obsoleto", *there)
    (state,) = (one["deliveries"][0]["state"] for one in place.json("trace", story.waiting, *there))
    restored = place.bus("restore", str(place.folder / "copy.db"), *there)
    (back,) = (one["deliveries"][0]["state"] for one in place.json("trace", story.waiting, *there))
    (verified,) = place.json("verify", *there)

    assert [one.exit_code for one in (copied, saved, discarded, restored)] == [0, 0, 0, 0]
    assert again.exit_code == 2
    assert "Já há mensagens, de-para ou confirmações no diário" in again.stderr
    assert [one["id"] for one in place.json("messages", *there)] == before
    assert (state, back) == ("discarded", "waiting")
    assert verified["discrepancies"] == []
    assert [one["why"] for one in verified["restorations"]] == ["replaced"]
    said = [one.stdout + one.stderr for one in (copied, again, saved, discarded, restored)]
    assert not [one for one in said if PASSWORD in one]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"path": "/bus_test_none"}, "bus_test_none"),
        ({"netloc": f"ninguem_aqui:{PASSWORD}@127.0.0.1:5432"}, "ninguem_aqui"),
        ({"netloc": f"bus:{PASSWORD}@127.0.0.1:1"}, "127.0.0.1:1"),
    ],
)
@pytest.mark.parametrize("command", [("messages",), ("backup", "copy.db"), ("verify",)])
def test_a_server_that_does_not_let_the_bus_in_is_told(
    story: Story, url: str, wrong: dict[str, str], said: str, command: tuple[str, ...]
) -> None:
    """What is wrong and what to do, in Portuguese, and not the password."""
    address = urlunsplit(urlsplit(url)._replace(**wrong))

    done = story.place.bus(*command, "--journal", address)

    assert done.exit_code == 2
    assert said in done.stderr
    assert "→" in done.stderr
    assert "Traceback" not in done.stderr
    assert PASSWORD not in done.output
