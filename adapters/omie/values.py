"""Values in Omie's form and in that of standard messages: dates, flags, numbers, ids."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation

_ISO = re.compile(r"(\d{4})-(\d{2})-(\d{2})")
_ID = re.compile(r"[1-9]\d{0,18}")
_CNPJ = re.compile(r"[0-9A-Z]{12}\d{2}")
_CPF = re.compile(r"\d{11}")
CNPJ, CPF = 14, 11
"""Characters of a document."""


def omie_id(text: str) -> int:
    """The id that Omie gave; 0 where a text is none: those of others are no numbers of ours."""
    return int(text) if _ID.fullmatch(text) else 0


def omie_date(text: str) -> str:
    """`dd/mm/aaaa` of an ISO date or moment; empty where it is none."""
    found = _ISO.match(text.strip())
    return f"{found[3]}/{found[2]}/{found[1]}" if found else ""


def number(text: str) -> Decimal | None:
    """A number of a standard message; None where there is none."""
    try:
        value = Decimal(text.strip())
    except InvalidOperation:
        return None
    return value if value.is_finite() else None


def inactive(text: str) -> str:
    """Omie's flag of what may not be used, of an Active or a RegisterSituation."""
    return {"true": "N", "1": "N", "active": "N", "": ""}.get(text.strip().casefold(), "S")


def moment_of(date: object, time: object) -> datetime | None:
    """A moment of Omie's, which is local and names no zone; None where it is none."""
    try:
        return datetime.strptime(f"{date} {time}", "%d/%m/%Y %H:%M:%S")  # noqa: DTZ007
    except ValueError:
        return None


def document_of(text: str) -> str:
    """A CNPJ or CPF without its mask, letters of an alphanumeric one in upper case."""
    return re.sub(r"[^0-9A-Z]", "", text.upper())


def is_document(text: str) -> bool:
    """Whether a text without mask is a CNPJ or CPF: its last two digits follow from the others."""
    if not (_CNPJ.fullmatch(text) or _CPF.fullmatch(text)) or len(set(text)) == 1:
        return False
    last = 9 if len(text) == CNPJ else 11
    bare = text[:-2]
    for _ in "12":
        bare += _check_digit(bare, last)
    return bare == text


def _check_digit(text: str, last: int) -> str:
    """The digit after a text, whose characters weigh 2, 3 … `last`, 2 … from its end on."""
    weights = [2 + at % (last - 1) for at in range(len(text))]
    told = sum(
        (ord(one) - ord("0")) * weight for one, weight in zip(text[::-1], weights, strict=True)
    )
    return str((11 - told % 11) % 11 % 10)


def value_at(record: Mapping[str, object], path: str) -> object:
    """The value of a field, also in a record of a record: `a/b`; None where there is none."""
    name, _, rest = path.partition("/")
    value = record.get(name)
    if not rest:
        return value
    return value_at(value, rest) if isinstance(value, dict) else None


def place(record: dict[str, object], path: str, value: object) -> None:
    """Put a value at a path, `a/b`, where nothing but records stands on the way."""
    name, _, rest = path.partition("/")
    if not rest:
        record[name] = value
        return
    branch = record.setdefault(name, {})
    if isinstance(branch, dict):
        place(branch, rest, value)


def records_in(value: object) -> list[dict[str, object]]:
    """The records of a list; none where it is no list."""
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def shown(value: object) -> str:
    """A value of Omie's as the text of an element; a number without an exponent."""
    if isinstance(value, Decimal):
        return f"{value:f}"
    return "" if value is None else str(value)
