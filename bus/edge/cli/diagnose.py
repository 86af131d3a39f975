"""`bus diagnose`."""

from __future__ import annotations

from collections.abc import Iterator

import click

from bus.config import Settings
from bus.core.diagnosis import TO_DO, Confirmation, Diagnosis, Finding, Verdict
from bus.core.text import Language, visible
from bus.edge.cli import spoken
from bus.edge.cli.client import carry_out
from bus.edge.cli.faults import REFUSED
from bus.edge.cli.options import json_option, print_json, with_settings
from bus.edge.faults import fault_to_dict
from bus.edge.verbs.diagnose import CONFIRM, DIAGNOSE, ConfirmIn, DiagnoseIn
from bus.edge.words.command_line import OWNER_WORDS
from bus.edge.words.diagnose import ASPECT_WORDS, MEANS_WORDS, VERDICT_WORDS, say
from bus.edge.words.times import time_of


@spoken.command("diagnose")
@spoken.argument("application", required=False, default="")
@spoken.option("--confirm", "confirmed", metavar="RULE", default="")
@spoken.option("--withdraw", "withdrawn", metavar="RULE", default="")
@spoken.option("--by", metavar="NAME", default="")
@spoken.option("--note", default="")
@json_option
@with_settings("journal", "routes", "contracts")
def command(
    settings: Settings,
    application: str,
    confirmed: str,
    withdrawn: str,
    by: str,
    note: str,
    as_json: bool,
) -> None:
    """Show what stands between the applications and messages that flow, and who must mend it.

    Nothing of it has an effect in an application. Exit code 1 where there is something to do.
    """
    rule = confirmed or withdrawn
    if bool(rule) != bool(by.strip()) or (confirmed and withdrawn) or (rule and not application):
        raise click.UsageError(spoken.usage("confirm"))
    if rule:
        asked = ConfirmIn(
            application=application, rule=rule, actor=by, note=note, withdrawn=bool(withdrawn)
        )
        _record(settings, asked, as_json=as_json)
        return
    told = carry_out(settings, DIAGNOSE, DiagnoseIn(application=application))
    found = [one.diagnosis() for one in told.applications]
    for one in found:
        if as_json:
            print_json(_as_json(one, settings.language))
        else:
            click.echo("\n".join(_lines(one, settings.language)))
    if any(one.leaves_work for one in found):
        raise SystemExit(REFUSED)


def _record(settings: Settings, asked: ConfirmIn, *, as_json: bool) -> None:
    said = carry_out(settings, CONFIRM, asked)
    if as_json:
        print_json({**said.model_dump(), "withdrawn": asked.withdrawn})
        return
    word = "taken_back" if asked.withdrawn else "recorded"
    click.echo(visible(say(word, settings.language, **said.model_dump())))


# -- in words --------------------------------------------------------------------------------------


def _lines(one: Diagnosis, language: Language) -> Iterator[str]:
    count = sum(each.verdict in TO_DO for each in one.findings)
    yield say("work" if count else "well", language, application=one.application, count=count)
    width = max(len(words.told(language)) for words in VERDICT_WORDS.values())
    for each in one.findings:
        verdict = VERDICT_WORDS[each.verdict].told(language).ljust(width)
        yield visible(f"  {verdict}  {_title(each, language)}")
        yield from (f"      {visible(line)}" for line in _below(each, language))


def _title(one: Finding, language: Language) -> str:
    """What was checked, by which means, and what was seen."""
    told = f"{ASPECT_WORDS[one.check].told(language)} {one.subject.told(language)}".strip()
    rule = f"{one.rule} " if one.rule else ""
    by = say("by_means", language, means=MEANS_WORDS[one.means].told(language))
    seen = one.seen.told(language)
    return f"{rule}{told} ({by}{'; ' if seen else ''}{seen})"


def _below(one: Finding, language: Language) -> Iterator[str]:
    """What is wrong, what to do, and who; who confirmed it."""
    if one.fault and one.verdict is not Verdict.TO_CONFIRM:
        yield one.fault.reason(language)
    if one.fault:
        yield f"→ {one.fault.remedy(language)}"
    if one.owner:
        yield say("owner", language, owner=OWNER_WORDS[one.owner].told(language))
    if one.confirmation:
        yield _of_confirmation(one.confirmation, language)


def _of_confirmation(said: Confirmation, language: Language) -> str:
    told = say("confirmed", language, by=said.by, at=time_of(said.at))
    return f"{told}: {said.note}" if said.note else told


# -- for programs ----------------------------------------------------------------------------------


def _as_json(one: Diagnosis, language: Language) -> dict[str, object]:
    return {
        "application": one.application,
        "product": one.product,
        "to_do": one.leaves_work,
        "findings": [_finding_as_json(each, language) for each in one.findings],
    }


def _finding_as_json(one: Finding, language: Language) -> dict[str, object]:
    return {
        "check": one.check.value,
        "verdict": one.verdict.value,
        "means": one.means.value,
        "rule": one.rule,
        "subject": one.subject.told(language),
        "seen": one.seen.told(language),
        "fault": fault_to_dict(one.fault, language) if one.fault else None,
        "owner": one.owner.value if one.owner else "",
        "confirmation": one.confirmation._asdict() if one.confirmation else None,
    }
