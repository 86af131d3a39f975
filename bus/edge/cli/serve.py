"""`bus serve`: runs the bus until it is told to stop."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import click
import uvloop

from bus.config import load_settings
from bus.edge.http.server import Running, serve
from bus.edge.log import configure


@click.command(help="Runs the bus.")
@click.option("--journal", help="BUS_JOURNAL")
@click.option("--routes", type=click.Path(path_type=Path), help="BUS_ROUTES")
@click.option("--host", help="BUS_HOST")
@click.option("--port", type=int, help="BUS_PORT")
@click.option("--json", "as_json", is_flag=True, help="Print the address as JSON.")
def command(
    journal: str | None, routes: Path | None, host: str | None, port: int | None, *, as_json: bool
) -> None:
    """Serve until SIGINT or SIGTERM."""
    settings = load_settings(journal=journal, routes=routes, host=host, port=port)
    configure(settings.log_level, "json" if as_json else settings.log_format)

    def ready(run: Running) -> None:
        if as_json:
            number = run.bus.deployment.number
            click.echo(json.dumps({"address": run.address, "configuration": number}))

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(serve(settings, ready))
