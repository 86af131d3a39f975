"""The keys of a mapping file, read one by one: whatever is wrong with one is told with its line."""

from __future__ import annotations

from dataclasses import dataclass, field

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from bus.core.suggest import suggestion
from bus.core.text import Text, same

NULL = "tag:yaml.org,2002:null"
MISSING = Text("falta {key}", "{key} is missing")
UNKNOWN = Text("{value} não existe aqui. {question}", "there is no {value} here. {question}")
TWICE = Text("{key} está duas vezes", "{key} is there twice")
NO_TEXT = Text("{key} deve ser um texto", "{key} must be a text")
NO_LIST = Text("{key} deve ser um texto ou uma lista", "{key} must be a text or a list")
NO_NAMES = Text("{key} deve ter nomes com valores", "{key} must have names with values")
NO_NUMBER = Text("{key} deve ser um número inteiro", "{key} must be a whole number")
NONE_OF = Text("{key} deve ser {known}", "{key} must be {known}")

TRUTH = {"yes": True, "true": True, "no": False, "false": False}


class WrongMapping(Exception):
    """What is wrong with a mapping file, and on which line; `key` is where, as people write it."""

    def __init__(self, problem: Text, line: int, key: str = "") -> None:
        super().__init__(problem.en)
        self.problem = problem
        self.line = line
        self.key = key


@dataclass(slots=True)
class MappingKeys:
    """The keys of one mapping, each of which is taken once; those that nobody takes are wrong."""

    node: MappingNode
    path: str = ""
    _left: dict[str, Node] = field(default_factory=dict)
    _lines: dict[str, int] = field(default_factory=dict)
    _known: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        for key, value in self.node.value:
            name, line = str(key.value), key.start_mark.line + 1
            if name in self._lines:
                raise WrongMapping(TWICE.filled(key=name), line, self._place(name))
            self._left[name], self._lines[name] = value, line

    @property
    def line(self) -> int:
        """Where the mapping begins."""
        return int(self.node.start_mark.line) + 1

    def has(self, key: str) -> bool:
        """Whether a key is there, and was not taken."""
        self._known.add(key)
        return key in self._left

    def text(self, key: str, default: str | None = None) -> str:
        """A text; the default where the key is not there, which is wrong without one."""
        if not self.has(key):
            if default is None:
                raise self.wrong(key, MISSING)
            return default
        return self._scalar(key, self._take(key))

    def optional(self, key: str) -> str | None:
        """A text; None where the key is not there."""
        return self.text(key) if self.has(key) else None

    def values(self, key: str) -> tuple[str | None, ...]:
        """A text or a list of them, None for what is null."""
        if not self.has(key):
            raise self.wrong(key, MISSING)
        node = self._take(key)
        parts = node.value if isinstance(node, SequenceNode) else [node]
        if not parts or not all(isinstance(one, ScalarNode) for one in parts):
            raise self.wrong(key, NO_LIST, node)
        return tuple(None if one.tag == NULL else str(one.value) for one in parts)

    def whole(self, key: str, default: int | None = None) -> int:
        """A whole number, not below zero."""
        if default is not None and not self.has(key):
            return default
        line = self._line(key)
        text = self.text(key)
        if not (text.isascii() and text.isdigit()):
            raise WrongMapping(NO_NUMBER.filled(key=key), line, self._place(key))
        return int(text[:9])

    def truth(self, key: str) -> bool:
        """Yes or no; no where the key is not there."""
        return TRUTH[self.choice(key, tuple(TRUTH), "no")]

    def choice(self, key: str, known: tuple[str, ...], default: str) -> str:
        """One of a few texts."""
        line = self._line(key)
        text = self.text(key, default)
        if text not in known:
            problem = NONE_OF.filled(key=key, known=", ".join(known))
            raise WrongMapping(problem, line, self._place(key))
        return text

    def texts(self, key: str) -> dict[str, str]:
        """Texts by name; none where the key is not there."""
        if not self.has(key):
            return {}
        inner = self.below(key)
        return {name: inner.text(name) for name in inner.left()}

    def below(self, key: str) -> MappingKeys:
        """The keys of a mapping in this one."""
        if not self.has(key):
            raise self.wrong(key, MISSING)
        node = self._take(key)
        if not isinstance(node, MappingNode):
            raise self.wrong(key, NO_NAMES, node)
        return MappingKeys(node, self._place(key))

    def each(self, key: str) -> dict[str, MappingKeys | str]:
        """Mappings or texts by name; none where the key is not there."""
        if not self.has(key):
            return {}
        inner = self.below(key)
        return {
            name: inner.below(name) if isinstance(node, MappingNode) else inner.text(name)
            for name, node in inner.left().items()
        }

    def left(self) -> dict[str, Node]:
        """What nobody took yet, by name."""
        return dict(self._left)

    def end(self) -> None:
        """Refuse what nobody took."""
        for name in self.left():
            problem = UNKNOWN.filled(suggestion(name, self._known))
            raise WrongMapping(problem, self._line(name), self._place(name))

    def wrong(self, key: str, problem: Text, node: Node | None = None) -> WrongMapping:
        """What to raise about a key."""
        line = node.start_mark.line + 1 if node else self._line(key)
        return WrongMapping(problem.filled(key=key), line, self._place(key))

    def _take(self, key: str) -> Node:
        return self._left.pop(key)

    def _scalar(self, key: str, node: Node) -> str:
        if not isinstance(node, ScalarNode) or node.tag == NULL:
            raise self.wrong(key, NO_TEXT, node)
        return str(node.value)

    def _line(self, key: str) -> int:
        return self._lines.get(key, self.line)

    def _place(self, key: str) -> str:
        return f"{self.path}.{key}".removeprefix(".")


def keys_of(text: str) -> MappingKeys:
    """The keys at the top of a mapping file; every scalar stays the text that the file has."""
    try:
        node = YAML().compose(text)
    except (YAMLError, ValueError, OverflowError, RecursionError) as error:
        mark = error.problem_mark if isinstance(error, MarkedYAMLError) else None
        said = getattr(error, "problem", None) or type(error).__name__
        raise WrongMapping(same(str(said)), mark.line + 1 if mark else 1) from error
    if not isinstance(node, MappingNode):
        raise WrongMapping(NO_NAMES.filled(key="sources, targets"), 1)
    return MappingKeys(node)
