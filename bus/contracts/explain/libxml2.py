"""What the sentences of libxml2 mean, as faults: the commonest by their codes, others verbatim."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final, NamedTuple

from bus.codec.place import SHOWN
from bus.codec.showing import form_of, form_of_pattern, note_on, shown
from bus.contracts.explain.places import Places, missing, possible
from bus.contracts.explain.types import SEVERAL
from bus.contracts.xsd import EXACT
from bus.core.errors import Fault
from bus.core.suggest import listed
from bus.core.text import Text

ENDLESS: Final = "its text has too many parts to be checked"
"""What we say ourselves of a text that libxml2 would never be done with."""
SILENT: Final = "it is refused, and nobody says why"
"""What we say ourselves of a content of which libxml2 says only that it is wrong."""


class XsdError(NamedTuple):
    """One sentence of libxml2, and the element that it speaks of: where it is, and its text."""

    path: str
    line: int
    sentence: str
    value: str = ""

    @property
    def possible(self) -> tuple[str, ...]:
        """The elements that could stand there, where it says so."""
        meaning = _UNEXPECTED.fullmatch(self.sentence)
        return _names(meaning["expected"]) if meaning and meaning["expected"] else ()

    @property
    def parent(self) -> str:
        """The name of what holds the element that it speaks of."""
        return self.path.rpartition("/")[0].rpartition("/")[2].partition("[")[0]


class KnownXsd(NamedTuple):
    """What an XSD says itself: the types of its elements, by name, and where each may stand."""

    types: Mapping[str, str]
    places: Places


_XSI: Final = "{http://www.w3.org/2001/XMLSchema-instance}"
_ABOUT: Final = r"Element '(?P<element>.*?)'(?:, attribute '(?P<attribute>.*?)')?: "
_FACET: Final = r"\[facet '\w+'\] The value "
_LENGTH: Final = rf"{_FACET}(?:'(?P<value>.*)' )?has a length of '(?P<length>\d+)'; this "
_VALUE: Final = r"'(?P<value>.*)' "
_ONE_OF: Final = r"(?: Expected is (?:one of )?\( (?P<expected>.*) \)\.)?"
_TYPE: Final = r"(?:local )?\w+ type(?: '(?:xs[:-])?(?P<type>.*)')?"
# What is said of a value that is out of its range, and how the range is told.
_RANGES: Final = (
    rf"{_VALUE}is less than the minimum value allowed \('(?P<least>.*)'\)\.",
    rf"{_VALUE}is greater than the maximum value allowed \('(?P<most>.*)'\)\.",
    rf"{_VALUE}must be greater than '(?P<above>.*)'\.",
    rf"{_VALUE}must be less than '(?P<below>.*)'\.",
    rf"{_VALUE}has more digits than are allowed \('(?P<digits>.*)'\)\.",
    rf"{_VALUE}has more fractional digits than are allowed \('(?P<decimals>.*)'\)\.",
)
_BOUNDS: Final = {
    "least": Text("≥ {bound}", "≥ {bound}"),
    "most": Text("≤ {bound}", "≤ {bound}"),
    "above": Text("> {bound}", "> {bound}"),
    "below": Text("< {bound}", "< {bound}"),
    "digits": Text("até {bound} dígitos ao todo", "at most {bound} digits in all"),
    "decimals": Text("até {bound} casas decimais", "at most {bound} decimals"),
}
# What else is said of a content, and what it means.
_PROBLEMS: Final = (
    (
        rf"{_VALUE}is not a valid value of the local \w+ type\.",
        Text(
            "o valor “{value}” não é um dos que o contrato aceita aqui",
            "the value “{value}” is none of those that the contract takes here",
        ),
    ),
    (
        r"Element content is not allowed, because .*",
        Text(
            "o elemento só pode ter texto, e traz outros elementos",
            "the element may hold only text, and holds other elements",
        ),
    ),
    (
        rf"{_FACET}.*",
        Text(
            "o valor não tem a forma que o contrato exige",
            "the value does not have the form that the contract demands",
        ),
    ),
    (
        r"The element is not 'nillable'\.",
        Text(
            "o contrato não aceita xsi:nil neste elemento; envie o valor, ou deixe o elemento fora",
            "the contract takes no xsi:nil here; send the value, or leave the element out",
        ),
    ),
    (
        r"Neither character nor element content is allowed because the element is 'nilled'\.",
        Text(
            "o elemento diz xsi:nil, que é não ter valor, e tem um valor",
            "the element says xsi:nil, which is to have no value, and has a value",
        ),
    ),
    (
        r".*xsi:type attribute does not resolve to a type definition\.",
        Text(
            "xsi:type diz um tipo que o contrato não tem",
            "xsi:type names a type that the contract does not have",
        ),
    ),
    (
        r"The QName value .* has no corresponding namespace declaration in scope\.",
        Text(
            "xsi:type usa um prefixo de namespace que a mensagem não declara",
            "xsi:type uses a prefix of a namespace that the message does not declare",
        ),
    ),
    (
        r"The type definition '.*', specified by xsi:type, is blocked or not validly derived .*",
        Text(
            "xsi:type diz um tipo que não é o do contrato nem deriva dele",
            "xsi:type names a type that is neither that of the contract nor derived from it",
        ),
    ),
    (
        r"The (?:actual )?value '.*' does not match the fixed value constraint '(?P<fixed>.*)'\.",
        Text(
            "o contrato só aceita o valor {fixed} aqui",
            "the contract takes only the value {fixed} here",
        ),
    ),
    (
        r"No matching global (?:element )?declaration available.*",
        Text("o contrato não conhece este elemento", "the contract does not know this element"),
    ),
    (
        r"The (?:type definition|element declaration) is abstract\.",
        Text(
            "o contrato pede um elemento ou tipo mais específico aqui",
            "the contract asks for a more specific element or type here",
        ),
    ),
    (
        r"Duplicate key-sequence (?P<keys>.*) in .*",
        Text(
            "o valor {keys} está repetido, e o contrato o quer único",
            "the value {keys} is there twice, and the contract wants it unique",
        ),
    ),
    (
        r"Not all fields of .* evaluate to a node\.",
        Text(
            "falta um valor que o contrato usa como chave",
            "a value is missing that the contract uses as a key",
        ),
    ),
    (
        r"No match found for key-sequence (?P<keys>.*) of .*",
        Text(
            "o valor {keys} cita uma chave que a mensagem não tem",
            "the value {keys} refers to a key that the message does not have",
        ),
    ),
    (
        r"Internal error: .*",
        Text(
            "conferir o valor com o padrão que o contrato exige não terminaria",
            "checking the value by the pattern that the contract demands would not end",
        ),
    ),
    (
        re.escape(ENDLESS),
        Text("o texto tem partes demais para ser conferido", ENDLESS),
    ),
    (re.escape(SILENT), Text("é recusado, e nada diz por quê", SILENT)),
)
_UNEXPECTED: Final = re.compile(rf"{_ABOUT}This element is not expected\.{_ONE_OF}", re.DOTALL)
_MEANINGS: Final = (
    (_UNEXPECTED, "ELEMENT_UNEXPECTED"),
    *(
        (re.compile(_ABOUT + said, re.DOTALL), code)
        for said, code in (
            (r"Missing child element\(s\)\. Expected is (?P<one>one of )?\( (?P<expected>.*) \)\.",
             "ELEMENT_MISSING"),
            (r"The attribute '(?P<lacking>.*)' is required but missing\.", "ELEMENT_MISSING"),
            (r"The attribute '.*' is not allowed\.", "ATTRIBUTE_UNEXPECTED"),
            (r"Character content other than whitespace is not allowed.*", "TEXT_UNEXPECTED"),
            (r"Character content is not allowed, because the content type is empty\.",
             "TEXT_UNEXPECTED"),
            *((_FACET + said, "VALUE_OUT_OF_RANGE") for said in _RANGES),
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


def fault_of(saying: XsdError, contract: str, xsd: KnownXsd) -> Fault:
    """The fault that a sentence stands for."""
    for pattern, code in _MEANINGS:
        meaning = pattern.fullmatch(saying.sentence)
        if meaning:
            said = {name: text for name, text in meaning.groupdict().items() if text is not None}
            typed = _typed(said, xsd.types)
            if code != "VALUE_WRONG_TYPE" or typed.keys() & {"type", "pattern"}:
                return _meant(saying, code, typed, contract, xsd.places)
    details = {"contract": contract} | _problem(saying)
    return Fault("CONTRACT_VIOLATED", saying.path, saying.line, details)


def _typed(said: dict[str, str], types: Mapping[str, str]) -> dict[str, str]:
    """What was said, with the built-in type of the place, and without the patterns of ours."""
    if said.get("pattern") in EXACT.values():
        del said["pattern"]
    known = types.get(said.get("attribute", said["element"]), "")
    if known and said.get("type") not in known.split(SEVERAL):
        said["type"] = known
    return said


def _problem(saying: XsdError) -> dict[str, str | Text]:
    """What is told of a sentence that has no code: in both languages where it is known."""
    sentence, name = re.sub(_ABOUT, "", saying.sentence), saying.path.rpartition("/")[2]
    for pattern, problem in _PROBLEMS:
        meaning = re.fullmatch(pattern, sentence, re.DOTALL)
        if meaning:
            said = {key: shown(text, name) for key, text in meaning.groupdict().items()}
            return {"problem": problem.filled(said)}
    words = shown(sentence.rstrip("."), name, 4 * SHOWN)
    return {"problem": Text(f"o validador diz “{words}”", f"the validator says “{words}”")}


def _meant(
    saying: XsdError, code: str, said: Mapping[str, str], contract: str, places: Places
) -> Fault:
    path, element = saying.path, said["element"][:SHOWN]
    attribute = said.get("attribute", "").replace(_XSI, "xsi:")[:SHOWN]
    details: dict[str, str | Text] = {}
    if code == "ATTRIBUTE_UNEXPECTED":
        details = {"attribute": attribute, "expected": places.attributes(element)}
    elif code.startswith("VALUE"):
        details = _about_value(said, said.get("value", saying.value), attribute or element)
        path, element = (
            (f"{path}/@{attribute}", f"{element} {attribute}") if attribute else (path, element)
        )
    elif code == "ELEMENT_UNEXPECTED":
        expected = saying.possible or (f"</{saying.parent}>",)
        advice = places.advice(said["element"], saying.parent)
        details = {"expected": possible(expected), "advice": advice}
    elif code == "ELEMENT_MISSING":
        lacking = said.get("lacking")
        expected = (f"@{lacking}",) if lacking else _names(said["expected"])
        details = {"expected": missing(expected, one="one" in said)}
    if "length" in said and int(said["length"]) < int(said["limit"]):
        code = "VALUE_TOO_SHORT"
    return Fault(code, path, saying.line, {"contract": contract, "element": element, **details})


def _names(expected: str) -> tuple[str, ...]:
    """The names of a list of libxml2."""
    return tuple(each.strip()[:SHOWN] for each in expected.split(","))


def _about_value(said: Mapping[str, str], value: str, name: str) -> dict[str, str | Text]:
    seen: dict[str, str | Text] = {"value": shown(value, name)}
    if "listed" in said:
        return seen | {"expected": listed(re.findall(r"'(.*?)'", said["listed"]))}
    bound = next((name for name in _BOUNDS if name in said), None)
    if bound:
        return seen | {"expected": _BOUNDS[bound].filled(bound=said[bound][:SHOWN])}
    if "length" in said:
        return seen | {"length": said["length"], "limit": said["limit"]}
    if pattern := said.get("pattern"):
        return seen | {
            "expected": pattern,
            "form": form_of_pattern(pattern),
            "note": note_on(value),
        }
    type_ = said["type"]
    forms = [form_of(each) for each in type_.split(SEVERAL)]
    form = forms[0] if all(each == forms[0] for each in forms) else form_of(type_)
    return seen | {"expected": type_, "form": form, "note": note_on(value)}
