"""Values and types as a fault shows them to people: cut, masked, nothing invisible in them."""

from __future__ import annotations

import re
from typing import Final

from bus.codec.place import SHOWN
from bus.core.redact import HIDDEN, is_secret
from bus.core.text import NOTHING, Text

_FORMS: Final = {
    "date": Text("uma data AAAA-MM-DD, como 2026-01-31", "a date YYYY-MM-DD, such as 2026-01-31"),
    "dateTime": Text(
        "data e hora AAAA-MM-DDThh:mm:ss, como 2026-01-31T10:00:00",
        "a date and time YYYY-MM-DDThh:mm:ss, such as 2026-01-31T10:00:00",
    ),
    "time": Text("uma hora hh:mm:ss, como 10:00:00", "a time hh:mm:ss, such as 10:00:00"),
    "decimal": Text(
        "um número com ponto decimal e sem separador de milhar, como 1234.56",
        "a number with a decimal point and no thousands separator, such as 1234.56",
    ),
    "integer": Text(
        "um número inteiro sem ponto nem vírgula, como 12",
        "a whole number without point or comma, such as 12",
    ),
    "nonNegativeInteger": Text(
        "um número inteiro, zero ou mais, como 12",
        "a whole number, zero or more, such as 12",
    ),
    "positiveInteger": Text(
        "um número inteiro maior que zero, como 12",
        "a whole number above zero, such as 12",
    ),
    "boolean": Text("true, false, 1 ou 0", "true, false, 1 or 0"),
    "anyURI": Text("um endereço, como http://erp.example/a", "an address: http://erp.example/a"),
    "base64Binary": Text("bytes em base64", "bytes in base64"),
    "hexBinary": Text("bytes em hexadecimal, como 0AFF", "bytes in hexadecimal, such as 0AFF"),
    "gYear": Text("um ano AAAA, como 2026", "a year YYYY, such as 2026"),
    "gYearMonth": Text("um mês AAAA-MM, como 2026-01", "a month YYYY-MM, such as 2026-01"),
    "duration": Text("uma duração, como P1DT2H", "a duration, such as P1DT2H"),
    "language": Text("o código de uma língua, como pt-BR", "the code of a language: pt-BR"),
    "NMTOKEN": Text("uma palavra sem brancos", "one word without blanks"),
}
_LIKE: Final = {
    "double": "decimal",
    "float": "decimal",
    "int": "integer",
    "long": "integer",
    "short": "integer",
    "byte": "integer",
    "unsignedInt": "nonNegativeInteger",
    "unsignedLong": "nonNegativeInteger",
    "unsignedShort": "nonNegativeInteger",
}
_ONLY_LOOKS: Final = Text(
    " Só valem os dígitos de 0 a 9 e o espaço comum: há caracteres parecidos nele.",
    " Only the digits 0 to 9 and plain spaces count: some characters only look so.",
)
# What looks like a blank, a digit or nothing at all, and is not what XML Schema takes for one.
_ODD: Final = re.compile(r"[^\S ]|[^\W_]|[\u200b-\u200f\u2060\ufeff]")


def shown(value: str, name: str, most: int = SHOWN) -> str:
    """A value as it may be shown: that of a secret hidden, what nobody would see spelt out."""
    if is_secret(name):
        return HIDDEN
    seen = "".join(
        each if each == " " or each.isprintable() else f"[U+{ord(each):04X}]"
        for each in value[:most]
    )
    return seen if len(value) <= most else f"{seen}…"


def form_of(type_: str) -> Text:
    """How a value of a type is written."""
    return _FORMS.get(_LIKE.get(type_, type_)) or Text(f"um valor {type_}", f"a value {type_}")


def form_of_pattern(pattern: str) -> Text:
    """The same of a pattern."""
    return Text(f"um valor da forma {pattern}", f"a value of the form {pattern}")


def note_on(value: str) -> Text:
    """A warning of characters that look right and are not; else nothing."""
    return NOTHING if all(each.isascii() for each in _ODD.findall(value)) else _ONLY_LOOKS
