"""`bus load-from`."""

from __future__ import annotations

import asyncio
import getpass

import click

from bus.config import Settings
from bus.core.errors import BusFault, Fault, ReceiverFault
from bus.core.journal_address import shown
from bus.core.text import Language
from bus.edge.cli import spoken
from bus.edge.cli.client import Client, running_client
from bus.edge.cli.faults import REFUSED, labelled
from bus.edge.cli.options import json_option, print_json, with_settings
from bus.edge.verbs.load import LOAD_REGISTER, LoadRegisterIn, LoadRegisterOut
from bus.edge.words.load import say

LOOK = 5.0
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
    with running_client(settings) as client:
        if client is None:
            raise BusFault(Fault("LOAD_NEEDS_BUS", details={"path": shown(settings.journal)}))
        done = asyncio.run(_load(client, asked, settings.language))
    if as_json:
        print_json(done.model_dump())
    else:
        click.echo(say("loaded_from", settings.language, **done.model_dump()))
    if done.rejected:
        raise SystemExit(REFUSED)


async def _load(client: Client, asked: LoadRegisterIn, language: Language) -> LoadRegisterOut:
    """Page by page to the end; one that is busy is asked again."""
    told = False
    while True:
        try:
            done = await client.ask(LOAD_REGISTER, asked)
        except ReceiverFault as busy:
            if busy.fault.code != "BUSY":
                raise
            if not told:
                click.echo(labelled(busy.fault, language), err=True)
            told = True
            await asyncio.sleep(LOOK)
            continue
        if done.ended:
            return done
        click.echo(say("passed", language, **done.model_dump()), err=True)
