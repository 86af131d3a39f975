"""What the runner of golden cases says of a case that does not go as its files say, or cannot go."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from tests.golden_cases import playing
from tests.golden_cases.cases import CONVERSATIONS, CaseMistake, read_case
from tests.golden_cases.checking import problems_of, verdict, write_down
from tests.golden_cases.comparing import as_expected, differences
from tests.golden_cases.playing import Played, play

ORIGINAL = CONVERSATIONS / "a-soap-sender-and-a-reader-of-plain-xml"
"""A synchronous unit from rm to the wms, whose answer teaches a pair."""


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Played:
    """What comes of the original."""
    return play(read_case(ORIGINAL), tmp_path_factory.mktemp("played"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the original, to spoil."""
    return Path(shutil.copytree(ORIGINAL, tmp_path / "spoilt"))


@pytest.fixture
def stage(tmp_path: Path) -> Path:
    """An empty folder to play in."""
    (tmp_path / "stage").mkdir()
    return tmp_path / "stage"


def change(file: Path, before: str, after: str) -> None:
    """Put one text in the place of another, which must be there."""
    text = file.read_text("utf-8")
    assert before in text
    file.write_text(text.replace(before, after), "utf-8")


# -- what does not go as it should -----------------------------------------------------------------


def test_a_case_that_goes_as_its_files_say_has_no_problems(folder: Path, played: Played) -> None:
    """Nothing is said of what is right."""
    assert problems_of(read_case(folder), played) == []


@pytest.mark.parametrize("file", ["out.wms.xml", "response.xml"])
def test_a_wrong_message_is_told_by_place_and_text(folder: Path, played: Played, file: str) -> None:
    """The file, the element, its line, what is expected there and what came."""
    change(folder / file, "<Transaction>UnitOfMeasure<", "<Transaction>Currency<")

    (problem,) = problems_of(read_case(folder), played)

    assert problem.splitlines() == [
        file,
        "  /TOTVSMessage/MessageInformation/Transaction, line 6",
        "    expected: “Currency”",
        "    came:     “UnitOfMeasure”",
    ]


def test_a_wrong_story_is_told_line_by_line(folder: Path, played: Played) -> None:
    """What the case expects of the journal, and what the journal tells."""
    change(folder / "trace.json", '"step": "deliver"', '"step": "refuse"')

    (problem,) = problems_of(read_case(folder), played)

    assert problem.startswith("trace.json\n--- expected\n+++ came\n")
    assert '\n-            {"kind": "attempt ended", "step": "refuse", "reason": ""},\n' in problem
    assert '\n+            {"kind": "attempt ended", "step": "deliver", "reason": ""},\n' in problem


def test_a_wrong_pair_is_told_line_by_line(folder: Path, played: Played) -> None:
    """What the case expects of the de-para, and what the bus learnt."""
    change(folder / "depara.after.csv", "U-0001", "U-0002")

    (problem,) = problems_of(read_case(folder), played)

    assert problem.startswith("depara.after.csv\n--- expected\n+++ came\n")
    assert "\n-UnitOfMeasure;rm;7|UN;wms;U-0002" in problem
    assert "\n+UnitOfMeasure;rm;7|UN;wms;U-0001" in problem


@pytest.mark.parametrize(
    ("file", "told"),
    [
        ("out.wms.xml", "out.wms.xml is missing: wms was sent this, and the case says nothing"),
        ("response.xml", "response.xml is missing: the sender was answered this, and the case"),
        ("trace.json", "trace.json is missing. The journal tells:\n{"),
        ("depara.after.csv", "depara.after.csv is missing. The de-para is another than before:"),
    ],
)
def test_what_nobody_foresaw_is_shown(folder: Path, played: Played, file: str, told: str) -> None:
    """Whatever is sent, answered, told or learnt has its file; if not, what it would hold is told."""
    (folder / file).unlink()

    (problem,) = problems_of(read_case(folder), played)

    assert problem.startswith(told)
    assert "7|UN" in problem or "UnitOfMeasure" in problem


@pytest.mark.parametrize(
    ("copied", "file", "told"),
    [
        ("out.wms.xml", "out.wms.2.xml", "never came: messages that wms was sent in all: 1."),
        ("out.wms.xml", "out.rm.xml", "never came: messages that rm was sent in all: 0."),
        ("answer.wms.xml", "answer.wms.2.xml", "was never said: messages that wms was sent in"),
        ("response.xml", "response.2.xml", "would answer a message that nobody posts."),
    ],
)
def test_what_never_came_is_told(
    folder: Path, played: Played, copied: str, file: str, told: str
) -> None:
    """A file of a message that is not sent, or of an answer that nobody asks for."""
    shutil.copy(folder / copied, folder / file)

    (problem,) = problems_of(read_case(folder), played)

    assert problem.startswith(f"{file} {told}")


def test_an_answer_that_nobody_asked_for_is_told(folder: Path, played: Played) -> None:
    """A list of answers that is longer than the visits."""
    (folder / "case.yaml").write_text("answers: {wms: [{do: busy, times: 2}, answer]}\n", "utf-8")

    (problem,) = problems_of(read_case(folder), played)

    assert problem == "case.yaml: answers: wms has 3 and was asked for 1."


def test_a_journal_that_does_not_add_up_is_told(folder: Path, played: Played) -> None:
    """Every case ends with `bus verify`, whatever its files say."""
    spoilt = replace(played, verified="bus verify\n1 diferença(s)")

    assert problems_of(read_case(folder), spoilt) == ["bus verify\n1 diferença(s)"]


def test_all_that_is_wrong_is_told_at_once_and_what_to_do(folder: Path, stage: Path) -> None:
    """The case is played once, and its author reads everything."""
    change(folder / "out.wms.xml", "CD7", "CD8")
    (folder / "response.xml").unlink()

    told = verdict(folder, stage)

    assert told.startswith("The case spoilt does not go as its files say.\n\nout.wms.xml\n")
    assert "expected: “CD8”\n    came:     “CD7”\n\nresponse.xml is missing" in told
    assert told.endswith('make test ARGS="tests/golden_cases --update-golden"\n')


# -- what counts as a difference -------------------------------------------------------------------


def test_layout_is_no_difference() -> None:
    """Blanks between elements, order of attributes, comments, escapes and CDATA are layout."""
    expected = b'<A x="1" y="2"><B>a &amp; b</B><C/></A>'
    came = b'<A y="2" x="1">\n  <!-- here --><B><![CDATA[a & b]]></B>\n  <C></C>\n</A>'

    assert differences(expected, came, "out.xml") == []


@pytest.mark.parametrize(
    ("came", "told"),
    [
        (b"<A><B>a </B><C/></A>", "/A/B, line 1\n    expected: “a”\n    came:     “a ”"),
        (b"<A><B>a</B><C> </C></A>", "/A/C, line 1\n    expected: “”\n    came:     “ ”"),
        (b"<A><B>a</B></A>", "/A/C, line 1\n    expected, and it did not come"),
        (b"<A><B>a</B><C/><D>d</D></A>", "/A/D\n    came, and it is not expected: <D>d</D>"),
        (b"<A><B>a</B>x<C/></A>", "/A, line 1\n    expected: “”\n    came:     “x”"),
        (b"<A><B>a</B><C y='1'/></A>", "/A/C/@y, line 1\n    expected: nothing\n    came:     “1”"),
        (b"<X/>", "/A, line 1\n    expected: “A”\n    came:     “X”"),
        (b"words", "What came is no XML:\nwords"),
    ],
)
def test_elements_attributes_and_texts_are_compared_exactly(came: bytes, told: str) -> None:
    """A blank in a text is a difference too."""
    (difference,) = differences(b"<A><B>a</B><C/></A>", came, "out.xml")

    assert difference.strip() == told


def test_an_element_is_told_by_its_number_where_there_are_several() -> None:
    """Which of the lines of an order differs."""
    expected = b"<A><B>1</B><B>2</B></A>"

    (difference,) = differences(expected, b"<A><B>1</B><B>3</B></A>", "out.xml")

    assert difference.startswith("  /A/B[2], line 1\n")


@pytest.mark.parametrize(
    ("expected", "came", "same"),
    [
        ("{{uuid}}", "3f2b0c5e-8d0a-4c1e-9a51-5b2f6c7d8e01", True),
        ("{{uuid}}", "3f2b0c5e", False),
        ("{{time}}", "2026-01-31T12:00:00Z", True),
        ("{{time}}", "2026-01-31", False),
        ("http://127.0.0.1:{{number}}/{{any}}.", "http://127.0.0.1:8080/a/b.", True),
        ("{{number}}", "eight", False),
        ("{{any}}", "", False),
        ("a.c", "abc", False),
    ],
)
def test_a_wildcard_stands_for_what_varies(expected: str, came: str, *, same: bool) -> None:
    """Alone or within a text; all else is the text that it is."""
    differing = differences(f"<A>{expected}</A>".encode(), f"<A>{came}</A>".encode(), "out.xml")

    assert (differing == []) is same


def test_a_uuid_of_the_case_is_none_that_the_bus_made() -> None:
    """Where the bus must make one, the sender's own is wrong."""
    came = b"<A>3f2b0c5e-8d0a-4c1e-9a51-5b2f6c7d8e01</A>"

    assert differences(b"<A>{{uuid}}</A>", came, "out.xml", given=[came])
    assert not differences(b"<A>{{any}}</A>", came, "out.xml", given=[came])


def test_a_wildcard_that_does_not_exist_is_a_mistake() -> None:
    """It is told with the right one."""
    with pytest.raises(CaseMistake, match=r"out\.xml: .*`uid`.* Did you mean `uuid`\?"):
        differences(b"<A>{{uid}}</A>", b"<A>1</A>", "out.xml")


def test_an_expected_message_that_is_no_xml_is_a_mistake() -> None:
    """Its file and line are told."""
    with pytest.raises(CaseMistake, match=r"out\.xml is no XML: .*line 1"):
        differences(b"<A>", b"<A/>", "out.xml")


# -- what cannot be played -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("plot", "told"),
    [
        ("anwers: {}", "case.yaml: there is no key `anwers`. .* Did you mean `answers`?"),
        ("answers: {wmz: [busy]}", "answers: there is no key `wmz`. .* Did you mean `wms`?"),
        ("answers: {wms: busy}", "answers: wms: a list is expected"),
        ("language: es", "language: there is no language `es`. There is: pt, en."),
        ("play: {post: in.xml}", "play: a list is expected"),
        ("play: [in.xml]", "play, 1: keys are expected here"),
        ("play: [{pots: in.xml}]", "play, 1: there is no key `pots`. .* Did you mean `post`?"),
        ("play: [{by: soap}]", "play, 1: one of these is expected: post, leave, return, bus"),
        ("play: [{leave: wms, by: soap}]", "play, 1: there is no key `by`. There is: leave."),
        (
            "play: [{leave: wmz}]",
            "play, 1: there is no application with an address `wmz`. .* `wms`?",
        ),
        ("play: [{post: inn.xml}]", "play, 1: there is no message `inn.xml`. .* `in.xml`?"),
        ("play: [{post: in.xml, by: amqp}]", "there is no carrier `amqp`. There is: http, soap."),
        ("play: [{post: in.xml, from: wms}]", "in.xml: routes.yaml gives wms no `login`"),
        ("play: [{leave: wms}]", "play: in.xml is posted 0 times, not once."),
        ("play: [{post: in.xml}, {post: in.xml}]", "play: in.xml is posted 2 times, not once."),
        ("play: [", "case.yaml: while parsing"),
    ],
)
def test_a_mistake_in_case_yaml_is_told(folder: Path, plot: str, told: str) -> None:
    """With its place and, where there is one, the right name."""
    (folder / "case.yaml").write_text(plot, "utf-8")

    with pytest.raises(CaseMistake, match=told.replace("?", r"\?")):
        read_case(folder)


@pytest.mark.parametrize(
    ("file", "told"),
    [
        ("responce.xml", "responce.xml is no file of a case."),
        ("traces.json", "Did you mean trace.json?"),
        ("out.wmz.xml", "out.wmz.xml: there is no application `wmz`. .* Did you mean `wms`?"),
        ("in.1.xml", "in.xml is there with and without .1"),
    ],
)
def test_a_file_that_means_nothing_is_told(folder: Path, file: str, told: str) -> None:
    """A name that is misspelt would otherwise expect nothing."""
    shutil.copy(folder / "in.xml", folder / file)

    with pytest.raises(CaseMistake, match=told.replace("?", r"\?")):
        read_case(folder)


@pytest.mark.parametrize("file", ["in.xml", "routes.yaml"])
def test_a_case_without_its_beginning_is_told(folder: Path, stage: Path, file: str) -> None:
    """A message and its routes are the least that a case has."""
    (folder / file).unlink()
    (folder / "case.yaml").unlink()

    told = verdict(folder, stage)

    assert told.startswith(f"The case spoilt cannot be played.\n\nThere is no {file}: the ")


def test_a_sender_that_no_application_is_must_be_named(folder: Path) -> None:
    """SourceApplication tells who posts; where it does not, case.yaml must."""
    change(folder / "in.xml", "<SourceApplication>rm<", "<SourceApplication>crm<")
    (folder / "case.yaml").unlink()

    with pytest.raises(
        CaseMistake, match=r"has the SourceApplication `crm`\. Say in case\.yaml who"
    ):
        read_case(folder)


@pytest.mark.parametrize(
    ("file", "spoil", "told"),
    [
        ("routes.yaml", ("to: [wms]", "to: [wmz]"), "“wmz”"),
        ("routes.yaml", ("http-xml", "amqp"), "A case can play http-xml and eai-soap."),
        ("depara.csv", ("other_id", "outro"), "bus depara import"),
        ("case.yaml", ("by: soap", "by: soap\n  - bus: replay nothing"), "bus replay nothing"),
        ("case.yaml", ("play:", "answers: {wms: [bussy]}\nplay:"), "answers: wms: unknown: bussy"),
        ("trace.json", ("}", ""), "trace.json is no JSON"),
        ("depara.after.csv", ("entity;", "thing;"), "depara.after.csv: line 1"),
    ],
)
def test_what_the_bus_itself_refuses_is_told_in_its_words(
    folder: Path, stage: Path, file: str, spoil: tuple[str, str], told: str
) -> None:
    """Routes, pairs and commands are read by the bus, answers by the simulated applications."""
    change(folder / file, *spoil)

    said = verdict(folder, stage)

    assert said.startswith("The case spoilt cannot be played.\n\n")
    assert told in said


def test_a_bus_that_does_not_come_to_rest_is_told(
    folder: Path, stage: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it goes on with, where the case leaves it no way to end."""
    monkeypatch.setattr(playing, "PATIENCE", 0.5)
    change(folder / "in.xml", "<DeliveryType>Sync<", "<DeliveryType>Async<")
    change(folder / "case.yaml", "play:", "answers: {wms: [{do: busy, times: 99}]}\nplay:")

    told = verdict(folder, stage)

    assert "post in.xml: after 0.5 s the bus still goes on with\n  UnitOfMeasure" in told
    assert "→ wms: waiting BUSY" in told


# -- writing down ----------------------------------------------------------------------------------


def test_a_case_is_written_down_as_it_goes(folder: Path, stage: Path) -> None:
    """What is wrong or missing is written, what never came is removed, what is right is left."""
    change(folder / "response.xml", "<Status>OK<", "<Status>{{any}}<")
    change(folder / "out.wms.xml", "CD7", "CD8")
    (folder / "trace.json").unlink()
    shutil.copy(folder / "out.wms.xml", folder / "out.rm.xml")

    changed = write_down(folder, stage)

    assert changed == ["out.rm.xml", "out.wms.xml", "trace.json"]
    assert "<Status>{{any}}<" in (folder / "response.xml").read_text("utf-8")
    assert (folder / "out.wms.xml").read_bytes() == (ORIGINAL / "out.wms.xml").read_bytes()
    assert json.loads((folder / "trace.json").read_text("utf-8")) == json.loads(
        (ORIGINAL / "trace.json").read_text("utf-8")
    )
    assert not (folder / "out.rm.xml").exists()


def test_what_varies_is_written_down_as_a_wildcard() -> None:
    """UUIDs, times and ports that are not of the case itself."""
    own, other = "3f2b0c5e-8d0a-4c1e-9a51-5b2f6c7d8e01", "01a221e7-7d68-7000-8cbb-280fac7d0d42"
    times, address = "2026-01-31T12:00:00 2026-02-01T12:00:00Z", "http://127.0.0.1:4711/x"
    came = f"<A><B>{own} {other}</B><C>{times}</C><D>{address}</D></A>"

    text = as_expected(came.encode(), [f"{own} 2026-01-31T12:00:00".encode()]).decode()

    assert f"<B>{own} {{{{uuid}}}}</B>" in text
    assert "<C>2026-01-31T12:00:00 {{time}}</C>" in text
    assert "<D>http://127.0.0.1:{{number}}/x</D>" in text
