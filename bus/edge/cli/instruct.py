"""`bus instruct`: tells a running simulated application how to behave and what to send."""

from __future__ import annotations

import http.client
import json
from typing import Any
from urllib.parse import urlsplit

import click

from bus.core.outcome import Outcome
from bus.core.system_words import words_of
from bus.core.text import same
from bus.edge.cli import spoken
from bus.edge.cli.faults import REFUSED
from bus.edge.cli.options import Finite, json_option, language_option, print_json, print_table
from bus.edge.words.simulation import SENT_WORDS, say

DAY = 86_400.0
TIMEOUT = 120.0  # s; it may wait for the bus, which may wait for a destination

TAKEN = {Outcome.DELIVERED, Outcome.RECEIVED}
"""How what was sent may end, where it is well."""
_NO_TABLES = {http.HTTPStatus.NOT_FOUND, http.HTTPStatus.METHOD_NOT_ALLOWED}


@spoken.group("instruct")
def command() -> None:
    """Speak to a simulated application."""


@command.command(name="behave", path="instruct behave")
@spoken.argument("address")
@spoken.argument("behaviour")
@language_option
def behave(address: str, behaviour: str) -> None:
    """Change its behaviour."""
    _ask(address, "behaviour", behaviour)


@command.command(name="leave", path="instruct leave")
@spoken.argument("address")
@spoken.argument("seconds", type=Finite(0, DAY))
@language_option
def leave(address: str, seconds: float) -> None:
    """Send it away for a time."""
    _ask(address, "away", json.dumps({"seconds": seconds}))


@command.command(name="send", path="instruct send")
@spoken.argument("address")
@spoken.argument("transaction")
@spoken.argument("code", default="")
@spoken.argument("fields", nargs=-1, metavar="[ELEMENT=VALUE]...")
@spoken.option("--delete", is_flag=True)
@spoken.option("--async", "is_async", is_flag=True)
@spoken.option("--times", type=click.IntRange(1, 10_000), metavar="N", default=1)
@json_option
@language_option
def send(
    address: str,
    transaction: str,
    code: str,
    fields: tuple[str, ...],
    delete: bool,
    is_async: bool,
    times: int,
    as_json: bool,
) -> None:
    """Have it send. Exit code 1 where the bus did not take it."""
    order = {
        "transaction": transaction,
        "code": code,
        "fields": dict(map(_field, fields)),
        "event": "delete" if delete else "upsert",
        "mode": "Async" if is_async else "Sync",
        "times": times,
    }
    said = _ask(address, f"send?language={spoken.language()}", json.dumps(order))
    if as_json:
        print_json(said)
    else:
        outcome = SENT_WORDS[Outcome(said["outcome"])].told(spoken.language())
        click.echo(f"{said['uuid']}: {outcome} {said['problem']}".rstrip())
        for pair in said["ids"]:
            click.echo(f"  {pair['name']}: {pair['origin']} = {pair['destination']}")
    if Outcome(said["outcome"]) not in TAKEN:
        raise SystemExit(REFUSED)


@command.command(name="show", path="instruct show")
@spoken.argument("address")
@json_option
@language_option
def show(address: str, as_json: bool) -> None:
    """Show what it keeps."""
    kept = _ask(address, "tables")
    if as_json:
        print_json(kept)
        return
    rows = [row for table in kept["tables"].values() for row in table]
    kinds = [(row["table"], row["code"], row["id"]) for row in rows]
    print_table([_heading("table", "code", "id"), *kinds])
    pairs = [(p["product"], p["entity"], p["external"], " ".join(p["own"])) for p in kept["pairs"]]
    click.echo()
    print_table([_heading("product", "entity", "there", "here"), *pairs])
    for remark in kept["remarks"]:
        click.echo(remark)


def _heading(*words: str) -> tuple[str, ...]:
    return tuple(say(word, spoken.language()) for word in words)


def _field(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not name or not equals:
        raise click.UsageError(spoken.usage("field", text))
    return name, value


def _ask(address: str, page: str, body: str | None = None) -> Any:  # noqa: ANN401 - it is JSON
    """What a page of the application says; a mistake in what it is told ends the command."""
    parts = urlsplit(address)
    if parts.scheme != "http":
        raise click.UsageError(spoken.usage("address", address))
    connection = http.client.HTTPConnection(parts.netloc, timeout=TIMEOUT)
    try:
        method = "GET" if body is None else "POST"
        connection.request(method, f"/simulator/{page}", body and body.encode())
        answer = connection.getresponse()
        said = answer.read().decode("utf-8", "replace")
    except (OSError, http.client.HTTPException) as silent:
        problem = words_of(silent) if isinstance(silent, OSError) else same(type(silent).__name__)
        said = say("silent", spoken.language(), address=address, problem=problem)
        raise click.ClickException(said) from silent
    finally:
        connection.close()
    if answer.status in _NO_TABLES and page == "tables":
        raise click.ClickException(say("no_tables", spoken.language(), address=address))
    if answer.status != http.HTTPStatus.OK:
        raise click.ClickException(f"{address}: HTTP {answer.status} {said}")
    return json.loads(said)
