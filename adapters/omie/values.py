"""Values in Omie's form and in that of standard messages: dates, flags, numbers, ids."""

from __future__ import annotations

import re
from datetime import datetime
from decimal import Decimal, InvalidOperation

_ISO = re.compile(r"(\d{4})-(\d{2})-(\d{2})")
_ID = re.compile(r"[1-9]\d{0,18}")


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


def shown(value: object) -> str:
    """A value of Omie's as the text of an element; a number without an exponent."""
    if isinstance(value, Decimal):
        return f"{value:f}"
    return "" if value is None else str(value)
