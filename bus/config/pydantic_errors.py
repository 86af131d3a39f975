"""What pydantic complains of, as mistakes of ours."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from bus.config.mistake_texts import MISTAKE_TEXTS
from bus.config.mistakes import ConfigMistake, KeyPath
from bus.core.suggest import suggestion
from bus.core.text import Details, Text

LONGEST = 60
"""So much of a wrong value is shown at most."""

_SAME_AS = {
    "bool_type": "bool_parsing",
    "finite_number": "float_parsing",
    "float_type": "float_parsing",
    "int_from_float": "int_parsing",
    "int_parsing_size": "int_parsing",
    "int_type": "int_parsing",
    "literal_error": "enum",
    "model_type": "dict_type",
    "string_too_short": "too_short",
    "tuple_type": "list_type",
}
"""Complaints of pydantic that are one to us, or that we call otherwise."""


def mistakes_of(error: ValidationError, model: type[BaseModel]) -> Iterator[ConfigMistake]:
    """The mistakes that a validation found, in its order."""
    for complaint in error.errors(include_url=False):
        yield _mistake(complaint, model)


def _mistake(complaint: ErrorDetails, model: type[BaseModel]) -> ConfigMistake:
    path = tuple(part for part in complaint["loc"] if part != "[key]")
    kind = _SAME_AS.get(complaint["type"], complaint["type"])
    context: dict[str, Any] = complaint.get("ctx", {})
    line = int(context.pop("line", "0"))
    details: Details = {name: _written(value) for name, value in context.items()}
    if kind == "enum":
        known = re.findall(r"'([^']+)'", str(context["expected"]))
        details = suggestion(_shown(complaint["input"]), known)
    elif kind == "extra_forbidden":
        details = suggestion(str(path[-1]), _keys_at(model, path[:-1]))
    elif kind not in MISTAKE_TEXTS:
        problem = Text(f"pydantic diz “{complaint['msg']}”", f"pydantic says “{complaint['msg']}”")
        kind, details = "invalid", {"problem": problem}
    elif "{value}" in MISTAKE_TEXTS[kind].problem.en:
        # Where the words do not show the value, it may be a secret, and is not kept either.
        details = {"value": _shown(complaint["input"]), **details}
    return ConfigMistake(kind, path, details, line)


def _written(value: object) -> str | Text:
    if isinstance(value, Text):
        return value
    return f"{value:g}" if isinstance(value, float) else str(value)


def _shown(value: object) -> str:
    if isinstance(value, int | float):
        return str(value)
    if not isinstance(value, str):
        return "…"
    return value if len(value) <= LONGEST else f"{value[:LONGEST]}…"


def _keys_at(model: type[BaseModel] | None, path: KeyPath) -> list[str]:
    """The keys of the mapping at a path, of a file that a model describes."""
    fields = model.model_fields if model is not None else {}
    named = {field.alias or name: field for name, field in fields.items()}
    if not path:
        return list(named)
    annotation = named[str(path[0])].annotation
    return _keys_at(_model_in(annotation), path[1 + _steps_above_model(annotation) :])


def _steps_above_model(annotation: object) -> int:
    """Each dict or list has one step above its model: a name, or the place in the list."""
    if get_origin(annotation) not in {dict, tuple}:
        return 0
    inner = next(part for part in get_args(annotation) if _model_in(part) is not None)
    return 1 + _steps_above_model(inner)


def _model_in(annotation: object) -> type[BaseModel] | None:
    """The model in an annotation such as `dict[Name, RouteKeys]` or `CredentialsKeys | None`."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    found = (_model_in(part) for part in get_args(annotation))
    return next((model for model in found if model is not None), None)
