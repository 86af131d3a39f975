"""`bus load`."""

from __future__ import annotations

import asyncio

import click

from bus.config import Settings
from bus.core.errors import BusFault, Fault, SenderFault
from bus.core.journal_address import shown
from bus.core.route import Application, Deployment
from bus.core.suggest import suggestion
from bus.edge.cli import spoken
from bus.edge.cli.client import running_client
from bus.edge.cli.faults import REFUSED
from bus.edge.cli.load.planning import LoadPlan, Planner
from bus.edge.cli.load.reconciling import LoadReconciliation, reconcile
from bus.edge.cli.load.sending import LoadProgress, LoadSender, LoadSettings
from bus.edge.cli.load.showing import (
    ProgressBar,
    plan_as_json,
    plan_lines,
    result_as_json,
    show_invalid,
    show_result,
    show_warned,
)
from bus.edge.cli.load.sources import LoadSources
from bus.edge.cli.options import Finite, json_option, print_json, with_settings
from bus.edge.words.load import say


@spoken.command("load")
@spoken.argument("paths", nargs=-1, required=True, metavar="PATHS...")
@spoken.option("--as", "name", required=True, metavar="APPLICATION")
@spoken.option("--dry-run", is_flag=True)
@spoken.option("--rate", type=Finite(min=0), default=0.0, metavar="N")
@spoken.option("--continue", "goes_on", is_flag=True)
@json_option
@with_settings("journal", "routes", "contracts", "max_body")
def command(
    settings: Settings,
    paths: tuple[str, ...],
    name: str,
    dry_run: bool,
    rate: float,
    goes_on: bool,
    as_json: bool,
) -> None:
    """Send all registers of an application in their order: what others name goes before them.

    Where it was stopped, the same command goes on. Exit code 1 where something differs in the end.
    """
    asked = LoadSettings(name, rate, goes_on)
    with LoadSources(paths) as sources:
        asyncio.run(_Load(settings, sources, asked, as_json).run(dry=dry_run))


class _Load:
    """A load from its files to its reconciliation."""

    def __init__(
        self, settings: Settings, sources: LoadSources, asked: LoadSettings, as_json: bool
    ) -> None:
        from bus.wiring import load_routes, open_codec, open_contracts

        self._settings = settings
        self._sources = sources
        self._asked = asked
        self._as_json = as_json
        codec, contracts = open_codec(settings.max_body), open_contracts(settings)
        deployment = load_routes(settings, contracts, codec).deployment
        self._sender = _application(deployment, asked.application)
        self._planner = Planner(codec, contracts, deployment, self._sender)

    async def run(self, *, dry: bool) -> None:
        """Plan, send, compare, and tell."""
        language = self._settings.language
        plan = await self._planner.plan(self._sources, self._settings.max_body)
        sends = not dry and (not plan.invalid or self._asked.goes_on)
        if not self._as_json:
            for line in plan_lines(plan, language):
                click.echo(line)
            show_warned(plan.warned, language)
            show_invalid(plan.invalid, language)
        elif not sends:
            print_json({**plan_as_json(plan, language), "dry_run": dry})
        if sends:
            await self._send(plan)
        elif not self._as_json:
            click.echo(say("dry" if dry else "nothing_sent", language))
        if plan.invalid:
            raise SystemExit(REFUSED)

    async def _send(self, plan: LoadPlan) -> None:
        bar = ProgressBar(self._settings.language)
        with running_client(self._settings) as client:
            if client is None:
                raise BusFault(
                    Fault("LOAD_NEEDS_BUS", details={"path": shown(self._settings.journal)})
                )
            sender = LoadSender(
                client,
                self._asked,
                lambda entry: self._planner.message(entry.place, self._sources),
                bar.show,
            )
            progress = await sender.send(plan)
            bar.end()
        found = await self._compared(plan)
        self._tell(plan, progress, found)
        if progress.failed or progress.stopped or found.differs:
            raise SystemExit(REFUSED)

    async def _compared(self, plan: LoadPlan) -> LoadReconciliation:
        from bus.wiring import open_reading

        async with open_reading(self._settings) as (_, crossreference):
            return await reconcile(crossreference, plan.entries, self._sender.name)

    def _tell(self, plan: LoadPlan, progress: LoadProgress, found: LoadReconciliation) -> None:
        language = self._settings.language
        if self._as_json:
            print_json(result_as_json(plan, progress, found, language))
        else:
            show_result(progress, found, language)


def _application(deployment: Deployment, name: str) -> Application:
    found = deployment.applications.get(name.casefold())
    if found is None:
        details = suggestion(name, deployment.applications)
        raise SenderFault(Fault("UNKNOWN_APPLICATION", "application", details=details))
    return found
