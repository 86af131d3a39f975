"""Tells refusals on the command line: what, where, and what to do."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import click
from pydantic import ValidationError

from bus.core.errors import BusFault, Fault, Refusal
from bus.core.text import Language, visible
from bus.edge.cli import spoken
from bus.edge.cli.options import print_json, wants_json
from bus.edge.faults import fault_to_dict
from bus.edge.words.command_line import OWNER_WORDS, say

_TYPED = {
    *("application", "other", "rule", "entity", "route", "transaction", "sender", "destination"),
}
"""What was typed on the command line, where no file says so: its text tells what of it is wrong."""
REFUSED = 1
"""The exit code where what was asked for is refused."""
IMPOSSIBLE = 2
"""The exit code where it could not even be tried."""


MOST_LINES = 5
"""Lines that are named where the same is wrong on many."""
OPTIONS = {"actor": "by"}
"""What an option is called, where a verb has another word for it."""


def of_what_was_typed(mistake: ValueError) -> Exception:
    """What to raise where a value does for no verb: of it, by its option; of a defect, itself."""
    if not isinstance(mistake, ValidationError):
        return mistake
    first = mistake.errors()[0]
    longest = first.get("ctx", {}).get("max_length")
    said = spoken.usage("too_long", str(longest)) if longest else spoken.usage("unfit")
    name = str(first["loc"][0]) if first["loc"] else ""
    return click.BadParameter(said, param_hint=f"'--{OPTIONS.get(name, name).replace('_', '-')}'")


def tell_refusal(refusal: Refusal, context: click.Context) -> int:
    """Print a refusal as the command was asked to, and answer its exit code."""
    language = spoken.language()
    if wants_json(context):
        print_json({"errors": [fault_to_dict(fault, language) for fault in refusal.faults]})
    else:
        for fault, others in _once(refusal.faults, language):
            click.echo(in_lines(fault, language, fault.detail("file")), err=True)
            if others:
                click.echo(f"    {_also_on(others, language)}", err=True)
    return IMPOSSIBLE if isinstance(refusal, BusFault) else REFUSED


def _once(faults: Sequence[Fault], language: Language) -> Iterator[tuple[Fault, list[int]]]:
    """Each fault once, with the other lines of which the same is told."""
    lines: dict[str, list[int]] = {}
    first: dict[str, Fault] = {}
    for fault in faults:
        told = in_lines(replace(fault, line=0), language)
        first.setdefault(told, fault)
        lines.setdefault(told, []).append(fault.line)
    for told, fault in first.items():
        yield fault, lines[told][1:]


def _also_on(lines: Sequence[int], language: Language) -> str:
    told = ", ".join(map(str, lines[:MOST_LINES]))
    if more := len(lines) - MOST_LINES:
        told += f" {say('and_more', language, count=more)}" if more > 0 else ""
    return say("also_on", language, lines=told)


def labelled(fault: Fault, language: Language, file: str = "") -> str:
    """A fault in three lines: where and what, its code and who mends it, then the remedy."""
    first, _, remedy = in_lines(fault, language, file).partition("\n")
    owner = OWNER_WORDS[fault.owner].told(language)
    mends = say("mends", language, owner=owner, place=fault.code)
    return f"{first}\n    {mends}\n{remedy}"


def in_lines(fault: Fault, language: Language, file: str = "") -> str:
    """A fault in two lines: where and what, then the remedy."""
    told = "" if file == fault.detail("file") and fault.names("file") else file
    place = ":".join(part for part in (told, str(fault.line or "")) if part)
    path = "" if fault.path in _TYPED and not place else fault.path
    said = ": ".join(part for part in (place, path, fault.reason(language)) if part)
    return f"{visible(said)}\n    → {visible(fault.remedy(language))}"
