"""`bus depara set`."""

from __future__ import annotations

import getpass

import click

from bus.config import Settings
from bus.core.errors import Fault, SenderFault
from bus.core.text import Language
from bus.edge.cli import spoken
from bus.edge.cli.client import carry_out
from bus.edge.cli.depara.reading import entity_argument, id_argument, id_given
from bus.edge.cli.options import json_option, print_json, reason_option, with_settings
from bus.edge.verbs.depara import CHANGE, ChangeIn, ChangeOut, IdIn, PairIn, PartIn
from bus.edge.words.depara import VERDICT_WORDS, say


@spoken.command("depara set")
@entity_argument
@id_argument
@spoken.argument("other", metavar="OTHER:ID", callback=id_given, required=False)
@spoken.option("--remove", is_flag=True)
@spoken.option("--scope", default="")
@spoken.option("--qualifier", default="")
@spoken.option("--other-scope", default="")
@spoken.option("--other-qualifier", default="")
@spoken.option("--replace", is_flag=True)
@reason_option
@json_option
@with_settings("journal", "routes")
def command(
    settings: Settings,
    entity: str,
    id_: tuple[str, str],
    other: tuple[str, str] | None,
    remove: bool,
    scope: str,
    qualifier: str,
    other_scope: str,
    other_qualifier: str,
    replace: bool,
    reason: str,
    as_json: bool,
) -> None:
    """Say that two ids name the same thing, or take an id away with --remove.

    What waited for it goes on. Exit code 1 where something stands against it.
    """
    if remove == (other is not None):
        raise click.UsageError(spoken.usage("other"))
    one = IdIn(application=id_[0], id=id_[1], scope=scope, qualifier=qualifier)
    wanted = ChangeIn(actor=getpass.getuser(), reason=reason, replace=replace)
    if other is None:
        part = PartIn(entity=entity, application=id_[0], id=id_[1], scope=scope)
        wanted = wanted.model_copy(update={"parts": [part]})
    else:
        second = IdIn(
            application=other[0], id=other[1], scope=other_scope, qualifier=other_qualifier
        )
        wanted = wanted.model_copy(update={"pairs": [PairIn(entity=entity, one=one, other=second)]})
    done = carry_out(settings, CHANGE, wanted)
    _refuse(wanted, done)
    if as_json:
        print_json(done.model_dump())
    else:
        _show(wanted, done, settings.language)


def _refuse(wanted: ChangeIn, done: ChangeOut) -> None:
    for pair, came in zip(wanted.pairs, done.pairs, strict=True):
        if came.verdict == "conflict":
            against = ", ".join(f"{one.application}:{one.id}" for one in came.against)
            details = {"id": written(pair), "against": against}
            raise SenderFault(Fault("PAIR_CONFLICT", details=details))
    if wanted.parts and not done.closed:
        part = wanted.parts[0]
        details = {"entity": part.entity, "id": f"{part.application}:{part.id}", "others": ""}
        raise SenderFault(Fault("PAIR_UNKNOWN", details=details))


def written(pair: PairIn) -> str:
    """A pair as people write it."""
    one, other = pair.one, pair.other
    return f"{pair.entity} {one.application}:{one.id} = {other.application}:{other.id}"


def _show(wanted: ChangeIn, done: ChangeOut, language: Language) -> None:
    for pair, came in zip(wanted.pairs, done.pairs, strict=True):
        verdict = VERDICT_WORDS[came.verdict].told(language)
        click.echo(say("joined", language, pair=written(pair), verdict=verdict))
    for one in done.closed:
        click.echo(say("closed", language, entity=one.entity, id=f"{one.application}:{one.id}"))
    show_change(done, language)


def show_change(done: ChangeOut, language: Language) -> None:
    """The number of a change, and who goes on because of it."""
    if done.change:
        click.echo(say("recorded", language, number=done.change))
    else:
        click.echo(say("unrecorded", language))
    if done.woken:
        click.echo(say("woken", language, count=done.woken))
