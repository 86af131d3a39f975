"""Plays a golden case against the whole bus: real journal, sockets, routes and adapters."""

from __future__ import annotations

import asyncio
import contextlib
import copy
import shlex
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

import aiohttp
import structlog
from click.testing import CliRunner
from ruamel.yaml import YAML

from adapters.simulation.carrier import basic
from bus.config import Settings, load_settings
from bus.core.delivery import State
from bus.core.errors import SenderFault
from bus.core.route import Credentials
from bus.edge.cli import main
from bus.edge.http.server import Running, running
from bus.journal.rows import DeliveryRow
from bus.wiring import open_codec
from depara.exchange import read_pairs
from depara.model import Member
from tests.golden_cases.applications import PASSWORD, Application
from tests.golden_cases.cases import Case, CaseMistake, Step
from tests.golden_cases.story import EVERYTHING, story_of
from tests.semantics.soap_calls import SOAP_11, TYPES, call

PATIENCE = 20.0
"""Seconds that a case waits for the bus to come to rest."""
NO_PAIRS = "entity;application;id;other;other_id\n"

Thing = tuple[str, frozenset[Member]]
"""An entity, and all ids of one thing."""


@dataclass(frozen=True, slots=True)
class Posted:
    """A message that was posted, and how the bus answered; `message` is the bus's id of it."""

    step: Step
    status: int
    message: str
    answer: bytes


@dataclass(frozen=True, slots=True)
class Played:
    """What came of a case: answers, what each application was sent, story, and pairs as exported.

    `visits` counts how often each application was tried and there; `learnt` tells whether the pairs
    are others than before; `verified` is what `bus verify` finds, empty where it is nothing.
    """

    posts: tuple[Posted, ...]
    sent: Mapping[str, tuple[bytes, ...]]
    visits: Mapping[str, int]
    story: Mapping[str, Any]
    pairs: str
    learnt: bool
    verified: str


def play(case: Case, place: Path) -> Played:
    """Play a case in an empty folder; CaseMistake where it cannot be played to its end."""
    settings = load_settings(
        journal=str(place / "journal"),
        routes=place / "routes.yaml",
        host="127.0.0.1",
        port=0,
        language=case.language,
    )
    (place / "password").write_text(PASSWORD, "utf-8")
    with _quiet():
        return asyncio.run(_play(case, settings))


def things(pairs: str) -> set[Thing]:
    """The things that pairs tell of, whatever the order of the pairs."""
    found: list[Thing] = []
    for _, one, other in read_pairs(pairs.encode()):
        entity, ids = one.key.entity, frozenset({one, other})
        alike = [thing for thing in found if thing[0] == entity and thing[1] & ids]
        found = [thing for thing in found if thing not in alike]
        found.append((entity, ids.union(*(known for _, known in alike))))
    return set(found)


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """What the bus logs does not mix with what the commands print."""
    before = structlog.get_config()
    structlog.configure(logger_factory=structlog.ReturnLoggerFactory())
    try:
        yield
    finally:
        structlog.configure(**before)


async def _play(case: Case, settings: Settings) -> Played:
    codec = open_codec()
    async with contextlib.AsyncExitStack() as stack:
        applications = {
            name: await stack.enter_async_context(Application(codec, case, name))
            for name, keys in case.applications.items()
            if "address" in keys
        }
        _write_routes(case, settings, applications)
        before = await _known_pairs(case, settings)
        stage = await stack.enter_async_context(_staged(case, settings, applications))
        posts = tuple([posted for step in case.steps if (posted := await stage.do(step))])
        story = await stage.story(posts)
        verified = await _verified(settings)
        pairs = await _command(settings, "depara", "export")
    return Played(
        posts=posts,
        sent={name: tuple(one.script.messages) for name, one in applications.items()},
        visits={name: one.visits for name, one in applications.items()},
        story=story,
        pairs=pairs,
        learnt=things(pairs) != things(before),
        verified=verified,
    )


# -- what there is before it begins ----------------------------------------------------------------


def _write_routes(case: Case, settings: Settings, applications: Mapping[str, Application]) -> None:
    """The routes of the case, with the addresses and passwords of this run.

    Each application is sent one message at a time: else their order would be chance.
    """
    routes = copy.deepcopy(case.routes)
    for name, keys in routes["applications"].items():
        for login in {"login", "credentials"} & keys.keys():
            keys[login]["password"] = {"file": "password"}
        if name in applications:
            keys["address"] = applications[name].address
            keys["concurrency"] = 1
    with settings.routes.open("w", encoding="utf-8") as file:
        YAML().dump(routes, file)


async def _known_pairs(case: Case, settings: Settings) -> str:
    """Import the pairs that are known before; all of them as they are exported."""
    await _command(settings, "routes", "check", str(settings.routes))
    file = case.folder / "depara.csv"
    if not file.exists():
        return NO_PAIRS
    await _command(settings, "depara", "import", str(file))
    return await _command(settings, "depara", "export")


async def _command(settings: Settings, *words: str) -> str:
    """What a command of the bus prints; CaseMistake where it fails."""
    environment = {
        "BUS_JOURNAL": settings.journal,
        "BUS_ROUTES": str(settings.routes),
        "BUS_LANGUAGE": settings.language,
    }
    done = await asyncio.to_thread(CliRunner(env=environment).invoke, main, words)
    if done.exit_code:
        raise CaseMistake(f"bus {' '.join(words)}\n{done.output}")
    return done.stdout


async def _verified(settings: Settings) -> str:
    try:
        await _command(settings, "verify")
    except CaseMistake as differing:
        return str(differing)
    return ""


# -- what happens ----------------------------------------------------------------------------------


@contextlib.asynccontextmanager
async def _staged(
    case: Case, settings: Settings, applications: Mapping[str, Application]
) -> AsyncIterator[Stage]:
    async with running(settings) as run, aiohttp.ClientSession() as http:
        yield Stage(case, settings, run, http, applications)


@dataclass(frozen=True, slots=True)
class Stage:
    """Where a case is played: the bus, and the applications around it."""

    case: Case
    settings: Settings
    run: Running
    http: aiohttp.ClientSession
    applications: Mapping[str, Application]

    async def do(self, step: Step) -> Posted | None:
        """Do one step of the case, and wait until the bus has nothing left to do."""
        posted = None
        match step.do:
            case "post":
                posted = await self._post(step)
            case "leave":
                await self.applications[step.what].leave()
            case "return":
                await self.applications[step.what].come_back()
            case "bus":
                await _command(self.settings, *shlex.split(step.what))
        await self._rest(step)
        return posted

    async def story(self, posts: tuple[Posted, ...]) -> dict[str, Any]:
        """How each post was answered and which message of the journal it is, and these."""
        numbers, messages = await story_of(self.run.bus.history)
        told = [
            {"file": one.step.what, "status": one.status, "message": numbers.get(one.message, 0)}
            for one in posts
        ]
        return {"posts": told, "messages": messages}

    async def _post(self, step: Step) -> Posted:
        message = (self.case.folder / step.what).read_bytes()
        if step.sender in self.applications:
            message = self.applications[step.sender].script.fill(message)
        if step.by == "soap":
            message = call(escape(_text(message, step.what), quote=False))
        user = str(self.case.applications[step.sender]["login"]["user"])
        headers = {
            "Authorization": basic(Credentials(user, PASSWORD)),
            "Content-Type": TYPES[SOAP_11] if step.by == "soap" else "application/xml",
        }
        url = self.run.address + ("/EAISERVICE.apw" if step.by == "soap" else "/messages")
        async with self.http.post(url, data=message, headers=headers) as said:
            answer = await said.read()
            answer = await _unwrapped(answer) if step.by == "soap" else answer
            return Posted(step, said.status, said.headers.get("X-Message-Id", ""), answer)

    async def _rest(self, step: Step) -> None:
        moving: list[str] = []
        try:
            async with asyncio.timeout(PATIENCE):
                while moving := await self._moving():  # noqa: ASYNC110 - it is asked, not told
                    await asyncio.sleep(0.02)
        except TimeoutError:
            told = [f"{step.do} {step.what}: after {PATIENCE:g} s the bus still goes on with"]
            raise CaseMistake("\n  ".join(told + moving)) from None

    async def _moving(self) -> list[str]:
        """The deliveries that the bus goes on with by itself."""
        listed = await self.run.bus.history.messages(EVERYTHING)
        rows = [row for _, rows in listed for row in rows]
        away = {name for name, one in self.applications.items() if one.away}
        in_vain = away & {row.destination for row in rows if row.why == "UNREACHABLE"}
        return [
            f"{message.transaction} {message.uuid} → {row.destination}: {row.state} {row.why}"
            for message, rows in listed
            for row in rows
            if _moves(row, in_vain)
        ]


def _moves(row: DeliveryRow, in_vain: set[str]) -> bool:
    if row.state is State.WAITING:
        return row.due_at is not None and row.destination not in in_vain
    return row.state is State.SENDING


def _text(message: bytes, file: str) -> str:
    try:
        return message.decode()
    except UnicodeDecodeError:
        raise CaseMistake(f"{file}: what goes by SOAP must be UTF-8.") from None


async def _unwrapped(body: bytes) -> bytes:
    """The message in an answer in SOAP; the answer itself where it is a Fault."""
    try:
        return (await open_codec().unwrap(body)).message or body
    except SenderFault:
        return body
