"""Files of an initial load: every register of RM, each once with all that its contract has."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from adapters.rm.simulated import RM
from adapters.simulation.eai.simulator import EaiSimulator
from tests.support.back_office import OF_THEIR_OWN, contract
from tests.support.full_messages import Whole, id_of

REFERRED = "5"
"""The code of what full messages refer to."""
REGISTERS = {
    "Assets": "1.001",
    "CostCenter": "2.000",
    "Currency": "2.001",
    "CustomerVendor": "2.002",
    "Employee": "2.003",
    "EmployeePosition": "1.000",
    "Item": "4.005",
    "PaymentCondition": "3.000",
    "Role": "1.000",
    "ShiftWork": "1.000",
    "UnitOfMeasure": "2.000",
    "Warehouse": "1.000",
}


def register(named: str, code: str, changes: Mapping[str, str] | None = None) -> Whole:
    """A whole message of a register, that names things of the code `REFERRED`."""
    own = {} if code == REFERRED else {"Code": code}
    changes = {**OF_THEIR_OWN.get(named, {}), **own, **(changes or {})}
    found = contract(named, REGISTERS[named])
    return Whole(found, RM, "rm", f"u-{named}-{code}", code=code, changes=changes)


def written(folder: Path, *messages: Whole) -> Path:
    """A folder with a file for each message, in an order of names that is not the right one."""
    folder.mkdir(exist_ok=True)
    for one in messages:
        name = f"{one.contract.transaction}-{one.code}.xml"
        (folder / name).write_bytes(one.write())
    return folder


def introduce_others(reader: EaiSimulator, *messages: Whole) -> None:
    """Let the reader know what messages refer to and no register of a load brings."""
    for one in messages:
        for entity, id_ in one.references():
            if entity not in REGISTERS:
                code = id_.rpartition(" ")[2]
                known = id_of(reader.product.name, entity, code)
                reader.erp.pairs.learn("RM", entity, id_, (known,))
