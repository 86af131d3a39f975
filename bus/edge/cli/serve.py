"""`bus serve`."""

from __future__ import annotations

import asyncio

import uvloop

from bus.config import Settings
from bus.edge.cli import spoken
from bus.edge.cli.options import json_option, print_json, with_settings
from bus.edge.http.server import Running, serve
from bus.edge.log import configure
from bus.store.lineage import Vouched


@spoken.command("serve")
@spoken.option("--accept-loss", is_flag=True)
@spoken.option("--moved", is_flag=True)
@json_option
@with_settings(*(name for name in Settings.model_fields if name != "language"))
def command(settings: Settings, accept_loss: bool, moved: bool, as_json: bool) -> None:
    """Serve until SIGINT or SIGTERM."""
    configure(settings.log_level, "json" if as_json else settings.log_format)

    def ready(run: Running) -> None:
        if as_json:
            print_json({"address": run.address, "configuration": run.bus.deployment.number})

    vouched = Vouched.LOSS if accept_loss else Vouched.MOVED if moved else Vouched.NOTHING
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(serve(settings, ready, vouched))
