"""`bus sharing`."""

from __future__ import annotations

import getpass
from collections.abc import Iterable

import click

from bus.config import Settings
from bus.core.sharing import CHANGE_WORDS
from bus.core.text import Language, visible
from bus.edge.cli import spoken
from bus.edge.cli.client import carry_out
from bus.edge.cli.options import json_option, print_json, print_table, with_settings
from bus.edge.verbs.sharing import (
    ACTIVATE,
    GROUPS,
    PREVIEW,
    STOP,
    ActivateIn,
    GroupIn,
    GroupOut,
    ListGroupsIn,
    MemberOut,
    PreviewOut,
    StopIn,
)
from bus.edge.words.sharing import FATE_WORDS, HOW_WORDS, say
from bus.edge.words.times import time_of


@spoken.group("sharing")
def command() -> None:
    """Groups of applications that share registers."""


@command.command(name="list", path="sharing list")
@json_option
@with_settings("journal", "routes", "contracts")
def show(settings: Settings, as_json: bool) -> None:
    """Show the groups, what each application may, and how it stands."""
    told = carry_out(settings, GROUPS, ListGroupsIn())
    if as_json:
        for one in told.groups:
            print_json(one.model_dump())
        return
    if not told.groups:
        click.echo(say("none", settings.language))
    for one in told.groups:
        _show_group(one, settings.language)


@command.command(name="preview", path="sharing preview")
@spoken.argument("group")
@json_option
@with_settings("journal", "routes", "contracts")
def preview(settings: Settings, group: str, as_json: bool) -> None:
    """Show what activating a group would do; nothing is changed."""
    told = carry_out(settings, PREVIEW, GroupIn(group=group))
    if as_json:
        print_json(told.model_dump())
    else:
        _show_preview(told, settings.language)


@command.command(name="activate", path="sharing activate")
@spoken.argument("group")
@spoken.option("--confirm", "confirmed", required=True, metavar="CODE")
@json_option
@with_settings("journal", "routes", "contracts")
def activate(settings: Settings, group: str, confirmed: str, as_json: bool) -> None:
    """Activate a group, as its preview says; run again, an interrupted activation goes on."""
    asked = ActivateIn(group=group, confirm=confirmed, actor=getpass.getuser())
    done = carry_out(settings, ACTIVATE, asked)
    if as_json:
        print_json(done.model_dump())
    else:
        click.echo(visible(say("activated", settings.language, group=group, **done.model_dump())))


@command.command(name="stop", path="sharing stop")
@spoken.argument("group")
@spoken.argument("application", required=False, default="")
@spoken.option("--queued", required=True, type=click.Choice(["cancel", "drain"]))
@json_option
@with_settings("journal", "routes", "contracts")
def stop(settings: Settings, group: str, application: str, queued: str, as_json: bool) -> None:
    """Stop one application of a group, or all; their registers stay as they are."""
    asked = StopIn.model_validate(
        {
            "group": group,
            "application": application,
            "queued": queued,
            "actor": getpass.getuser(),
        }
    )
    done = carry_out(settings, STOP, asked)
    if as_json:
        print_json(done.model_dump())
    else:
        click.echo(say("stopped", settings.language, **done.model_dump()))


# -- in words --------------------------------------------------------------------------------------


def _show_group(one: GroupOut, language: Language) -> None:
    click.echo(visible(say("group", language, group=one.group, entities=", ".join(one.entities))))
    heading = tuple(say(word, language) for word in ("application", "may", "stands", "since", "by"))
    print_table([heading, *(_member(each, language) for each in one.members)])


def _member(one: MemberOut, language: Language) -> tuple[str, ...]:
    may = ", ".join(CHANGE_WORDS[each].told(language) for each in one.may)
    since = time_of(one.at) if one.at else ""
    how = HOW_WORDS[one.how].told(language)
    return one.application, may or say("nothing", language), how, since, one.by


def _show_preview(told: PreviewOut, language: Language) -> None:
    if not told.counts:
        click.echo(say("empty", language))
    else:
        _table(
            language,
            ("application", "entity", "count", "fate"),
            (
                (one.application, one.entity, str(one.count), FATE_WORDS[one.fate].told(language))
                for one in told.counts
            ),
        )
        _table(
            language,
            ("application", "entity", "id", "there", "match", "fate", "name"),
            (
                (
                    *(one.application, one.entity, one.id, one.there, one.match),
                    *(FATE_WORDS[one.fate].told(language), one.name),
                )
                for one in told.registers
            ),
        )
    click.echo(visible(say("warning", language, group=told.group, hash=told.hash)))


def _table(language: Language, words: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> None:
    print_table([tuple(say(word, language) for word in words), *rows])
