"""`bus reconcile`."""

from __future__ import annotations

import getpass
from collections.abc import Iterator

import click

from bus.config import Settings
from bus.core.text import Language, visible
from bus.edge.cli import spoken
from bus.edge.cli.client import carry_out
from bus.edge.cli.faults import REFUSED
from bus.edge.cli.messages import moment
from bus.edge.cli.options import json_option, print_json, print_table, with_settings
from bus.edge.faults import fault_to_dict
from bus.edge.verbs.effects import RECONCILE, OpenEffectOut, ReconciledOut, ReconcileIn
from bus.edge.words.command_line import EFFECT_WORDS, OWNER_WORDS, say
from bus.edge.words.times import time_of


@spoken.command("reconcile")
@spoken.option("--since", required=True, callback=moment, metavar="TIME")
@spoken.option("--until", default="", callback=moment, metavar="TIME")
@spoken.option("--transaction", default="")
@spoken.option("--to", "application", default="")
@spoken.option("--route", default="")
@spoken.option("--limit", type=click.IntRange(1, 100_000), default=1000, metavar="N")
@json_option
@with_settings("journal", "routes", "contracts")
def command(settings: Settings, as_json: bool, **chosen: str | int) -> None:
    """Ask destinations whether they show what they said OK to; nothing is sent again.

    Exit code 1 where an effect is absent or could not be checked.
    """
    asked = ReconcileIn.model_validate({**chosen, "actor": getpass.getuser()})
    found = carry_out(settings, RECONCILE, asked)
    if as_json:
        print_json(_as_json(found, settings.language))
    else:
        _show(found, settings.language)
    if found.open:
        raise SystemExit(REFUSED)


def _show(found: ReconciledOut, language: Language) -> None:
    if found.counts:
        names = ("application", "route", "transaction", "confirmed", "absent", "not_checkable")
        heading = tuple(say(f"effects_{name}", language) for name in names)
        rows = [tuple(str(getattr(one, name)) for name in names) for one in found.counts]
        print_table([heading, *rows])
    else:
        click.echo(say("effects_none", language))
    for one in found.open:
        click.echo("\n".join(map(visible, _lines(one, language))))
    for word in ("undeclared", "unasked"):
        if count := getattr(found, word):
            click.echo(say(f"effects_{word}", language, count=count))


def _lines(one: OpenEffectOut, language: Language) -> Iterator[str]:
    effect = EFFECT_WORDS[one.effect].told(language)
    when = time_of(one.received_at)
    yield f"{effect}: {one.message}  {when}  {one.transaction} → {one.application}"
    fault = one.fault.fault()
    yield f"  {fault.reason(language)}"
    owner = fault.detail("owner") or OWNER_WORDS[fault.owner].told(language)
    yield f"  {say('mends', language, owner=owner, place=fault.code)}"
    yield f"  → {fault.remedy(language)}"


def _as_json(found: ReconciledOut, language: Language) -> dict[str, object]:
    def told(one: OpenEffectOut) -> dict[str, object]:
        fault = one.fault.fault()
        plain = one.model_dump(exclude={"fault"})
        owner, why = fault.detail("owner"), fault.detail("why")
        return {**plain, "owner": owner, "why": why, "fault": fault_to_dict(fault, language)}

    return {**found.model_dump(exclude={"open"}), "open": [told(one) for one in found.open]}
