"""Holds JSON to a schema, as far as ours go, and tells every mistake with its place.

What is understood of JSON Schema is what `service_order_event.json` says; another keyword in it is
an error of ours, told by KeyError, and not passed over.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from bus.core.errors import Fault, SenderFault
from bus.core.text import Text, same

SHOWN = 60
"""Characters that are shown of what was sent."""
MOST_MISTAKES = 20
"""Mistakes that are told of one event."""
EVENT_IN_DOCS = Text(
    "Corrija o evento conforme o esquema em docs/keepfy.md e envie de novo; nada dele foi aceito.",
    "Correct the event by the schema in docs/keepfy.md and send it again; none of it was taken.",
)
NO_JSON = Text("o corpo não é JSON: {problem}", "the body is no JSON: {problem}")
NOT_READ = Text("não pôde ser lido", "it could not be read")
KEY_TWICE = Text("a chave “{key}” aparece duas vezes", "key “{key}” appears twice")
MISSING = Text("falta “{key}”", "“{key}” is missing")
STRANGE = Text("“{key}” não é conhecido; há {known}", "“{key}” is not known; there are {known}")
WRONG_TYPE = Text("deve ser {wanted}", "it must be {wanted}")
NOT_LISTED = Text("“{value}” não é um de {known}", "“{value}” is none of {known}")
TOO_SHORT = Text("não pode ser vazio", "it may not be empty")
TOO_LONG = Text("tem mais de {limit} caracteres", "it has more than {limit} characters")
NO_ID = Text(
    "“{value}” não serve de id: sem “|”, sem quebra de linha, sem espaço nas pontas",
    "“{value}” can be no id: no “|”, no line break, no blank at its ends",
)
NO_DATE = Text("“{value}” não é uma data AAAA-MM-DD", "“{value}” is no date YYYY-MM-DD")
NO_MOMENT = Text(
    "“{value}” não é um momento AAAA-MM-DDThh:mm:ss", "“{value}” is no moment YYYY-MM-DDThh:mm:ss"
)
TOO_SMALL = Text("deve ser {limit} ou mais", "it must be {limit} or more")
NOT_ABOVE = Text("deve ser maior que {limit}", "it must be more than {limit}")
TOO_LARGE = Text("deve ser {limit} ou menos", "it must be {limit} or less")
NOT_MULTIPLE = Text(
    "{value} tem casas decimais demais: o menor passo é {limit}",
    "{value} has too many decimal places: the smallest step is {limit}",
)
TOO_FEW = Text("deve ter {limit} item ou mais", "it must have {limit} item or more")
TOO_MANY = Text("tem mais de {limit} itens", "it has more than {limit} items")
TYPES: Mapping[str, tuple[tuple[type, ...], Text]] = {
    "object": ((dict,), Text("um objeto { }", "an object { }")),
    "array": ((list,), Text("uma lista [ ]", "a list [ ]")),
    "string": ((str,), Text("um texto", "a text")),
    "integer": ((int, Decimal), Text("um número inteiro", "a whole number")),
    "number": ((int, Decimal), Text("um número", "a number")),
    "boolean": ((bool,), same("true | false")),
}
MOMENT = (
    "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}"
    "(?:\\.[0-9]{1,6})?(?:Z|[+-][0-9]{2}:[0-9]{2})?$"
)
"""The pattern of a moment in the schema: `date-time` of JSON Schema would ask for an offset."""

Schema = Mapping[str, Any]


class Mistake(NamedTuple):
    """Something wrong, at a place of the form `/labours/0/id`."""

    path: str
    problem: Text


def refused(mistakes: Sequence[Mistake]) -> SenderFault:
    """What the sender is told of an event: each mistake by itself, the first ones."""
    return SenderFault(
        *(
            Fault(
                "EVENT_REFUSED", one.path, details={"problem": one.problem, "remedy": EVENT_IN_DOCS}
            )
            for one in mistakes[:MOST_MISTAKES]
        )
    )


def read_json(body: bytes) -> object:
    """What JSON says, its numbers as int and Decimal; SenderFault where it is none."""
    try:
        return json.loads(
            body.decode("utf-8-sig"),
            parse_float=Decimal,
            parse_constant=_no_number,
            object_pairs_hook=_each_once,
        )
    except json.JSONDecodeError as error:
        place = f"{error.lineno}:{error.colno}"
        raise refused([Mistake("", NO_JSON.filled(problem=place))]) from None
    except (ValueError, RecursionError):  # a text that is no UTF-8 is a ValueError too
        raise refused([Mistake("", NO_JSON.filled(problem=NOT_READ))]) from None


def _no_number(_: str) -> None:
    raise ValueError


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    told = dict(pairs)
    if len(told) < len(pairs):
        seen: set[str] = set()
        twice = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        raise refused([Mistake("", KEY_TWICE.filled(key=twice[:SHOWN]))])
    return told


def mistakes_in(value: object, schema: Schema) -> list[Mistake]:
    """Everything in which a value differs from a schema, in the order of its places."""
    return list(_differences(value, schema, schema, ""))


def _differences(value: Any, told: Schema, whole: Schema, path: str) -> Iterator[Mistake]:  # noqa: ANN401
    if reference := told.get("$ref"):
        told = whole["$defs"][reference.removeprefix("#/$defs/")]
    types, wanted = TYPES[told["type"]]
    if not _is_one(value, types, told["type"]):
        yield Mistake(path, WRONG_TYPE.filled(wanted=wanted))
        return
    for keyword, limit in told.items():
        if problem := RULES[keyword](value, limit):
            yield Mistake(path, problem)
            return  # one place is told once
    if isinstance(value, dict):
        yield from _of_object(value, told, whole, path)
    if isinstance(value, list):
        for place, each in enumerate(value):
            yield from _differences(each, told["items"], whole, f"{path}/{place}")


def _of_object(
    value: Mapping[str, Any], told: Schema, whole: Schema, path: str
) -> Iterator[Mistake]:
    known = told["properties"]
    for key in told["required"]:
        if key not in value:
            yield Mistake(f"{path}/{key}", MISSING.filled(key=key))
    for key, each in value.items():
        if key in known:
            yield from _differences(each, known[key], whole, f"{path}/{key}")
        else:
            yield Mistake(path, STRANGE.filled(key=key[:SHOWN], known=", ".join(known)))


def _is_one(value: object, types: tuple[type, ...], name: str) -> bool:
    """Whether a value is of a type; a whole number may be written 1.0, a boolean is no number."""
    if name == "integer" and isinstance(value, Decimal):
        return value == value.to_integral_value()
    return isinstance(value, types) and (bool in types or not isinstance(value, bool))


def _matches(value: str, pattern: str) -> Text | None:
    if pattern == MOMENT:
        good = bool(re.fullmatch(pattern, value)) and _is_read_by(datetime.fromisoformat, value)
        return None if good else NO_MOMENT.filled(value=value[:SHOWN])
    return None if re.fullmatch(pattern, value) else NO_ID.filled(value=value[:SHOWN])


def _is_day(value: str, _: str) -> Text | None:
    good = _is_read_by(date.fromisoformat, value) and date.fromisoformat(value).isoformat() == value
    return None if good else NO_DATE.filled(value=value[:SHOWN])


def _is_read_by(read: Callable[[str], object], value: str) -> bool:
    try:
        read(value)
    except ValueError:
        return False
    return True


def _is_multiple(value: int | Decimal, step: Decimal) -> Text | None:
    places = -int(value.as_tuple().exponent) if isinstance(value, Decimal) else 0
    allowed = -int(step.as_tuple().exponent)
    if places <= allowed or value % step == 0:
        return None
    return NOT_MULTIPLE.filled(value=str(value)[:SHOWN], limit=step)


def _passes(_: object, __: object) -> None:
    return None


Rule = Callable[[Any, Any], Text | None]
RULES: Mapping[str, Rule] = {
    **dict.fromkeys(("type", "description", "properties", "required", "items"), _passes),
    **dict.fromkeys(("additionalProperties", "$defs", "$schema", "$id", "title"), _passes),
    "enum": lambda value, known: (
        None if value in known else NOT_LISTED.filled(value=value[:SHOWN], known=", ".join(known))
    ),
    "minLength": lambda value, least: None if len(value) >= least else TOO_SHORT,
    "maxLength": lambda value, most: None if len(value) <= most else TOO_LONG.filled(limit=most),
    "pattern": _matches,
    "format": _is_day,
    "minimum": lambda value, least: None if value >= least else TOO_SMALL.filled(limit=least),
    "exclusiveMinimum": lambda value, least: (
        None if value > least else NOT_ABOVE.filled(limit=least)
    ),
    "maximum": lambda value, most: None if value <= most else TOO_LARGE.filled(limit=most),
    "multipleOf": _is_multiple,
    "minItems": lambda value, least: None if len(value) >= least else TOO_FEW.filled(limit=least),
    "maxItems": lambda value, most: None if len(value) <= most else TOO_MANY.filled(limit=most),
}
"""What each keyword asks of a value, but for those that lead to other places."""
