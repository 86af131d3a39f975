"""Reads YAML into plain values, and remembers on which line each key stands.

Every scalar stays the text that the file has: `2.010` keeps its zero and `no` is a word, because it
is the key that says what its text means.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from ruamel.yaml.reader import ReaderError

from bus.config.mistakes import ConfigMistake, KeyPath
from bus.config.yaml_problems import problem_of

MAX_DEPTH = 10
MAX_VALUES = 50_000
"""Anchors let a short file name very many values; a real one has some thousand."""

_NULL = "tag:yaml.org,2002:null"

Value = str | dict[str, "Value"] | list["Value"] | None


@dataclass(slots=True)
class YamlDocument:
    """The values of a file, the line of each key, and what is wrong with its form."""

    value: Value = None
    lines: dict[KeyPath, int] = field(default_factory=dict)
    mistakes: list[ConfigMistake] = field(default_factory=list)

    def line(self, path: KeyPath) -> int:
        """The line of a key; of the nearest key above it where it is not in the file."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)

    def section(self, key: str) -> Mapping[str, Value]:
        """The entries of a mapping at the top; none where it is missing or something else."""
        found = self.value.get(key) if isinstance(self.value, dict) else None
        return found if isinstance(found, dict) else {}


def read_document(text: str) -> YamlDocument:
    """Read YAML; what cannot be read is a mistake of the document, never an exception."""
    document = YamlDocument()
    try:
        node = YAML().compose(text)
    # Beside its own errors, the parser lets through those of Python for absurd escapes and depths.
    except (YAMLError, ValueError, OverflowError, RecursionError) as error:
        document.lines[()] = _line_of(error, text)
        document.mistakes.append(ConfigMistake("syntax", (), {"problem": problem_of(error)}))
        return document
    if node is not None:
        document.value = _Reading(document).value(node, ())
    return document


class _Reading:
    """One walk over the nodes of a file."""

    def __init__(self, document: YamlDocument) -> None:
        self.document = document
        self.count = 0

    def value(self, node: Node, path: KeyPath) -> Value:
        self.count += 1
        self.document.lines.setdefault(path, node.start_mark.line + 1)
        if len(path) > MAX_DEPTH or self.count > MAX_VALUES:
            self._refuse("too_much", path)
            return None
        if str(node.tag or "").startswith("!"):
            self._refuse("tag", path, tag=str(node.tag))
            return None
        match node:
            case MappingNode():
                return self._mapping(node, path)
            case SequenceNode():
                return [self.value(item, (*path, at)) for at, item in enumerate(node.value)]
            case ScalarNode() if node.tag != _NULL:
                return str(node.value)
        self._refuse("empty", path)
        return None

    def _mapping(self, node: MappingNode, path: KeyPath) -> dict[str, Value]:
        found: dict[str, Value] = {}
        for key, value in node.value:
            line = key.start_mark.line + 1
            name = str(key.value) if isinstance(key, ScalarNode) else ""
            here = (*path, name)
            if not name or name == "<<":
                self._refuse("key", (*path, "?"), line)
            elif name in found:
                self._refuse("duplicate_key", here, line, first=str(self.document.line(here)))
            else:
                self.document.lines[here] = line
                found[name] = self.value(value, here)
        return found

    def _refuse(self, kind: str, path: KeyPath, line: int = 0, **details: str) -> None:
        # After a flood, one complaint is enough.
        if kind != "too_much" or all(one.kind != kind for one in self.document.mistakes):
            self.document.mistakes.append(ConfigMistake(kind, path, details, line))


def _line_of(error: Exception, text: str) -> int:
    if isinstance(error, MarkedYAMLError):
        mark = error.problem_mark or error.context_mark
        return mark.line + 1 if mark is not None else 1
    if isinstance(error, ReaderError):
        return text.count("\n", 0, error.position) + 1
    return 1
