"""The semantics of the bus hold on every store."""

from tests.contracts import semantics_suite as suite


class TestAccounts(suite.Accounts): ...


class TestAnswers(suite.Answers): ...


class TestBehinds(suite.Behinds): ...


class TestBodies(suite.Bodies): ...


class TestClocks(suite.Clocks): ...


class TestCopies(suite.Copies): ...


class TestCorrections(suite.Corrections): ...


class TestCrowds(suite.Crowds): ...


class TestDeadlines(suite.Deadlines): ...


class TestGivingUp(suite.GivingUp): ...


class TestIdentities(suite.Identities): ...


class TestLanes(suite.Lanes): ...


class TestLateNews(suite.LateNews): ...


class TestLostLeases(suite.LostLeases): ...


class TestModes(suite.Modes): ...


class TestNames(suite.Names): ...


class TestOutages(suite.Outages): ...


class TestOutcomes(suite.Outcomes): ...


class TestPeople(suite.People): ...


class TestRepeats(suite.Repeats): ...


class TestResponses(suite.Responses): ...


class TestRestarts(suite.Restarts): ...


class TestRoutes(suite.Routes): ...


class TestSilences(suite.Silences): ...


class TestStarts(suite.Starts): ...


class TestStopping(suite.Stopping): ...


class TestStrictnesses(suite.Strictnesses): ...


def test_every_part_of_the_suite_is_run() -> None:
    """A part that nobody runs proves nothing."""
    run = {name.removeprefix("Test") for name in globals() if name.startswith("Test")}

    assert run == set(suite.__all__)
