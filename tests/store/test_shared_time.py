"""The time of a journal that several processes have: by the server's clock, and never backwards."""

from bus.clock import SystemClock
from bus.store.postgres.shared_time import JournalClock, SharedTime
from tests.support.clock import HandClock

SECOND = 1_000_000
HOUR = 3600 * SECOND
SERVER = 1_800_000_000 * SECOND
"""What the clock of a server shows."""


def near(shown: int, meant: int) -> bool:
    """Whether it is that, but for what this test takes."""
    return 0 <= shown - meant < 10 * SECOND


def test_who_joins_takes_the_time_over() -> None:
    """However far the journal is ahead of the server."""
    time = SharedTime(HandClock())

    time.join(SERVER, HOUR)

    assert near(time.now(), SERVER + HOUR)
    assert time.keep_step(SERVER, HOUR) == HOUR


def test_between_commits_it_goes_on_at_its_pace() -> None:
    """Whatever the wall clock is set to meanwhile."""
    clock = HandClock()
    time = SharedTime(clock)
    time.join(SERVER, 0)

    clock.jump(3600.0)
    clock.advance(100.0)

    assert near(time.now(), SERVER + 100 * SECOND)


def test_a_process_that_stood_still_is_put_right() -> None:
    """Its stopwatch stood still, too, and the journal went on."""
    time = SharedTime(HandClock())
    time.join(SERVER, 0)

    ahead = time.keep_step(SERVER + HOUR, 0)

    assert ahead == 0
    assert near(time.now(), SERVER + HOUR)


def test_where_the_server_s_clock_is_set_back_time_goes_on_for_everybody() -> None:
    """The first that notices says how far the journal is ahead; the others take that over."""
    first, second = SharedTime(HandClock()), SharedTime(HandClock())
    first.join(SERVER, 0)
    second.join(SERVER, 0)

    ahead = first.keep_step(SERVER - HOUR, 0)

    assert near(ahead, HOUR)
    assert second.keep_step(SERVER - HOUR, ahead) == ahead
    assert near(first.now(), SERVER)
    assert near(second.now(), SERVER)


def test_a_server_that_is_slower_is_waited_for() -> None:
    """Within a second it is right, and what passed here too fast is taken back, not what was told."""
    clock = HandClock()
    time = SharedTime(clock)
    time.join(SERVER, 0)
    clock.advance(0.9)

    assert time.keep_step(SERVER + SECOND // 2, 0) == 0
    assert time.now() < SERVER + SECOND * 8 // 10


def test_ids_are_made_by_the_time_of_the_journal() -> None:
    """So that those of all its processes sort by their making."""
    time = SharedTime(HandClock())
    time.join(SERVER, 0)

    made = JournalClock(SystemClock(), time).new_id()

    assert int(made.replace("-", "")[:12], 16) // 10_000 == SERVER // SECOND // 10
