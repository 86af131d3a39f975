"""`bus replay`, `bus block`, `bus unblock`, `bus discard`: what a person does to a message."""

from __future__ import annotations

import getpass
from collections.abc import Callable

import click

from bus.config import Settings
from bus.edge.cli import spoken
from bus.edge.cli.client import carry_out
from bus.edge.cli.options import (
    json_option,
    message_argument,
    number_option,
    print_json,
    reason_option,
    with_settings,
)
from bus.edge.verbs.messages import BLOCK, DISCARD, REPLAY, UNBLOCK, OperationIn, OperationOut
from bus.edge.verbs.verb import Verb
from bus.edge.words.command_line import say, state_in

_why_at_all_costs = spoken.option("--reason", required=True)


def _command(
    name: str,
    verb: Verb[OperationIn, OperationOut],
    why: Callable[[Callable[..., None]], Callable[..., None]] = reason_option,
) -> spoken.Command:
    """The command of a verb; `why` is how it asks for the reason."""

    @spoken.command(name)
    @message_argument
    @number_option
    @why
    @json_option
    @with_settings("journal", "routes")
    def command(settings: Settings, message: str, number: int, reason: str, as_json: bool) -> None:
        actor = getpass.getuser()
        asked = OperationIn(message=message, number=number, actor=actor, reason=reason)
        done = carry_out(settings, verb, asked)
        if as_json:
            print_json(done.model_dump())
            return
        click.echo(say("done", settings.language, message=done.message))
        for row in done.moved:
            state = state_in(row.state, settings.language)
            click.echo(f"  {row.number} → {row.application}: {state}")

    return command


replay = _command("replay", REPLAY)
block = _command("block", BLOCK)
unblock = _command("unblock", UNBLOCK)
discard = _command("discard", DISCARD, _why_at_all_costs)
