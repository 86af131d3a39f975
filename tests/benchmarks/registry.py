"""What a process spends on its contracts when it starts: `python -m tests.benchmarks.registry`."""

from __future__ import annotations

import asyncio
import json
import math
import os
import time
from pathlib import Path

from bus.contracts.example import example_message
from bus.contracts.registry import Registry
from bus.core.contract import Contract
from bus.ports.codec import Document
from bus.wiring import open_codec

_UUID = "0b0e5b6a-6a51-4c7e-9a3f-9d9a1c1f0001"


def main() -> None:
    """Print the milliseconds and megabytes of each step, as the rows of the benchmark are called."""
    told: dict[str, float] = {}
    documents = [_example(contract) for contract in Registry().known()]
    before = _memory()
    began = time.perf_counter()
    registry = Registry()
    contracts = registry.known()
    told["registry: open, and know all contracts"] = 1e3 * (time.perf_counter() - began)
    began = time.perf_counter()
    for contract, document in zip(contracts, documents, strict=True):
        registry.check(contract, document)
    told["registry: compile all contracts, else done at the first message of each"] = 1e3 * (
        time.perf_counter() - began
    )
    told["registry: memory with all contracts compiled"] = _memory() - before
    began = time.perf_counter()
    registry.warm_up()
    asyncio.run(registry.explain(*_wrong(registry)))
    told["registry: start what explains refusals, until the first is explained"] = 1e3 * (
        time.perf_counter() - began
    )
    told["registry: memory of the process that explains"] = sum(map(_memory, _children()))
    print(json.dumps(told))


def _wrong(registry: Registry) -> tuple[Contract, Document]:
    """A message with an element that its contract does not know."""
    contract = registry.find("Currency", "2.001")
    assert contract is not None
    body = example_message(contract, "erp", uuid=_UUID, at=0, full=False)
    wrong = body.replace(b"<Code>", b"<Kode>").replace(b"</Code>", b"</Kode>")
    return contract, open_codec().parse(wrong)


def _children() -> list[int]:
    """The processes that this one has started; none where nobody tells."""
    told = Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children")
    return [int(pid) for pid in told.read_text("ascii").split()] if told.exists() else []


def _example(contract: Contract) -> Document:
    return open_codec().parse(example_message(contract, "erp", uuid=_UUID, at=0, full=False))


def _memory(pid: int | str = "self") -> float:
    """The megabytes that a process holds; not a number where nobody tells."""
    status = Path(f"/proc/{pid}/status")
    if not status.exists():
        return math.nan
    lines = status.read_text("ascii").splitlines()
    (kilobytes,) = (line.split()[1] for line in lines if line.startswith("VmRSS:"))
    return int(kilobytes) / 1024


if __name__ == "__main__":
    main()
