"""Two apps of one product share their products: a preview, the activation, what comes after it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

import click

from adapters.omie.simulated.books import OmieApp
from bus.core.text import Language
from bus.edge.cli.demo.show import PATIENCE, ended, until
from bus.edge.cli.timeline import timeline
from bus.edge.http.server import Running
from bus.edge.story import story_of
from bus.edge.words.demo import say
from bus.edge.words.sharing import FATE_WORDS
from bus.ports.history import Filter

GROUP, MAIN, BRANCH, ACTOR = "grupo", "omie", "omie-filial", "demo"
GREASE = "GRAXA"


@dataclass(frozen=True, slots=True)
class SharedRegisters:
    """The group, and the books of both apps."""

    run: Running
    main: OmieApp
    branch: OmieApp
    language: Language

    async def play(self) -> None:
        """All scenes, in their order."""
        poller, activations = self.run.bus.poller, self.run.bus.activations
        self._title("preview")
        await self._until(lambda: poller.is_read_up(MAIN) and poller.is_read_up(BRANCH))
        group = activations.group(GROUP)
        preview = await activations.preview(group)
        for line in preview.lines:
            fate = FATE_WORDS[line.fate].told(self.language)
            click.echo(f"   {line.application}  {line.match:<12} {line.name:<16} {fate}")
        self._title("activation")
        await activations.activate(group, preview.hash, ACTOR)
        await self._until(lambda: self._codes(self.main) <= self._codes(self.branch))
        self._books()
        self._title("shared_product")
        self.main.keep_product(GREASE, "Graxa", valor_unitario=Decimal("32.90"))
        await self._until(lambda: GREASE in self._codes(self.branch))
        await self._trace(MAIN)
        self._title("shared_edit")
        self.branch.keep_product(GREASE, "Graxa azul")
        await self._until(lambda: "Graxa azul" in self._names(self.main))
        await self._trace(BRANCH)
        self._books()

    async def _trace(self, sender: str) -> None:
        """The story of what an app told last."""
        found = await self.run.bus.history.messages(Filter(sender=sender, limit=1))
        trace = await until(self.run, found[0][0].id, ended)
        click.echo(timeline(story_of(trace), self.language))

    def _books(self) -> None:
        """The products of both apps, each by its own id."""
        for name, app in ((MAIN, self.main), (BRANCH, self.branch)):
            for id_, row in app.products.items():
                click.echo(f"   {name:<12} {id_}  {row['codigo']:<12} {row['descricao']}")

    def _title(self, title: str) -> None:
        click.secho(f"\n{say(title, self.language)}", bold=True)

    @staticmethod
    def _codes(app: OmieApp) -> set[str]:
        return {str(row["codigo"]) for row in app.products.values()}

    @staticmethod
    def _names(app: OmieApp) -> set[str]:
        return {str(row["descricao"]) for row in app.products.values()}

    @staticmethod
    async def _until(holds: Callable[[], bool]) -> None:
        async with asyncio.timeout(PATIENCE):
            while not holds():  # noqa: ASYNC110 - books have no event
                await asyncio.sleep(0.05)
