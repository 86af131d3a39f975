"""What can be told of a condition of a route without a message: the elements that it names."""

from __future__ import annotations

import re
from typing import Final

_LITERAL: Final = re.compile(r"'[^']*'|\"[^\"]*\"")
_NUMBER: Final = re.compile(r"(?<![\w.-])\d+(?:\.\d*)?|\.\d+")
_NAME: Final = re.compile(
    r"(?P<before>[@$]|::\s*)?(?P<name>[A-Za-z_][\w.-]*)(?P<after>\s*(?:\(|::))?"
)
_OPERATORS: Final = frozenset({"and", "or", "div", "mod"})
# Steps without a name, and functions that look at the message by themselves.
_LOOKS: Final = re.compile(
    r"[*./@]|\b(?:string|normalize-space|string-length|number|(?:local-)?name|namespace-uri|lang|id)"
    r"\s*\("
)
_PREDICATE: Final = re.compile(r"\[[^][]*\]")
_PATH: Final = re.compile(
    r"(?<![\w.\-/:*@$)])/?[A-Za-z_][\w.-]*(?:/[A-Za-z_][\w.-]*)*(?![\w.-]|\s*(?:\(|::))"
)
_BELOW: Final = {
    "/": frozenset({"TOTVSMessage"}),
    "TOTVSMessage": frozenset({"MessageInformation", "BusinessMessage"}),
    "BusinessMessage": frozenset({"BusinessEvent", "BusinessRequest", "BusinessContent"}),
}
"""What the upper elements of a BusinessMessage hold; a condition is asked of its root."""


def elements_in(condition: str) -> tuple[str, ...]:
    """The names of elements in an XPath 1.0 expression, each once, in the order of the text."""
    names = (
        found["name"]
        for found in _NAME.finditer(_LITERAL.sub(" ", condition))
        if not found["after"] and (found["before"] or "").strip() not in {"@", "$"}
    )
    return tuple(dict.fromkeys(name for name in names if name not in _OPERATORS))


def is_constant(condition: str) -> bool:
    """Whether an XPath 1.0 expression looks at nothing, and so says the same of every message."""
    bare = _NUMBER.sub(" ", _LITERAL.sub(" ", condition))
    return not (elements_in(bare) or _LOOKS.search(bare))


def astray(condition: str) -> tuple[str, ...]:
    """The paths of an XPath 1.0 expression that lead past the envelope, each once, as written.

    Only those that begin at the root or the document and name each step are looked at.
    """
    bare, removed = _LITERAL.sub("''", condition), 1
    while removed:
        bare, removed = _PREDICATE.subn("", bare)
    paths = dict.fromkeys(found[0] for found in _PATH.finditer(bare))
    return tuple(path for path in paths if path not in _OPERATORS and _is_astray(path))


def _is_astray(path: str) -> bool:
    steps = path.removeprefix("/").split("/")
    above = ["/" if path.startswith("/") else "TOTVSMessage", *steps]
    return any(
        step not in _BELOW[parent]
        for parent, step in zip(above, steps, strict=False)
        if parent in _BELOW
    )
