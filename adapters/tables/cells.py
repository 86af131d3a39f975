"""One value: from a column into an element, and from an element into a column."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal, InvalidOperation

from adapters.tables.mapping import CellRule, Sign, ValueForm
from bus.core.element import Element
from bus.core.text import Text

NUMBER = re.compile(r"[+-]?(?:\d+(?:[.,]\d*)?|[.,]\d+)", re.ASCII)
BASIC = re.compile(r"(\d{4})(\d\d)(\d\d)(?=T|$)", re.ASCII)
SHOWN = 60
NO_NUMBER = Text("{origin}: “{value}” não é um número", "{origin}: “{value}” is no number")
NO_DATE = Text("{origin}: “{value}” não é uma data", "{origin}: “{value}” is no date")
NO_CODE = Text(
    "{origin}: o mapeamento não tem o código “{value}”",
    "{origin}: the mapping has no code “{value}”",
)
NO_TEXT = Text("{origin} não guarda texto", "{origin} holds no text")
TOO_FINE = Text(
    "{origin}: “{value}” tem mais de {places} casas decimais",
    "{origin}: “{value}” has more than {places} decimals",
)
TOO_LONG = Text(
    "{origin}: “{value}” não cabe em {length} caracteres",
    "{origin}: “{value}” does not fit into {length} characters",
)


class UnfitValue(Exception):
    """A value that its rule makes nothing of, and why."""

    def __init__(self, problem: Text) -> None:
        super().__init__(problem.en)
        self.problem = problem


def told(value: object) -> str | None:
    """A value of a column as text, without the blanks that pad it; None for NULL."""
    match value:
        case None:
            return None
        case str():
            return value.rstrip(" ")
        case datetime() | date():
            return value.isoformat()
        case float():
            return format(Decimal(repr(value)), "f")
        case Decimal():
            return format(value, "f")
        case _:
            return str(value)


def read_cell(rule: CellRule, row: Mapping[str, object]) -> str | None:
    """The text of an element, from a row; None where it is left out, UnfitValue where wrong."""
    if rule.constant is not None:
        return rule.constant
    value = row[rule.origin]
    if isinstance(value, (bytes, bytearray, memoryview)):
        raise UnfitValue(NO_TEXT.filled(origin=rule.origin))
    text = told(value) or ""
    if not text.strip():
        return rule.default
    return _code(rule, text) if rule.codes is not None else _in_its_form(rule, value, text)


def _in_its_form(rule: CellRule, value: object, text: str) -> str:
    """As standard messages have it: a decimal point, and dates as ISO 8601 has them."""
    match rule.form:
        case ValueForm.NUMBER:
            return format(_number(rule, text), "f")
        case ValueForm.DATE:
            return _moment(rule, value, text, rule.format).date().isoformat()
        case ValueForm.DATETIME:
            return _moment(rule, value, text, rule.format).isoformat()
        case ValueForm.TEXT:
            return text


def written_cell(rule: CellRule, content: Element) -> object:
    """The value for a column, from the content of a message; UnfitValue where there is none."""
    text = rule.constant if rule.constant is not None else content.text_at(rule.origin)
    if not text.strip():
        text = rule.default or ""
    elif rule.codes is not None:
        text = _code(rule, text)
    if not text:
        return None
    value = _valued(rule, text)
    if rule.length and isinstance(value, str) and len(value) > rule.length:
        raise _unfit(TOO_LONG, rule, value)
    return value


def _valued(rule: CellRule, text: str) -> object:
    match rule.form:
        case ValueForm.NUMBER:
            number = _number(rule, text)
            return format(number, "f").replace(".", ",") if rule.comma else number
        case ValueForm.DATE:
            day = _moment(rule, text, text, "").date()
            return day.strftime(rule.format) if rule.format else day
        case ValueForm.DATETIME:
            moment = _moment(rule, text, text, "")
            return moment.strftime(rule.format) if rule.format else moment
        case ValueForm.TEXT:
            return text


def _code(rule: CellRule, text: str) -> str:
    found = (rule.codes or {}).get(text, rule.default)
    if found is None:
        raise _unfit(NO_CODE, rule, text)
    return found


def _number(rule: CellRule, text: str) -> Decimal:
    """A number with the decimals and the sign of its rule; none is rounded."""
    if not NUMBER.fullmatch(text.strip()):
        raise _unfit(NO_NUMBER, rule, text)
    number = Decimal(text.strip().replace(",", "."))
    if rule.sign is not Sign.KEEP:
        number = abs(number) if rule.sign is Sign.DROP else -number
    if rule.places is None:
        return number
    try:
        fixed = number.quantize(Decimal(1).scaleb(-rule.places))
    except InvalidOperation:
        raise _unfit(NO_NUMBER, rule, text) from None
    if fixed != number:
        raise _unfit(TOO_FINE, rule, text)
    return fixed


def _moment(rule: CellRule, value: object, text: str, form: str) -> datetime:
    """A date and time without a zone, as systems of one site keep them."""
    if isinstance(value, datetime):
        return value.replace(tzinfo=None)
    try:
        if form:
            return datetime.strptime(text.strip(), form)  # noqa: DTZ007 - local, as it is kept
        return datetime.fromisoformat(BASIC.sub(r"\1-\2-\3", text.strip())).replace(tzinfo=None)
    except ValueError:
        raise _unfit(NO_DATE, rule, text) from None


def _unfit(problem: Text, rule: CellRule, text: str) -> UnfitValue:
    return UnfitValue(
        problem.filled(
            origin=rule.origin, value=text[:SHOWN], places=rule.places, length=rule.length
        )
    )
