"""Golden cases of whole deployments, tests/golden/conversations/<case>: see the README there."""

from pathlib import Path

import pytest

from tests.golden_cases.cases import CONVERSATIONS, CaseMistake
from tests.golden_cases.checking import verdict, write_down

CASES = sorted(folder for folder in CONVERSATIONS.iterdir() if folder.is_dir())


@pytest.mark.parametrize("folder", CASES, ids=lambda folder: folder.name)
def test_a_conversation_goes_as_its_files_say(
    folder: Path, tmp_path: Path, pytestconfig: pytest.Config
) -> None:
    """What applications are sent, what senders are answered, and what the journal tells of it."""
    if pytestconfig.getoption("--update-golden"):
        _write_down(folder, tmp_path)

    problems = verdict(folder, tmp_path)

    if problems:
        pytest.fail(problems, pytrace=False)


def _write_down(folder: Path, stage: Path) -> None:
    """Write the files of a case; the test is skipped, for a person is to read them first."""
    try:
        changed = write_down(folder, stage)
    except CaseMistake as mistake:
        pytest.fail(f"The case {folder.name} cannot be played.\n\n{mistake}", pytrace=False)
    pytest.skip(f"{folder.name}: written down: {', '.join(changed) or 'nothing new'}")
