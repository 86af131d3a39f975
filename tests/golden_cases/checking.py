"""Says where a golden case does not go as its files say, or writes down how it goes."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from difflib import unified_diff
from pathlib import Path

from depara.tables import Unreadable
from tests.golden_cases.cases import Case, CaseMistake, read_case
from tests.golden_cases.comparing import as_expected, differences
from tests.golden_cases.playing import Played, Thing, play, things
from tests.golden_cases.story import written

ADVICE = """\
Is what came right? Then have it written down, and read every difference before you commit it:
  make test ARGS="tests/golden_cases --update-golden"
"""
TRACE, AFTER = "trace.json", "depara.after.csv"

GIVEN = frozenset({"in", "answer"})
"""The kinds of messages that the case brings along."""
Slot = tuple[str, str, int]
"""What a message is to the case: `out` or `response`, the application that gets it, its number."""


def verdict(folder: Path, stage: Path) -> str:
    """What is wrong with a case, which is played in an empty folder; empty where nothing is."""
    try:
        case = read_case(folder)
        problems = problems_of(case, play(case, stage))
    except CaseMistake as mistake:
        return f"The case {folder.name} cannot be played.\n\n{mistake}\n"
    if not problems:
        return ""
    told = "\n\n".join(problems)
    return f"The case {folder.name} does not go as its files say.\n\n{told}\n\n{ADVICE}"


def problems_of(case: Case, played: Played) -> list[str]:
    """Where what came of a case is not what its files say."""
    return [
        *_messages(case, played),
        *_unsaid(case, played),
        *_story(case, played),
        *_pairs(case, played),
        *filter(None, [played.verified]),
    ]


def write_down(folder: Path, stage: Path) -> list[str]:
    """Make the files of a case say how it goes; the names of those that it changed.

    A file that is right already is left alone, with the wildcards that somebody put there.
    """
    case = read_case(folder)
    played = play(case, stage)
    content = _messages_to_write(case, played)
    if any(_story(case, played)):
        content[folder / TRACE] = written(played.story).encode()
    if any(_pairs(case, played)):
        content[folder / AFTER] = _in_order(played.pairs).encode()
    for path, body in content.items():
        path.write_bytes(body)
    came = _came(played)
    gone = [path for slot, path in _expected(case).items() if slot not in came]
    for path in gone:
        path.unlink()
    return sorted(path.name for path in [*content, *gone])


# -- messages --------------------------------------------------------------------------------------


def _messages(case: Case, played: Played) -> Iterator[str]:
    expected, came = _expected(case), _came(played)
    for slot in sorted({*expected, *came}):
        if slot not in expected:
            yield _unforeseen(slot, came)
        elif slot not in came:
            yield _missed(expected[slot], slot, played)
        else:
            path = expected[slot]
            if differing := _differences(case, path, came[slot]):
                yield "\n".join([path.name, *differing])


def _messages_to_write(case: Case, played: Played) -> dict[Path, bytes]:
    expected, came = _expected(case), _came(played)
    return {
        expected.get(slot) or case.folder / _name(slot, came): as_expected(body, _given(case))
        for slot, body in came.items()
        if slot not in expected or _differences(case, expected[slot], body)
    }


def _differences(case: Case, path: Path, came: bytes) -> list[str]:
    return differences(path.read_bytes(), came, path.name, _given(case))


def _given(case: Case) -> list[bytes]:
    """The messages that are the case's own."""
    return [path.read_bytes() for (kind, *_), path in case.files.items() if kind in GIVEN]


def _expected(case: Case) -> dict[Slot, Path]:
    return {
        (kind, application, number or 1): path
        for (kind, application, number), path in case.files.items()
        if kind not in GIVEN
    }


def _came(played: Played) -> dict[Slot, bytes]:
    answers: dict[Slot, bytes] = {
        ("response", "", one.step.number): one.answer for one in played.posts
    }
    return answers | {
        ("out", name, number): message
        for name, messages in played.sent.items()
        for number, message in enumerate(messages, 1)
    }


def _name(slot: Slot, came: Mapping[Slot, bytes]) -> str:
    """The file of a message; the only one of its kind has no number."""
    kind, application, number = slot
    alone = sum(one[:2] == slot[:2] for one in came) == 1
    parts = [kind, application, "" if alone else str(number), "xml"]
    return ".".join(part for part in parts if part)


def _unforeseen(slot: Slot, came: Mapping[Slot, bytes]) -> str:
    kind, application, _ = slot
    who = "the sender was answered" if kind == "response" else f"{application} was sent"
    body = as_expected(came[slot], [came[slot]]).decode()
    return f"{_name(slot, came)} is missing: {who} this, and the case says nothing of it.\n{body}"


def _missed(path: Path, slot: Slot, played: Played) -> str:
    kind, application, _ = slot
    if kind == "response":
        return f"{path.name} would answer a message that nobody posts."
    return f"{path.name} never came: {_count(application, played)}"


def _count(application: str, played: Played) -> str:
    count = len(played.sent.get(application, ()))
    return f"messages that {application} was sent in all: {count}."


def _unsaid(case: Case, played: Played) -> Iterator[str]:
    """What the case has an application say, and nobody asked for."""
    for (kind, application, number), path in case.files.items():
        if kind == "answer" and len(played.sent.get(application, ())) < (number or 1):
            yield f"{path.name} was never said: {_count(application, played)}"
    for application, conducts in case.conducts.items():
        told = sum(int(one.get("times", 1)) if isinstance(one, dict) else 1 for one in conducts)
        visits = played.visits.get(application, 0)
        if told > visits:
            yield f"case.yaml: answers: {application} has {told} and was asked for {visits}."


# -- the story and the pairs -----------------------------------------------------------------------


def _story(case: Case, played: Played) -> Iterator[str]:
    path, came = case.folder / TRACE, written(played.story)
    if not path.exists():
        yield f"{TRACE} is missing. The journal tells:\n{came}"
        return
    try:
        told = json.loads(path.read_text("utf-8"))
    except ValueError as error:
        raise CaseMistake(f"{TRACE} is no JSON: {error}") from None
    if told != json.loads(came):
        yield _compared(TRACE, written(told), came)


def _pairs(case: Case, played: Played) -> Iterator[str]:
    path, came = case.folder / AFTER, _in_order(played.pairs)
    if not path.exists():
        if played.learnt:
            yield f"{AFTER} is missing. The de-para is another than before:\n{came}"
        return
    told = path.read_text("utf-8-sig")
    if _things(path.name, told) != things(played.pairs):
        yield _compared(AFTER, _in_order(told), came)


def _things(name: str, pairs: str) -> set[Thing]:
    try:
        return things(pairs)
    except Unreadable as unreadable:
        mistake = unreadable.mistakes[0]
        raise CaseMistake(
            f"{name}: line {mistake.line}, {mistake.column or 'the columns'}: {mistake.kind}"
        ) from None


def _in_order(pairs: str) -> str:
    heading, *lines = pairs.splitlines()
    return "\n".join([heading, *sorted(lines)]) + "\n"


def _compared(name: str, expected: str, came: str) -> str:
    """Two texts line by line: `-` is expected and did not come, `+` came and is not expected."""
    lines = unified_diff(
        expected.splitlines(), came.splitlines(), "expected", "came", lineterm="", n=8
    )
    return "\n".join([name, *lines])
