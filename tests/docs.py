"""Writes the documents that come from code: `python -m tests.docs`, or `--check` whether they are fresh."""

from __future__ import annotations

import builtins
import sys
import types
import typing
from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import Enum
from pathlib import Path
from typing import Any, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from bus.config.application_keys import (
    ApplicationKeys,
    CredentialsKeys,
    ErrorTextKeys,
    IdentityKeys,
    LimitKeys,
    ThrottleKeys,
)
from bus.config.broker_keys import BrokerKeys
from bus.config.effect_keys import EffectKeys
from bus.config.route_keys import RetryKeys, RouteKeys, SharedIdsKeys
from bus.config.settings import PREFIX, Settings
from bus.config.sharing_keys import SharingKeys
from bus.core.decide import RULES, Rule
from bus.core.delivery import DELIVERY_TRANSITIONS, ENDED, STATE_TEXTS, Reason, State
from bus.core.profile import Profile
from bus.edge.cli.adapters.template import files_of
from bus.profiles import profile_named

DOCS = Path(__file__).resolve().parents[1] / "docs"
UNITS = {
    "duration": {"d": 86400, "h": 3600, "m": 60, "s": 1},
    "size": {"TB": 1024**4, "GB": 1024**3, "MB": 1024**2, "KB": 1024},
}
"""The units of a kind of number, the largest first."""
YES_OR_NO: Mapping[object, str] = {True: "true", False: "false"}
"""As YAML writes them."""

SECTIONS: list[tuple[str, str, type[BaseModel]]] = [
    ("`applications.<name>`", "One installed system that sends or receives.", ApplicationKeys),
    (
        "`login` and `credentials`",
        "What an application presents to the bus, and what the bus presents to it.",
        CredentialsKeys,
    ),
    ("`identity`", "What makes two messages of an application the same message.", IdentityKeys),
    ("`routes.<name>`", "A rule: these transactions from here go there.", RouteKeys),
    (
        "`error_texts`",
        "What one of its error texts means, where neither its product nor its adapter knows it.",
        ErrorTextKeys,
    ),
    (
        "`limits`",
        "What it can hold of an element. With nothing in it, a limit of its product does not hold.",
        LimitKeys,
    ),
    (
        "`each_transaction`",
        "What an application is sent at most of each transaction by itself.",
        ThrottleKeys,
    ),
    (
        "`effect`",
        "A question, and what its answer must show; [OK is not effect](operate.md) tells more.",
        EffectKeys,
    ),
    ("`retry`", "When a delivery is tried again, and when the bus gives up.", RetryKeys),
    (
        "`broker`",
        "A message broker from which the bus takes messages; [AMQP](amqp.md) tells more.",
        BrokerKeys,
    ),
    (
        "`shared_ids`",
        "A list of rules: applications that share their ids of an entity.",
        SharedIdsKeys,
    ),
    (
        "`sharing.<name>`",
        "A group of applications that share registers; [sharing](sharing.md) tells more.",
        SharingKeys,
    ),
]

INTRODUCTION = f"""\
# Configuration

This page is written from the code by `make docs`.

## Settings

How one installation runs. Each is a variable of the environment, and an option of the commands that
use it: `{PREFIX}LOG_LEVEL` is `--log-level`. An option goes before the environment.
"""

ROUTES = """\
## routes.yaml

What flows where. `bus routes check FILE` tells every mistake of a file at once (of the values of one adapter's options the first), with its line, its key
and the nearest valid name, and shows the routes when all is right. The file has the keys
`applications` and `routes`, each with entries under a name of up to 31 lower-case letters, digits
and hyphens, and may have the list `shared_ids`, the groups of `sharing` and the keys of a `broker`.

A **duration** is a number of seconds, or a number with its unit: `250ms`, `30s`, `5m`, `1h`, `3d`. A
**rate** is so many in any stretch of a time: `5 a second`, `240 a minute`, `900 an hour`, `9000 a day`. A
**secret** is never written in the file, but says where it is kept: `{env: NAME}` or `{file: PATH}`.
Anchors (`&name`, `*name`) may be used; a quoted and an unquoted text are the same, so that a version
`2.010` keeps its zero.

A message takes every route that fits it; where two name the same destination, the first counts.
"""


PRODUCTS = """\
## Products

What an application does not say in routes.yaml is as the *profile* of its `product` has it: who
translates, how far ids reach, which of several ids one is, how the ids of others are kept, error
texts that are understood, versions of messages, and what must be set up there. `bus adapters
products` lists the products that are described, and `bus adapters products NAME` tells all of one,
its prerequisites too. What the file says always counts. For a product without a profile the bus
translates the ids, which reach as far as a branch. A package may describe another one:
[write an adapter](write-an-adapter.md#a-product-of-your-own).

Those that ship:
"""

SHIPPED = ("datasul", "logix", "protheus", "rm")
"""Not those of packages that happen to be installed here."""


def main() -> None:
    """Write the documents, or tell which are stale."""
    check = sys.argv[1:] == ["--check"]
    stale = [path for path, text in documents() if read(path) != text]
    if check and stale:
        names = ", ".join(f"docs/{path.name}" for path in stale)
        sys.exit(f"Not as the code has it: {names}. Mend it with: make docs")
    for path, text in documents():
        path.write_text(text, "utf-8")


def documents() -> Iterator[tuple[Path, str]]:
    """Each document that has something generated, with the text it should have."""
    yield DOCS / "configuration.md", configuration()
    yield DOCS / "write-an-adapter.md", adapter_guide()
    life = DOCS / "life-of-a-message.md"
    if life.exists():
        text = marked(read(life), "decisions", decisions())
        yield life, marked(text, "delivery", life_of_a_delivery())


def read(path: Path) -> str:
    """The text of a document, empty where it does not exist."""
    return path.read_text("utf-8") if path.exists() else ""


def marked(document: str, part: str, generated: str) -> str:
    """A document with what is between the markers of a part replaced."""
    begin, end = f"<!-- begin: {part} -->", f"<!-- end: {part} -->"
    before, opened, rest = document.partition(begin)
    _, closed, after = rest.partition(end)
    if not opened or not closed:
        sys.exit(f"A document lacks the markers {begin} and {end}.")
    return f"{before}{begin}\n\n{generated}\n{end}{after}"


# -- decisions -------------------------------------------------------------------------------------


def decisions() -> str:
    """The table by which everything is decided about a delivery."""
    rows = [
        (
            rule.happened.value,
            rule.when.words,
            rule.step.value,
            states_after(rule),
            "its fault" if rule.reason is Reason.FAULT else f"`{rule.reason}`".replace("``", ""),
        )
        for rule in RULES
    ]
    return table(("what happened", "if", "step", "state", "why"), rows)


def states_after(rule: Rule) -> str:
    """Where a rule's step leads, from any state that has it."""
    found = {
        states[rule.step].value for states in DELIVERY_TRANSITIONS.values() if rule.step in states
    }
    return " or ".join(sorted(found))


# -- configuration ---------------------------------------------------------------------------------


def configuration() -> str:
    """The page of settings and keys."""
    parts = [INTRODUCTION, settings(), ROUTES]
    for title, meaning, model in SECTIONS:
        parts += [f"### {title}\n\n{meaning}\n", keys(model)]
    return "\n".join([*parts, PRODUCTS, products()])


def products() -> str:
    """The table of what the profiles that ship set."""
    profiles = [profile_named(name) for name in SHIPPED]
    heading = ("product", "`de_para`", "`id_scope`", "`qualifiers`", "ids of others", "versions")
    return table(heading, [habits(profile) for profile in profiles])


def habits(profile: Profile) -> tuple[str, ...]:
    """The row of a product."""
    ends = "<br>".join(
        f"`{entity}: {{{', '.join(f'{end}: {which}' for end, which in of.items())}}}`"
        for entity, of in profile.qualifiers.items()
    )
    kept = profile.id_limits.longest
    speaks = [f"{one.transaction} {one.version} from {one.since}" for one in profile.releases]
    return (
        f"`{profile.product}`",
        f"`{profile.de_para}`",
        f"`{profile.id_scope}`",
        ends,
        f"{kept} characters" if kept else "",
        "<br>".join(speaks),
    )


def settings() -> str:
    """The table of settings."""
    rows = [
        (f"`{PREFIX}{name.upper()}`", *told(field)) for name, field in Settings.model_fields.items()
    ]
    return table(("variable", "meaning", "type", "default", "example"), rows)


def keys(model: type[BaseModel]) -> str:
    """The table of a model's keys."""
    rows = [
        (f"`{field.alias or name}`", *told(field)) for name, field in model.model_fields.items()
    ]
    return table(("key", "meaning", "type", "default", "example"), rows)


def told(field: FieldInfo) -> tuple[str, str, str, str]:
    """Meaning, type, default and example of a key or setting."""
    examples = "<br>".join(f"`{example}`" for example in field.examples or ())
    return field.description or "", kind(field), default(field), examples


def kind(field: FieldInfo) -> str:
    """The type of a key, in words."""
    names = [one for one in field.metadata if isinstance(one, str)]
    return names[0] if names else in_words(field.annotation)


def in_words(annotation: Any) -> str:
    """A type, in words."""
    arguments = get_args(annotation)
    if hasattr(annotation, "__metadata__"):
        names = [one for one in annotation.__metadata__ if isinstance(one, str)]
        return names[0] if names else in_words(arguments[0])
    match get_origin(annotation):
        case typing.Literal:
            return choice(arguments)
        case typing.Union | types.UnionType:
            return in_words(next(one for one in arguments if one is not type(None)))
        case builtins.tuple:
            return f"list: {in_words(arguments[0])}"
        case builtins.dict:
            return "mapping"
    return in_a_word(annotation)


def in_a_word(plain: type) -> str:
    """A class, in words."""
    if issubclass(plain, Enum):
        return choice(one.value for one in plain)
    if issubclass(plain, BaseModel):
        return "mapping, see below"
    return {int: "whole number", float: "number", bool: "`true` or `false`"}.get(plain, "text")


def choice(values: Iterable[str]) -> str:
    """Values of which one is to be chosen."""
    return " or ".join(f"`{one}`" for one in values)


def default(field: FieldInfo) -> str:
    """The default of a key, as it would be written; empty where there is none."""
    if field.is_required():
        return "required"
    match field.get_default(call_default_factory=True):
        case None | "" | () | {} | BaseModel():
            return ""
        case tuple() as values:
            return f"`[{', '.join(values)}]`"
        case Enum() as chosen:
            return f"`{chosen.value}`"
        case int() | float() as number if not isinstance(number, bool):
            return f"`{number_with_unit(number, UNITS.get(kind(field), {}))}`"
        case value:
            return f"`{YES_OR_NO.get(value, value)}`"


def number_with_unit(number: float, units: Mapping[str, int]) -> str:
    """A number in the largest unit of which it is a multiple."""
    for unit, size in units.items():
        if number % size == 0:
            return f"{number / size:g}{unit}"
    return f"{number:g}"


# -- the life of a delivery ------------------------------------------------------------------------


def life_of_a_delivery() -> str:
    """The diagram of states, from the table of transitions, and what each state is called."""
    rows = [
        (
            state.value,
            STATE_TEXTS[state].name.pt,
            STATE_TEXTS[state].meaning.pt,
            STATE_TEXTS[state].meaning.en,
        )
        for state in State
    ]
    return f"{diagram()}\n{table(('state', 'Portuguese', 'significado', 'meaning'), rows)}"


def diagram() -> str:
    """The states and steps as a Mermaid diagram."""
    lines = ["```mermaid", "stateDiagram-v2"]
    lines += [f'    state "{state.value}" as {identifier(state)}' for state in State]
    lines += [f"    [*] --> {identifier(State.WAITING)}", f"    [*] --> {identifier(State.HELD)}"]
    for state, steps in DELIVERY_TRANSITIONS.items():
        lines += [
            f"    {identifier(state)} --> {identifier(after)}: {step.value}"
            for step, after in steps.items()
        ]
    ends = [state for state in State if not DELIVERY_TRANSITIONS[state] and state in ENDED]
    lines += [f"    {identifier(state)} --> [*]" for state in ends]
    return "\n".join([*lines, "```", ""])


def identifier(state: State) -> str:
    """The name of a state in the diagram."""
    return state.value.replace(" ", "_").replace("-", "")


# -- write an adapter ------------------------------------------------------------------------------


def adapter_guide() -> str:
    """The guide, with the files that `bus adapters new` writes."""
    guide = read(DOCS / "write-an-adapter.md")
    for path, text in files_of("folder-drop").items():
        language = {".py": "python", ".toml": "toml", ".md": "markdown"}[Path(path).suffix]
        guide = marked(guide, path, f"`{path}`:\n\n````{language}\n{text}````\n")
    return guide


# -- tables ----------------------------------------------------------------------------------------


def table(heading: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    """A Markdown table."""
    lines = [heading, tuple("---" for _ in heading), *rows]
    shown = (" | ".join(cell.replace("|", "\\|") for cell in row) for row in lines)
    return "\n".join(f"| {row} |" for row in shown) + "\n"


if __name__ == "__main__":
    main()
