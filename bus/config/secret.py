"""Secrets: configuration says where each is kept, and the value is never shown again."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

from pydantic import BeforeValidator, ValidationInfo, WrapValidator

from bus.config.context import Surroundings, around, wrong
from bus.core.suggest import suggestion
from bus.core.system_words import words_of

PRINTED = frozenset({
    "1234", "12345", "123456", "admin", "bus", "changeit", "datasul", "guest", "keepfy", "logix",
    "mestre", "omie", "password", "protheus", "rm", "senha", "senior", "totvs", "wis",
})  # fmt: skip
"""Passwords that manuals print, or that anybody tries first."""

SHORTEST = 8
"""Characters of a password, at least: shorter ones are found by trying, however slowly."""

SHORTEST_SOUGHT = 6
"""A shorter secret may occur in the file by chance."""

_SECRET_NAME = re.compile(r"pass|senha|secret|segredo|token|(app|api)_?key", re.IGNORECASE)


class Hidden(str):
    """A secret among other texts: it is itself, but its repr does not say it."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "'***'"


def resolve(value: object, world: Surroundings) -> Hidden:
    """The secret that `{env: NAME}` or `{file: PATH}` refers to."""
    match value:
        case str():
            raise wrong("inline_secret")
        case {"env": str(name), **others} if not others:
            secret = _from_environment(name, world)
        case {"file": str(path), **others} if not others:
            secret = _from_file(world.folder / path)
        case _:
            raise wrong("secret_form")
    secret = _as_meant(secret)
    if not secret:
        raise wrong("secret_empty")
    _refuse_copied(secret, world.text)
    return Hidden(secret)


def refuse_guessable(user: str, secret: str) -> None:
    """Refuse a password that is in manuals, that its own user gives away, or that is too short."""
    if secret.casefold() in PRINTED | {user.casefold()}:
        raise wrong("secret_known", user=user)
    if len(secret) < SHORTEST:
        raise wrong("secret_short", user=user, least=str(SHORTEST))


def holds_secret(name: str) -> bool:
    """Whether an option of that name is one whose value must not stand in a file."""
    return _SECRET_NAME.search(name) is not None


def _secret(value: object, info: ValidationInfo) -> str:
    return resolve(value, around(info))


def _option(value: object, check: Callable[[object], str], info: ValidationInfo) -> str:
    return resolve(value, around(info)) if isinstance(value, dict) else check(value)


def _from_environment(name: str, world: Surroundings) -> str:
    if name not in world.environment:
        near = suggestion(name, [known for known in world.environment if holds_secret(known)])
        raise wrong("secret_unset", name=name, **near)
    return world.environment[name]


def _from_file(path: Path) -> str:
    try:
        return path.read_bytes().decode()
    except UnicodeDecodeError:
        raise wrong("secret_not_utf8", file=str(path)) from None
    except (OSError, ValueError) as error:
        raise wrong("secret_unreadable", file=str(path), problem=words_of(error)) from None


def _as_meant(secret: str) -> str:
    """A secret without what editors and shells add: a byte order mark, the end of the line."""
    meant = secret.removeprefix("\ufeff").rstrip("\r\n")
    if any(ord(each) < ord(" ") or each == "\x7f" for each in meant):
        raise wrong("secret_control")
    return meant


def _refuse_copied(secret: str, text: str) -> None:
    # A printed one is refused for that, and is a word that the file may well use.
    sought = len(secret) >= SHORTEST_SOUGHT and secret.casefold() not in PRINTED
    at = text.find(secret) if sought else -1
    if at >= 0:
        raise wrong("copied_secret", line=str(text.count("\n", 0, at) + 1))


Secret = Annotated[str, BeforeValidator(_secret), "{env: NAME} or {file: PATH}"]
"""A secret, kept in the environment or in a file of its own."""

Option = Annotated[str, WrapValidator(_option), "text or secret"]
"""An adapter's option: a text, or a secret."""
