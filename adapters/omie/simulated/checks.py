"""What the services of a simulated Omie app ask of a call, and the faults where it is not so."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation

from adapters.omie.simulated.books import OmieFault, Row

SHORT, LONG = 20, 60
"""Characters that an integration code may have, by service."""


def by(rows: Mapping[int, Row], name: str, value: str) -> Row | None:
    """The record that has this value in a field; None for an empty one."""
    return next((row for row in rows.values() if value and row.get(name) == value), None)


def found(rows: Mapping[int, Row], param: Row, name: str, what: str) -> Row:
    """The record whose id a call names."""
    row = rows.get(int(param.get(name) or 0))
    if row is None:
        raise OmieFault(f"{what.capitalize()} não cadastrado para o Código [{param.get(name)}] !")
    return row


def require(param: Row, *names: str) -> None:
    """See that these fields are filled."""
    for name in names:
        if str(param.get(name, "")) in {"", "[]"}:
            raise OmieFault(f"O preenchimento da tag [{name}] é obrigatório !", "Client-104")


def at_most(value: str, length: int, name: str) -> None:
    """See that a text is no longer than that."""
    if len(value) > length:
        raise OmieFault(f"A tag [{name}] aceita no máximo {length} caracteres !", "Client-104")


def number_in(value: object) -> Decimal:
    """The number that a field is."""
    try:
        return Decimal(str(value))
    except InvalidOperation:
        raise OmieFault(f"Valor inválido: [{value}]", "Client-104") from None
