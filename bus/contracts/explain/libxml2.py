"""What the sentences of libxml2 mean, as faults: the commonest by their codes, others verbatim."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from bus.codec.place import SHOWN
from bus.codec.showing import form_of, form_of_pattern, note_on, shown
from bus.core.errors import Fault
from bus.core.text import NOTHING, Text

if TYPE_CHECKING:
    from collections.abc import Mapping


class XsdError(NamedTuple):
    """One sentence of libxml2, and the element that it speaks of: where it is, and its text."""

    path: str
    line: int
    sentence: str
    value: str = ""

    @property
    def expected(self) -> str:
        """The elements that could stand there, where it says so."""
        meaning = _UNEXPECTED.fullmatch(self.sentence)
        return (meaning and meaning["expected"]) or ""


_ABOUT: Final = r"Element '(?P<element>.*?)'(?:, attribute '(?P<attribute>.*?)')?: "
_FACET: Final = r"\[facet '\w+'\] The value "
_LENGTH: Final = rf"{_FACET}has a length of '(?P<length>\d+)'; this "
_VALUE: Final = r"'(?P<value>.*)' "
_ONE_OF: Final = r"(?: Expected is (?:one of )?\( (?P<expected>.*) \)\.)?"
_TYPE: Final = r"(?:local )?\w+ type(?: '(?:xs[:-])?(?P<type>.*)')?"
_UNEXPECTED: Final = re.compile(rf"{_ABOUT}This element is not expected\.{_ONE_OF}", re.DOTALL)
_MEANINGS: Final = (
    (_UNEXPECTED, "ELEMENT_UNEXPECTED"),
    *(
        (re.compile(_ABOUT + said, re.DOTALL), code)
        for said, code in (
            (rf"Missing child element\(s\)\.{_ONE_OF}", "ELEMENT_MISSING"),
            (r"The attribute '(?P<lacking>.*)' is required but missing\.", "ELEMENT_MISSING"),
            (r"The attribute '.*' is not allowed\.", "ATTRIBUTE_UNEXPECTED"),
            (r"Character content other than whitespace is not allowed.*", "TEXT_UNEXPECTED"),
            (rf"{_VALUE}is not a valid value of the {_TYPE}\.", "VALUE_WRONG_TYPE"),
            (rf"{_FACET}{_VALUE}is not accepted by the pattern '(?P<pattern>.*)'\.",
             "VALUE_WRONG_TYPE"),
            (rf"{_FACET}{_VALUE}is not an element of the set \{{(?P<listed>.*)\}}\.",
             "VALUE_NOT_LISTED"),
            (rf"{_LENGTH}exceeds the allowed maximum length of '(?P<limit>\d+)'\.",
             "VALUE_TOO_LONG"),
            (rf"{_LENGTH}underruns the allowed minimum length of '(?P<limit>\d+)'\.",
             "VALUE_TOO_SHORT"),
            (rf"{_LENGTH}differs from the allowed length of '(?P<limit>\d+)'\.",
             "VALUE_TOO_LONG"),
        )
    ),
)  # fmt: skip


def fault_of(saying: XsdError, contract: str) -> Fault:
    """The fault that a sentence stands for."""
    for pattern, code in _MEANINGS:
        meaning = pattern.fullmatch(saying.sentence)
        if meaning:
            said = {name: text for name, text in meaning.groupdict().items() if text is not None}
            return _meant(saying, code, said, contract)
    problem = re.sub(_ABOUT, "", saying.sentence).rstrip(".")
    details = {
        "contract": contract,
        "problem": shown(problem, saying.path.rpartition("/")[2], 4 * SHOWN),
    }
    return Fault("CONTRACT_VIOLATED", saying.path, saying.line, details)


def _meant(saying: XsdError, code: str, said: Mapping[str, str], contract: str) -> Fault:
    path, element = saying.path, said["element"][:SHOWN]
    attribute = said.get("attribute", "")[:SHOWN]
    if code == "ATTRIBUTE_UNEXPECTED":
        details: dict[str, str | Text] = {"attribute": attribute}
    elif code.startswith("VALUE"):
        details = _about_value(said, said.get("value", saying.value), attribute or element)
        path, element = (
            (f"{path}/@{attribute}", f"{element} {attribute}") if attribute else (path, element)
        )
    else:
        lacking = said.get("lacking")
        expected = f"@{lacking}" if lacking else said.get("expected", "—")
        details = {"expected": expected[: 4 * SHOWN], "advice": NOTHING}
    if "length" in said and int(said["length"]) < int(said["limit"]):
        code = "VALUE_TOO_SHORT"
    known = {"contract": contract, "element": element, "expected": "—"}
    return Fault(code, path, saying.line, {**known, **details})


def _about_value(said: Mapping[str, str], value: str, name: str) -> dict[str, str | Text]:
    seen: dict[str, str | Text] = {"value": shown(value, name)}
    if "listed" in said:
        return seen | {"expected": ", ".join(re.findall(r"'(.*?)'", said["listed"]))}
    if "length" in said:
        return seen | {"length": said["length"], "limit": said["limit"]}
    if pattern := said.get("pattern"):
        return seen | {
            "expected": pattern,
            "form": form_of_pattern(pattern),
            "note": note_on(value),
        }
    type_ = said.get("type", "—")
    return seen | {"expected": type_, "form": form_of(type_), "note": note_on(value)}
