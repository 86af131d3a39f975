"""`bus load-from`."""

from __future__ import annotations

import asyncio
import getpass

import click

from bus.config import Settings
from bus.core.errors import RETRY_AFTER, BusFault, Fault, ReceiverFault
from bus.core.journal_address import shown
from bus.edge.cli import spoken
from bus.edge.cli.client import running_client
from bus.edge.cli.faults import REFUSED, labelled
from bus.edge.cli.options import json_option, print_json, with_settings
from bus.edge.verbs.load import LOAD_REGISTER, LoadRegisterIn, LoadRegisterOut
from bus.edge.words.load import say

LOOK = 5
"""Seconds until an application that was busy is asked again."""


@spoken.command("load-from")
@spoken.argument("application")
@spoken.argument("transaction")
@spoken.option("--yes", is_flag=True)
@json_option
@with_settings("journal")
def command(
    settings: Settings, application: str, transaction: str, yes: bool, as_json: bool
) -> None:
    """Read a register of an application from its beginning, and take it in.

    Where it was broken off, the same command goes on.
    """
    asked = LoadRegisterIn(
        application=application, transaction=transaction, actor=getpass.getuser(), yes=yes
    )
    done = asyncio.run(_load(settings, asked))
    if as_json:
        print_json(done.model_dump())
    else:
        click.echo(say("loaded_from", settings.language, **done.model_dump()))
    if done.rejected:
        raise SystemExit(REFUSED)


async def _load(settings: Settings, asked: LoadRegisterIn) -> LoadRegisterOut:
    """Page by page to the end; one that is busy is asked again after the seconds that it tells."""
    language, told = settings.language, False
    while True:
        try:
            done = await _page(settings, asked)
        except ReceiverFault as busy:
            if busy.fault.code != "BUSY":
                raise
            seconds = busy.fault.detail(RETRY_AFTER)
            if seconds or not told:
                click.echo(labelled(busy.fault, language), err=True)
                click.echo(say("waits", language, seconds=seconds or LOOK), err=True)
            told = True
            await asyncio.sleep(float(seconds or LOOK))
            continue
        if done.ended:
            return done
        click.echo(say("passed", language, **done.model_dump()), err=True)


async def _page(settings: Settings, asked: LoadRegisterIn) -> LoadRegisterOut:
    """The next page, over a connection of its own: a bus closes one on which nothing is said."""
    with running_client(settings) as client:
        if client is None:
            raise BusFault(Fault("LOAD_NEEDS_BUS", details={"path": shown(settings.journal)}))
        return await client.ask(LOAD_REGISTER, asked)
