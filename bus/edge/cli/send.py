"""`bus send`."""

from __future__ import annotations

import base64
import http.client
import ssl
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, urlsplit

import click

from bus.config import Settings
from bus.core.envelope import Response, Status
from bus.core.errors import Fault, SenderFault
from bus.core.system_words import words_of
from bus.core.text import Language, Text
from bus.edge.cli import spoken
from bus.edge.cli.faults import IMPOSSIBLE, REFUSED, in_lines
from bus.edge.cli.options import Finite, json_option, print_json, with_settings
from bus.edge.faults import fault_to_dict
from bus.edge.words.command_line import say

DAY = 86_400.0
"""The most seconds that an answer is waited for."""


@dataclass(frozen=True, slots=True)
class PostAnswer:
    """What a bus answered: HTTP status, its id of the message, and its ResponseMessage if any."""

    status: int
    message: str
    body: bytes
    response: Response | None = None
    repairs: tuple[Fault, ...] = ()
    """What the bus had to mend to read it: of what was posted, not of the answer."""

    @property
    def good(self) -> bool:
        """Whether the message was taken, and where it was answered at once, with OK."""
        taken = 200 <= self.status < 300  # noqa: PLR2004 - success, in HTTP
        return taken and (self.response is None or self.response.status is Status.OK)


def address(context: click.Context, option: click.Parameter, value: str) -> SplitResult:
    """The parts of the address of a bus; without a path, that of messages."""
    try:
        parts = urlsplit(value)
        good = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0
    except ValueError:
        parts, good = SplitResult("", "", "", "", ""), False
    if not good:
        raise click.BadParameter(spoken.usage("address", value), context, option)
    return parts._replace(path=parts.path if parts.path.strip("/") else "/messages")


@spoken.command("send")
@spoken.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path, allow_dash=True))
@spoken.option(
    "--url",
    callback=address,
    envvar="BUS_URL",
    default="http://127.0.0.1:8080",
    show_default=True,
)
@spoken.option("--user", envvar="BUS_USER", default="")
@spoken.option(
    "--password",
    envvar="BUS_PASSWORD",
    default="",
)
@spoken.option(
    "--timeout",
    type=Finite(0, DAY, min_open=True),
    default=120.0,
    show_default=True,
    metavar="SECONDS",
)
@json_option
@with_settings()
def command(
    settings: Settings,
    files: tuple[Path, ...],
    url: SplitResult,
    user: str,
    password: str,
    timeout: float,
    as_json: bool,
) -> None:
    """Post messages to a running bus, one FILE each (- for standard input), and show its answers.

    Exit code 0 when all were taken, 1 when one was refused, 2 when the bus could not be reached or
    a file not be read.
    """
    code = 0
    for file in files:
        try:
            answer = _post(url, _login(user, password), _body_of(file), timeout)
        except _Failed as failed:
            code = IMPOSSIBLE
            _tell_failure(file, failed, settings.language, as_json=as_json)
            continue
        code = code if answer.good else max(code, REFUSED)
        _tell(file, answer, settings.language, as_json=as_json)
    raise SystemExit(code)


class _Failed(Exception):
    """It could not be tried: `word` of the table of words says why."""

    def __init__(self, word: str, **details: str | Text) -> None:
        super().__init__(word)
        self.word, self.details = word, details


def _body_of(file: Path) -> bytes:
    try:
        with click.open_file(str(file), "rb") as opened:
            return bytes(opened.read())
    except OSError as error:
        raise _Failed("unreadable", file=str(file), problem=words_of(error)) from None


def _login(user: str, password: str) -> dict[str, str]:
    if not user:
        return {}
    return {"Authorization": "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()}


def _problem_of(error: OSError | http.client.HTTPException) -> str | Text:
    """What became of a call; of a certificate in the words of the library, which name it."""
    if isinstance(error, ssl.SSLError) or not isinstance(error, OSError):
        return f"“{error}”" if str(error) else type(error).__name__
    return words_of(error)


def _post(url: SplitResult, login: dict[str, str], body: bytes, timeout: float) -> PostAnswer:
    opened = http.client.HTTPSConnection if url.scheme == "https" else http.client.HTTPConnection
    connection = opened(url.hostname or "", url.port, timeout=timeout)
    try:
        connection.request("POST", url.path, body, {"Content-Type": "application/xml", **login})
        got = connection.getresponse()
        status, message, said = got.status, got.getheader("X-Message-Id") or "", got.read()
    except (OSError, http.client.HTTPException) as error:
        raise _Failed("unreachable", url=url.geturl(), problem=_problem_of(error)) from None
    finally:
        connection.close()
    return PostAnswer(status, message, said, _response_in(said), _repairs_of(body))


def _response_in(body: bytes) -> Response | None:
    from bus.wiring import open_codec

    try:
        return open_codec().parse_answer(body).response
    except SenderFault:
        return None


def _repairs_of(body: bytes) -> tuple[Fault, ...]:
    from bus.engine.examine import repaired
    from bus.wiring import open_codec

    try:
        return repaired(open_codec().parse(body).envelope)
    except SenderFault:
        return ()  # the bus says what is wrong with it


def _tell_failure(file: Path, failed: _Failed, language: Language, *, as_json: bool) -> None:
    problem = say(failed.word, language, **failed.details)
    if as_json:
        print_json({"file": str(file), "status": 0, "error": problem})
    else:
        click.echo(f"{file}: {problem}", err=True)


def _tell(file: Path, answer: PostAnswer, language: Language, *, as_json: bool) -> None:
    if as_json:
        print_json(_as_json(file, answer, language))
        return
    click.echo(
        f"{file}: {say('http', language, status=answer.status)}  {_outcome(answer, language)}"
    )
    for repair in answer.repairs:
        click.echo(in_lines(repair, language, str(file)), err=True)
    if answer.response is None:
        return
    for note in answer.response.notes:
        click.echo(f"    {note.code}: {note.text}" if note.code else f"    {note.text}")
    for pair in answer.response.ids:
        click.echo(f"    {pair.name}: {pair.origin} = {pair.destination}")


def _outcome(answer: PostAnswer, language: Language) -> str:
    if answer.response is not None:
        return say("answered", language, status=answer.response.status)
    if answer.good:
        return say("taken", language, message=answer.message)
    return answer.body.decode("utf-8", "replace").strip()


def _as_json(file: Path, answer: PostAnswer, language: Language) -> dict[str, Any]:
    response = answer.response
    return {
        "file": str(file),
        "status": answer.status,
        "message": answer.message,
        "answer": response.status if response else None,
        "notes": [
            {"code": note.code, "type": note.type, "text": note.text}
            for note in (response.notes if response else ())
        ],
        "ids": [asdict(pair) for pair in (response.ids if response else ())],
        "repairs": [fault_to_dict(repair, language) for repair in answer.repairs],
        "body": answer.body.decode("utf-8", "replace"),
    }
