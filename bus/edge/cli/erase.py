"""`bus erase`: what messages say of somebody is erased (LGPD)."""

from __future__ import annotations

import getpass

import click

from bus.config import Settings
from bus.edge.cli import spoken
from bus.edge.cli.client import carry_out
from bus.edge.cli.operate import why_at_all_costs
from bus.edge.cli.options import json_option, print_json, with_settings
from bus.edge.verbs.erase import ERASE, EraseIn
from bus.edge.words.command_line import say


@spoken.command("erase")
@spoken.argument("messages", metavar="[ID]...", nargs=-1)
@spoken.option("--key", default="")
@spoken.option("--holding", default="")
@spoken.option("--by", default="", metavar="NAME")
@why_at_all_costs
@spoken.option("--dry-run", is_flag=True)
@json_option
@with_settings("journal", "routes")
def command(
    settings: Settings,
    messages: tuple[str, ...],
    key: str,
    holding: str,
    by: str,
    reason: str,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Erase the contents of messages; that they came, and what became of them, stays."""
    asked = EraseIn(
        messages=messages,
        key=key,
        holding=holding,
        actor=by.strip() or getpass.getuser(),
        reason=reason,
        dry=dry_run,
    )
    done = carry_out(settings, ERASE, asked, existing=True)
    if as_json:
        print_json({"dry_run": dry_run, **done.model_dump()})
        return
    words = {"erased": "would_erase" if dry_run else "erased"}
    for name, ids in done:
        if ids:
            click.echo(say(words.get(name, f"erase_{name}"), settings.language, count=len(ids)))
            click.echo("\n".join(f"  {id_}" for id_ in ids))
