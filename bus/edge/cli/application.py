"""`bus application`."""

from __future__ import annotations

import getpass

import click

from bus.config import Settings
from bus.core.text import Language, visible
from bus.edge.cli import spoken
from bus.edge.cli.client import carry_out
from bus.edge.cli.faults import REFUSED
from bus.edge.cli.options import json_option, print_json, print_table, with_settings
from bus.edge.verbs.application import (
    ACTIVATE_APPLICATION,
    DEACTIVATE_APPLICATION,
    PREVIEW_APPLICATION,
    ActivateApplicationIn,
    ApplicationPreviewOut,
    DeactivateApplicationIn,
    PreviewApplicationIn,
)
from bus.edge.verbs.diagnose import FindingOut
from bus.edge.words.application import say
from bus.edge.words.times import time_of


@spoken.group("application")
def command() -> None:
    """Applications that a person puts in force."""


@command.command(name="preview", path="application preview")
@spoken.argument("application")
@json_option
@with_settings("journal", "routes", "contracts")
def preview(settings: Settings, application: str, as_json: bool) -> None:
    """Show what would be put in force, and what is missing; exit code 1 where anything is."""
    told = carry_out(settings, PREVIEW_APPLICATION, PreviewApplicationIn(application=application))
    if as_json:
        print_json(told.model_dump())
    else:
        _show(told, settings.language)
    if told.missing:
        raise SystemExit(REFUSED)


@command.command(name="activate", path="application activate")
@spoken.argument("application")
@spoken.option("--confirm", "confirmed", required=True, metavar="CODE")
@json_option
@with_settings("journal", "routes", "contracts")
def activate(settings: Settings, application: str, confirmed: str, as_json: bool) -> None:
    """Put an application in force, as its preview shows it."""
    asked = ActivateApplicationIn(
        application=application, confirm=confirmed, actor=getpass.getuser()
    )
    done = carry_out(settings, ACTIVATE_APPLICATION, asked)
    if as_json:
        print_json(done.model_dump())
    else:
        click.echo(visible(say("activated", settings.language, application=done.application)))


@command.command(name="deactivate", path="application deactivate")
@spoken.argument("application")
@json_option
@with_settings("journal", "routes", "contracts")
def deactivate(settings: Settings, application: str, as_json: bool) -> None:
    """Take an application out of force, at once."""
    asked = DeactivateApplicationIn(application=application, actor=getpass.getuser())
    done = carry_out(settings, DEACTIVATE_APPLICATION, asked)
    if as_json:
        print_json(done.model_dump())
        return
    word = "deactivated" if done.was_active else "was_not"
    click.echo(visible(say(word, settings.language, application=done.application)))


# -- in words --------------------------------------------------------------------------------------


def _show(told: ApplicationPreviewOut, language: Language) -> None:
    word = "not_in_force" if told.fault else "in_force"
    name, at = told.application, time_of(told.at) if told.at else ""
    click.echo(visible(say(word, language, application=name, by=told.by, at=at)))
    heading = (say("setting", language), say("value", language))
    print_table([heading, *((one.name, one.value) for one in told.settings)])
    words = ("route", "sender", "readers", "transactions")
    routes = (
        (one.route, one.sender, ", ".join(one.readers), ", ".join(one.transactions))
        for one in told.routes
    )
    print_table([tuple(say(each, language) for each in words), *routes])
    if told.waiting:
        click.echo(say("waiting", language, count=told.waiting))
    for one in told.missing:
        _show_missing(one, language)
    click.echo(visible(say("confirm", language, application=name, hash=told.hash)))


def _show_missing(one: FindingOut, language: Language) -> None:
    fault = one.finding().fault
    reason = fault.reason(language) if fault else say("unsaid", language)
    click.echo(visible(say("missing", language, reason=reason)))
    if fault:
        click.echo(visible(say("remedy", language, remedy=fault.remedy(language))))
