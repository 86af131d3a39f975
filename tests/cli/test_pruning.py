"""`bus journal prune`: by the running bus, or on a journal that none holds."""

from contextlib import nullcontext

import pytest

from tests.cli.conftest import Story


@pytest.mark.parametrize("running", [True, False])
def test_what_is_finished_goes_and_what_waits_stays(story: Story, *, running: bool) -> None:
    """A trial tells how many would; who had it done, and why, is kept."""
    place = story.place
    old = ("journal", "prune", "--keep-for", "1ms")
    with place.bus_running() if running else nullcontext():
        (tried,) = place.json(*old, "--dry-run")
        (before,) = place.json("verify")
        done = place.bus(*old, "--reason", "cheio")
        (after,) = place.json("verify")
    gone, stays = place.bus("trace", story.rejected), place.bus("trace", story.waiting)

    assert (tried["messages"], tried["dry_run"]) == (1, True)
    assert (before["rejected"], after["rejected"]) == (1, 0)
    assert (before["accepted"], after["accepted"]) == (2, 2)
    assert after["discrepancies"] == []
    assert done.exit_code == 0, done.stderr
    assert done.stdout.startswith("Saíram do diário 1 mensagens. Ele ocupa ")
    assert (gone.exit_code, stays.exit_code) == (1, 0)


def test_what_came_within_a_day_is_kept_however_much_there_is(story: Story) -> None:
    """Its sender may still repeat it."""
    (done,) = story.place.json("journal", "prune", "--keep-size", "1KB")

    assert done["messages"] == 0
    assert done["size"] > 1024
    assert done["oldest"] > 0


def test_what_is_to_stay_must_be_said(story: Story) -> None:
    """Nothing goes by itself."""
    told = story.place.bus("journal", "prune", "--language", "en")

    assert told.exit_code == 1
    assert told.stderr.startswith("Nothing says for how long, or up to how much,")
    assert "--keep-for" in told.stderr
