"""What is wrong with the words of a refusal: another language, an empty place, a bad suggestion."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from difflib import SequenceMatcher

from adapters.eai_soap.kind import EaiSoapKind
from bus.config.application_keys import (
    ApplicationKeys,
    CredentialsKeys,
    ErrorTextKeys,
    IdentityKeys,
    LimitKeys,
)
from bus.config.route_keys import RetryKeys, RouteKeys, RoutesFile, SharedIdsKeys
from bus.core.errors import Fault
from bus.core.text import Language, Text


def words_of(text: str) -> frozenset[str]:
    """The words of a list."""
    return frozenset(text.split())


ENGLISH = words_of(
    "the is are was were be been has have had of and to in it its this that these with without or "
    "by from at on an but which there must may cannot can does did not nothing none when while "
    "than then so if more most only another any each "
    "expected allowed invalid value values element elements attribute attributes missing found "
    "unexpected character characters document failed required declared declaration definition "
    "specified unable empty string number such here should will would"
)
"""Words without which hardly any library says a sentence, and which are none of Portuguese."""
PORTUGUESE = words_of(
    "não é há está são um uma que com sem para pelo pela dos das nem mas ou onde nenhum nenhuma "
    "seria falta já só até também esse essa este esta deve pode foi aqui lá ele ela"
)
"""The same the other way round."""
KEYS = frozenset(
    field.alias or name
    for model in (
        *(
            ApplicationKeys,
            CredentialsKeys,
            ErrorTextKeys,
            IdentityKeys,
            LimitKeys,
            RouteKeys,
            RetryKeys,
            RoutesFile,
            SharedIdsKeys,
        ),
    )
    for name, field in model.model_fields.items()
) | frozenset(EaiSoapKind().options())
"""Keys of routes.yaml, options of adapters among them, are English in every language."""

_TAKEN_OUT = re.compile(
    r"“[^”]*”|`[^`]*`|<[^>\s][^>]*>|'[^']*'|\"[^\"]*\"|\([^)\s]*\)"  # quoted, code, elements
    r"|&#?\w+;|\{[^}]*\}|\[[^\]]*\]"  # references, code
    r"|\S*[/\\@_|=]\S*|--[\w-]+"  # paths, options
    r"|\b\w+[.-]\w[\w.-]*|\b[A-Z]\w*[A-Z]\w*|\b\w*\d\w*"  # files, names, numbers
)
_FEW, _MANY = 5, 22
"""Names that a list may have: where an element stands wrong, and else."""
_WORD = re.compile(r"[^\W\d_]+")
_EMPTY = re.compile(
    r"^\s|:?\s$|—|(?:^|[\s(:])-(?:$|[\s.,;)])|\{[a-z_]+\}|  |(?<!\.)\.\.(?![./])|\s[.,;:](?:\s|$)|\(\)|<>|[:,]\."
)
_NAME = re.compile(r"\w+")
_QUOTED = re.compile(r"“[^”]*”|`[^`]*`|<[^>\s]+>")
_SUGGESTED = re.compile(r"Seria [<“](.+?)[>”]\?")
_WHATEVER = {
    "value",
    "element",
    "attribute",
    "id",
    "other",
    "against",
    "pattern",
    "file",
    "kind",
    "advice",
    "nearest",
}
"""Details that may hold anything a person wrote, and those that are judged where they are told."""


def complaints(fault: Fault) -> Iterator[str]:
    """What is wrong with what a fault says, in both languages."""
    masked = Fault(fault.code, fault.path, fault.line, {
        name: "“x”" if isinstance(each, str) and each else each
        for name, each in fault.details.items()
    })  # fmt: skip
    texts = Text(" ".join(said(masked, "pt")), " ".join(said(masked, "en")))
    yield from foreign_words(texts)
    for name, each in fault.details.items():
        if isinstance(each, str) and name not in _WHATEVER and is_prose(each):
            yield f"{name} is in one language: {each}"
    for text in (*said(fault, "pt"), *said(fault, "en")):
        yield from empty_places(text)
    yield from bad_suggestions(fault)
    yield from long_lists(fault)


def said(fault: Fault, language: Language) -> tuple[str, ...]:
    """Everything that a fault says."""
    return fault.reason(language), fault.remedy(language), fault.allowed(language)


def foreign_words(text: Text) -> Iterator[str]:
    """Words of the other language, names and values left aside."""
    for told, others in ((text.pt, ENGLISH), (text.en, PORTUGUESE)):
        words = {word.lower() for word in _WORD.findall(_TAKEN_OUT.sub(" ", told))}
        if strange := sorted((words & others) - KEYS):
            yield f"{', '.join(strange)} in: {told}"


def is_prose(detail: str) -> bool:
    """Whether a detail that is the same in each language is a sentence, and no name or value."""
    for part in detail.split(","):
        words = _WORD.findall(_TAKEN_OUT.sub(" ", part))
        if len(words) > 1 and {word.lower() for word in words} & (ENGLISH | PORTUGUESE):
            return True
    return False


def empty_places(text: str) -> Iterator[str]:
    """Places of a text where something should stand."""
    if found := _EMPTY.search(_QUOTED.sub("x", text)):
        yield f"an empty place ({found[0]!r}) in: {text}"


def bad_suggestions(fault: Fault) -> Iterator[str]:
    """Names that are suggested and share less than most with what was written."""
    written = [fault.detail(name) for name in ("element", "value", "name")]
    told = _SUGGESTED.sub("", fault.reason("pt"))
    written += [
        re.sub(r".*\.", "", fault.path),
        *re.findall("“([^”]+)”", told),
        *_NAME.findall(told),
    ]
    for meant in _SUGGESTED.findall(" ".join(said(fault, "pt"))):
        if not any(share_most(each, meant) for each in written if each):
            yield f"{meant} is suggested in: {fault.reason('pt')} {fault.remedy('pt')}"


def long_lists(fault: Fault) -> Iterator[str]:
    """Lists of names that are longer than what helps."""
    most = _FEW if fault.code == "ELEMENT_UNEXPECTED" else _MANY
    for name in ("expected", "known", "allowed"):
        if len(fault.detail(name).split(", ")) > most:
            yield f"{name} is a long list: {fault.detail(name)}"


def share_most(one: str, other: str) -> bool:
    """Whether two names begin alike and have most of their letters in common."""
    folded = one.casefold().rpartition("}")[2], other.casefold()
    matcher = SequenceMatcher(None, *folded, autojunk=False)
    return folded[0][:1] == folded[1][:1] and matcher.ratio() > 0.6


def all_complaints(faults: Iterable[tuple[str, Fault]]) -> dict[str, list[str]]:
    """What is wrong with many, by where each came from and its code; few of each."""
    found: dict[str, list[str]] = {}
    for where, fault in faults:
        for complaint in complaints(fault):
            listed = found.setdefault(f"{where}: {fault.code}", [])
            if len(listed) < 3 and complaint not in listed:
                listed.append(complaint)
    return found
