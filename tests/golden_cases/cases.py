"""A golden case: the files of a folder, and what happens in it. Whatever is wrong is told."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

CONVERSATIONS = Path(__file__).parents[1] / "golden" / "conversations"
"""Each folder in it is a case."""
FILE = re.compile(
    r"(?:(?P<kind>in|response)|(?P<of>out|answer)\.(?P<application>[a-z0-9][a-z0-9-]*))"
    r"(?:\.(?P<number>[1-9][0-9]*))?\.xml"
)
OTHERS = ("routes.yaml", "depara.csv", "depara.after.csv", "trace.json", "case.yaml", "README.md")
KEYS = ("language", "answers", "play")
STEPS: Mapping[str, tuple[str, ...]] = {
    "post": ("from", "by"),
    "leave": (),
    "return": (),
    "bus": (),
}
"""What may happen, each with what else may be said of it."""
CARRIERS = ("http", "soap")
LANGUAGES = ("pt", "en")
RECEIVED = b"{{received}}"
"""Stands, in what an application says, for the UUID of the message that it was sent."""

_SOURCE = re.compile(rb"<SourceApplication>\s*([^<]*?)\s*</SourceApplication>")


class CaseMistake(Exception):
    """A case that cannot be played, in words for who wrote it."""


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happens: `do` it with `what`. `number` is that of a post."""

    do: str
    what: str
    number: int = 0
    sender: str = ""
    by: str = "http"


@dataclass(frozen=True, slots=True)
class Case:
    """What a folder says. `files` are by kind, application and number, 0 where it has none."""

    folder: Path
    routes: Any
    files: Mapping[tuple[str, str, int], Path]
    language: str = "pt"
    conducts: Mapping[str, list[Any]] = field(default_factory=dict)
    steps: tuple[Step, ...] = ()

    @property
    def applications(self) -> Mapping[str, Any]:
        """The applications of routes.yaml, each with its keys."""
        named: Mapping[str, Any] = self.routes["applications"]
        return named

    @property
    def incoming(self) -> dict[int, Path]:
        """The messages that are posted, by number; a single one needs none."""
        found = {n or 1: path for (kind, _, n), path in self.files.items() if kind == "in"}
        return dict(sorted(found.items()))

    def answer(self, application: str, number: int) -> bytes | None:
        """What an application answers to a message; None for an OK without more."""
        path = self.files.get(("answer", application, number))
        path = path or self.files.get(("answer", application, 0))
        return path.read_bytes() if path else None


def read_case(folder: Path) -> Case:
    """Read a folder; CaseMistake where it cannot be played as it is."""
    case = Case(folder, _routes(folder / "routes.yaml"), _files(folder))
    for kind, application, _ in case.files:
        if application:
            known_one(application, case.applications, f"{kind}.{application}.xml", "application")
    if not case.incoming:
        raise CaseMistake("There is no in.xml: the message as its sender posts it.")
    told = _plot(folder / "case.yaml")
    language = str(told.get("language", case.language))
    return replace(
        case,
        language=known_one(language, LANGUAGES, "case.yaml: language", "language"),
        conducts=_conducts(told.get("answers", {}), case),
        steps=_steps(told.get("play"), case),
    )


def known_one(given: str, known: Collection[str], where: str, what: str) -> str:
    """The name given; CaseMistake where it is not known, with the one that it may stand for."""
    if given in known:
        return given
    close = get_close_matches(given, known, n=1)
    hint = f" Did you mean `{close[0]}`?" if close else ""
    listed = ", ".join(known)
    raise CaseMistake(f"{where}: there is no {what} `{given}`. There is: {listed}.{hint}")


# -- the files -------------------------------------------------------------------------------------


def _files(folder: Path) -> dict[tuple[str, str, int], Path]:
    found: dict[tuple[str, str, int], Path] = {}
    for path in sorted(folder.iterdir()):
        if path.name in OTHERS:
            continue
        named = FILE.fullmatch(path.name)
        if not named:
            form = "in.xml, out.APPLICATION.xml, answer.APPLICATION.xml, response.xml"
            listed = f"{form} (each with .1, .2 … before .xml where there are several)"
            close = get_close_matches(path.name, OTHERS, n=1)
            hint = f" Did you mean {close[0]}?" if close else ""
            raise CaseMistake(
                f"{path.name} is no file of a case. These are: {listed}, {', '.join(OTHERS)}.{hint}"
            )
        kind, number = named["kind"] or named["of"], int(named["number"] or 0)
        found[kind, named["application"] or "", number] = path
    for kind, application, number in found:
        if kind != "answer" and number == 1 and (kind, application, 0) in found:
            raise CaseMistake(f"{found[kind, application, 0].name} is there with and without .1")
    return found


def _routes(path: Path) -> Any:
    if not path.exists():
        raise CaseMistake("There is no routes.yaml: the routes and applications of the case.")
    routes = _yaml(path, YAML())
    applications = routes.get("applications") if isinstance(routes, dict) else None
    if not isinstance(applications, dict) or not all(
        isinstance(one, dict) for one in applications.values()
    ):
        raise CaseMistake("routes.yaml: `applications` must hold each application with its keys.")
    return routes


def _yaml(path: Path, reader: YAML) -> Any:
    reader.preserve_quotes = True
    reader.width = 1_000_000
    try:
        return reader.load(path.read_text("utf-8"))
    except YAMLError as error:
        raise CaseMistake(f"{path.name}: {error}") from None


# -- case.yaml -------------------------------------------------------------------------------------


def _plot(path: Path) -> Mapping[str, Any]:
    told = _yaml(path, YAML(typ="safe")) if path.exists() else {}
    return _mapping(told or {}, KEYS, path.name)


def _mapping(given: object, known: Collection[str], where: str) -> Mapping[str, Any]:
    if not isinstance(given, dict):
        raise CaseMistake(f"{where}: keys are expected here, of {', '.join(known)}; not {given!r}")
    for key in given:
        known_one(str(key), known, where, "key")
    return given


def _conducts(given: object, case: Case) -> dict[str, list[Any]]:
    told = _mapping(given, case.applications, "case.yaml: answers")
    for name, conducts in told.items():
        if not isinstance(conducts, list):
            raise CaseMistake(
                f"case.yaml: answers: {name}: a list is expected, such as [busy, answer]"
            )
    return dict(told)


def _steps(given: object, case: Case) -> tuple[Step, ...]:
    posts = case.incoming
    if given is None:
        return tuple(_post({"post": path.name}, case, "case.yaml") for path in posts.values())
    if not isinstance(given, list):
        raise CaseMistake("case.yaml: play: a list is expected, such as [post: in.xml]")
    steps = tuple(_step(one, case, f"case.yaml: play, {at}") for at, one in enumerate(given, 1))
    posted = [step.what for step in steps if step.do == "post"]
    for path in posts.values():
        if posted.count(path.name) != 1:
            raise CaseMistake(
                f"case.yaml: play: {path.name} is posted {posted.count(path.name)} times, not "
                "once. What is sent again is a file of its own."
            )
    return steps


def _step(given: object, case: Case, where: str) -> Step:
    names = {*STEPS, *(key for keys in STEPS.values() for key in keys)}
    told = _mapping(given, sorted(names), where)
    do = [key for key in told if key in STEPS]
    if len(do) != 1:
        raise CaseMistake(f"{where}: one of these is expected: {', '.join(STEPS)}")
    _mapping(told, (do[0], *STEPS[do[0]]), where)
    if do[0] == "post":
        return _post(told, case, where)
    what = str(told[do[0]])
    if do[0] != "bus":
        there = [name for name, keys in case.applications.items() if "address" in keys]
        known_one(what, there, where, "application with an address")
    return Step(do[0], what)


def _post(told: Mapping[str, Any], case: Case, where: str) -> Step:
    files = {path.name: number for number, path in case.incoming.items()}
    name = known_one(str(told["post"]), files, where, "message")
    sender = str(told["from"]) if "from" in told else _sender(case, name)
    known_one(sender, case.applications, where, "application")
    if "login" not in case.applications[sender]:
        raise CaseMistake(f"{name}: routes.yaml gives {sender} no `login`, so it cannot post.")
    by = known_one(str(told.get("by", "http")), CARRIERS, where, "carrier")
    return Step("post", name, files[name], sender, by)


def _sender(case: Case, name: str) -> str:
    """Who posts a message: the application that may claim its SourceApplication."""
    found = _SOURCE.search((case.folder / name).read_bytes())
    source = found[1].decode("utf-8", "replace") if found else ""
    for application, keys in case.applications.items():
        claims = keys.get("source_applications", [application])
        if source.casefold() in [str(one).casefold() for one in claims]:
            return str(application)
    raise CaseMistake(
        f"{name}: no application of routes.yaml has the SourceApplication `{source}`. Say in "
        f"case.yaml who posts it:\n  play:\n    - post: {name}\n      from: APPLICATION"
    )
