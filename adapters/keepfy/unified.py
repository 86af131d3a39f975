"""The unified message in JSON as Keepfy writes it, and as it reads it (facts, section 2).

Read with tolerance, written strictly. What a message says beside is the codec's: its JSON form.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from adapters.keepfy.checking import Mistake, refused
from bus.core.text import Text
from bus.ports.codec import Codec

KNOWN: Mapping[str, tuple[str, str]] = {
    "item": ("Item", "4.005"),
    "warehouse": ("Warehouse", "1.000"),
    "unitofmeasure": ("UnitOfMeasure", "2.000"),
    "costcenter": ("CostCenter", "2.000"),
    "seller": ("Seller", "3.001"),
    "stocklevel": ("StockLevel", "1.001"),
    "stockturnover": ("StockTurnover", "1.006"),
    "request": ("Request", "1.010"),
}
"""The transactions of the unified message, in the spelling of the standard, and their version."""
SENT = frozenset({"item", "warehouse", "unitofmeasure", "costcenter", "seller", "stocklevel"})
"""Those that Keepfy takes."""
BASIC = re.compile(
    r"(\d{4})-?(\d{2})-?(\d{2})(?:T(\d{2}):?(\d{2}):?(\d{2})(\.\d+)?(Z|[+-][\d:]+)?)?", re.ASCII
)
DATED = ("datetime", "date", "generatedon")
"""How the names end of what is a date."""
LINES = {
    "Request": ("listofrequestitem", "requestitem"),
    "StockTurnover": ("listofstockturnoveritem", "stockturnoveritem"),
}
NO_HEADER = Text("falta Header ou Content", "Header or Content is missing")
NO_LOCATION = Text(
    "uma linha não tem local de estoque (WarehouseInternalId)",
    "a line has no stock location (WarehouseInternalId)",
)
ANOTHER_BRANCH = Text(
    "BranchId é {branch}, e aqui chega a filial {own}",
    "BranchId is {branch}, and this is branch {own}",
)
LEFT_OUT = frozenset({"companyid", "branchid", "sourceapplication", "transaction", "version"})


@dataclass(frozen=True, slots=True)
class UnifiedReader:
    """Reads messages of an application, which is one branch."""

    application: str
    branch: str
    codec: Codec

    def message(self, told: Mapping[str, Any]) -> bytes:
        """The standard message that a unified message is; SenderFault where it is none."""
        parts = _lowered(told)
        header, content = parts.get("header"), parts.get("content")
        if not isinstance(header, dict) or not isinstance(content, dict):
            raise refused([Mistake("/Header", NO_HEADER)])
        given = _lowered(header)
        branch = str(given.get("branchid") or self.branch)
        if branch != self.branch:
            problem = ANOTHER_BRANCH.filled(branch=branch[:60], own=self.branch)
            raise refused([Mistake("/Header/BranchId", problem)])
        said = str(given.get("transaction") or "")
        transaction, version = KNOWN.get(said.casefold(), (said, ""))
        mended = {key: each for key, each in header.items() if key.lower() not in LEFT_OUT}
        mended |= {"Transaction": transaction, "SourceApplication": self.application}
        mended["Version"] = given.get("version") or version
        if transaction == "StockLevel":
            mended = {key: each for key, each in mended.items() if key.lower() != "event"}
            mended["SubType"] = "request"
        body = _content(transaction, content)
        return self.codec.from_json(_dumped({"Header": _dated(mended), "Content": _dated(body)}))


def written(codec: Codec, message: bytes, branch: str) -> bytes:
    """A standard message as Keepfy takes it: its transaction in capitals, of a branch."""
    told = json.loads(codec.in_json(message), parse_float=Decimal)
    header = told["Header"]
    header["Transaction"] = header["Transaction"].upper()
    header["BranchId"] = branch
    if header["Transaction"] == "STOCKLEVEL":
        told["Content"] = _balances(told["Content"])
    return _dumped(told)


def _balances(content: Mapping[str, Any]) -> Mapping[str, Any]:
    """Balances by item, each with its locations, as the unified message has them."""
    rows = content.get("ReturnItem") or content.get("ReturnContent", {}).get("ReturnItem")
    if not isinstance(rows, list):
        return content
    items: dict[str, list[Mapping[str, Any]]] = {}
    for row in rows:
        stock = {key: each for key, each in row.items() if key != "ItemInternalId"}
        items.setdefault(str(row.get("ItemInternalId", "")), []).append(stock)
    return {
        "ListOfReturnItem": [
            {"ItemInternalId": item, "ListOfWarehouseStock": stocks}
            for item, stocks in items.items()
        ]
    }


def _content(transaction: str, content: Mapping[str, Any]) -> Mapping[str, Any]:
    if transaction == "StockLevel" and "requestitem" not in _lowered(content):
        return {"RequestItem": [content]}
    if transaction not in LINES:
        return content
    listed, item = LINES[transaction]
    mended = {
        key: _lines(each, item, transaction) if key.lower() == listed else each
        for key, each in content.items()
    }
    if transaction == "StockTurnover" and "documenttype" not in _lowered(content):
        mended["DocumentType"] = "001"  # the contract asks for it, and the JSON has none
    return mended


def _lines(value: Any, item: str, transaction: str) -> list[Any]:  # noqa: ANN401
    """The lines of a list, wrapped in their name or not; each has its location (K-20)."""
    lines: list[Any] = []
    for each in value if isinstance(value, list) else [value]:
        inner = _lowered(each).get(item, each) if isinstance(each, dict) else each
        lines += inner if isinstance(inner, list) else [inner]
    for line in lines:
        if not isinstance(line, dict):
            continue
        told = _lowered(line)
        deletes = str(told.get("event", "")).casefold() == "delete"
        if not (told.get("warehouseinternalid") or told.get("warehousecode") or deletes):
            raise refused([Mistake("/Content", NO_LOCATION)])
        if transaction == "StockTurnover" and "binlocation" not in told:
            line["BinLocation"] = ""  # as the document type
        if not deletes:
            for key in [key for key in line if key.lower() == "event"]:
                del line[key]  # the contract has delete alone
    return lines


def _dated(value: Any) -> Any:  # noqa: ANN401
    """Dates in the basic form of ISO 8601 in the extended one, which the contracts have."""
    if isinstance(value, list):
        return [_dated(each) for each in value]
    if not isinstance(value, dict):
        return value
    return {
        key: _extended(each) if key.lower().endswith(DATED) else _dated(each)
        for key, each in value.items()
    }


def _extended(value: Any) -> Any:  # noqa: ANN401
    found = BASIC.fullmatch(value) if isinstance(value, str) else None
    if not found:
        return _dated(value)
    day = f"{found[1]}-{found[2]}-{found[3]}"
    if not found[4]:
        return day
    return f"{day}T{found[4]}:{found[5]}:{found[6]}{found[7] or ''}{found[8] or ''}"


def _lowered(told: Mapping[str, Any]) -> dict[str, Any]:
    return {key.lower(): each for key, each in told.items()}


def _dumped(value: object) -> bytes:
    """JSON, in which what was a Decimal is a text with all its places: both forms mean the same."""
    return json.dumps(value, ensure_ascii=False, default=_spelt).encode("utf-8", "replace")


def _spelt(value: object) -> str:
    if isinstance(value, Decimal):
        return f"{value:f}"
    raise TypeError(type(value).__name__)
