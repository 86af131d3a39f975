"""`bus depara`: one command a file."""

from __future__ import annotations

import click

from bus.edge.cli.depara.conflicts import conflicts
from bus.edge.cli.depara.export import export_pairs
from bus.edge.cli.depara.history import history
from bus.edge.cli.depara.import_ import import_pairs
from bus.edge.cli.depara.list import list_ids
from bus.edge.cli.depara.orphans import orphans
from bus.edge.cli.depara.purge import purge
from bus.edge.cli.depara.set import set_pair
from bus.edge.cli.depara.show import show
from bus.edge.cli.depara.undo import undo
from bus.edge.cli.depara.waiting import waiting


@click.group(name="depara")
def command() -> None:
    """The de-para: which ids of which applications name the same thing.

    An id is written APPLICATION:ID, such as 'protheus:01|000001|01|C'; put it in quotes. What is
    after the first colon is the id, letter by letter.
    """


for _command in (
    list_ids,
    show,
    history,
    set_pair,
    import_pairs,
    export_pairs,
    orphans,
    conflicts,
    undo,
    purge,
    waiting,
):
    command.add_command(_command)
