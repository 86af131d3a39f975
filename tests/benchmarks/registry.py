"""What a process spends on its contracts when it starts: `python -m tests.benchmarks.registry`."""

from __future__ import annotations

import json
import math
import time
from pathlib import Path

from bus.contracts.example import example_message
from bus.contracts.registry import Registry
from bus.core.contract import Contract
from bus.ports.codec import Document
from bus.wiring import open_codec

_STATUS = Path("/proc/self/status")
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
    told["registry: load what explains refusals, done by a thread"] = 1e3 * (
        time.perf_counter() - began
    )
    told["registry: memory with what explains refusals"] = _memory() - before
    print(json.dumps(told))


def _example(contract: Contract) -> Document:
    return open_codec().parse(example_message(contract, "erp", uuid=_UUID, at=0, full=False))


def _memory() -> float:
    """The megabytes that this process holds; not a number where nobody tells."""
    if not _STATUS.exists():
        return math.nan
    lines = _STATUS.read_text("ascii").splitlines()
    (kilobytes,) = (line.split()[1] for line in lines if line.startswith("VmRSS:"))
    return int(kilobytes) / 1024


if __name__ == "__main__":
    main()
