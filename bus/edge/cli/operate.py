"""What a person does to a message: `bus replay`, `settle`, `block`, `unblock`, `discard`."""

from __future__ import annotations

import getpass
from collections.abc import Callable

import click

from bus.config import Settings
from bus.core.text import visible
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
from bus.edge.verbs.messages import (
    BLOCK,
    DISCARD,
    REPLAY,
    SETTLE,
    UNBLOCK,
    OperationIn,
    OperationOut,
    ReplayIn,
    SettleIn,
)
from bus.edge.verbs.verb import Verb
from bus.edge.words.command_line import say, state_in


def _said(context: click.Context, parameter: click.Parameter, value: str) -> str:
    if not value.strip():
        raise click.MissingParameter(ctx=context, param=parameter)
    return value


why_at_all_costs = spoken.option("--reason", required=True, callback=_said)
"""Why a person acts, where nobody could tell it later."""


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
        _show(settings, carry_out(settings, verb, asked), as_json)

    return command


block = _command("block", BLOCK)
unblock = _command("unblock", UNBLOCK)
discard = _command("discard", DISCARD, why_at_all_costs)


@spoken.command("replay")
@message_argument
@number_option
@reason_option
@spoken.option("--overwrite", is_flag=True)
@json_option
@with_settings("journal", "routes")
def replay(
    settings: Settings, message: str, number: int, reason: str, overwrite: bool, as_json: bool
) -> None:
    """Send again what stopped."""
    asked = ReplayIn(
        message=message,
        number=number,
        actor=getpass.getuser(),
        reason=reason,
        overwrite=overwrite,
    )
    _show(settings, carry_out(settings, REPLAY, asked), as_json)


@spoken.command("settle")
@message_argument
@number_option
@spoken.option("--done", is_flag=True)
@spoken.option("--not-done", is_flag=True)
@spoken.option("--id", "id_", default="")
@why_at_all_costs
@json_option
@with_settings("journal", "routes")
def settle(
    settings: Settings,
    message: str,
    number: int,
    done: bool,
    not_done: bool,
    id_: str,
    reason: str,
    as_json: bool,
) -> None:
    """Say what became of what nobody knows."""
    if done is not_done:
        raise click.UsageError(spoken.usage("done"))
    if not_done and id_:
        raise click.UsageError(spoken.usage("id_of_done"))
    asked = SettleIn(
        message=message,
        number=number,
        actor=getpass.getuser(),
        reason=reason,
        done=done,
        id=id_,
    )
    _show(settings, carry_out(settings, SETTLE, asked), as_json)


def _show(settings: Settings, done: OperationOut, as_json: bool) -> None:
    if as_json:
        print_json(done.model_dump())
        return
    click.echo(say("done", settings.language, message=done.message))
    for row in done.moved:
        click.echo(f"  {row.number} → {row.application}: {state_in(row.state, settings.language)}")
    for fault in (one.fault() for one in done.faults):
        click.echo(f"  {visible(fault.reason(settings.language))}")
        click.echo(f"  → {visible(fault.remedy(settings.language))}")
