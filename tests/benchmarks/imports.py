"""Imports, as an admin does them: `bus depara import` and `bus schemas import`, each a process.

The de-para is filled from a CSV file into a new journal; contracts are imported from a folder with
all that ship, under the installation's own. Bare is the same files read by csv and compiled by lxml.
"""

from __future__ import annotations

import csv
import math
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

from lxml import etree

import schemas
from tests.benchmarks.children import CHECKOUT
from tests.benchmarks.measuring import Effort, Question, Row, alone, interleave
from tests.benchmarks.wire import Broken

NAME = "imports"
PAIRS = 20_000
_ROUTES = """
applications:
  rm: {product: RM, id_scope: application}
  wms: {product: WIS, id_scope: application}
routes: {}
"""
_MOST_HELD = re.compile(r"^VmHWM:\s+(\d+) kB", re.MULTILINE)
# The command, and what it held at most: nothing where the system does not tell.
_PROGRAM = """
import os, pathlib
from bus.edge.cli import main
try:
    main()
finally:
    status = pathlib.Path("/proc/self/status")
    text = status.read_text("ascii") if status.exists() else ""
    pathlib.Path(os.environ["HELD"]).write_text(text, "ascii")
"""


class Ran(NamedTuple):
    """What a command took: seconds, and the most memory that it held, in MB of 1,000,000 bytes."""

    seconds: float
    memory: float


def answer(effort: Effort) -> list[Row]:
    """What each import takes, and what it holds."""
    pairs = effort.count(PAIRS, least=100)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "routes.yaml").write_text(_ROUTES, encoding="utf-8")
        file, tree = _pairs(folder, pairs), _tree(folder)
        filled, taken = interleave(
            effort.rounds,
            lambda: _import_pairs(folder, file),
            lambda: _import_contracts(folder, tree),
        )
        (bare,) = interleave(effort.rounds, lambda: _compiled(tree))
    many = len(schemas.contract_names())
    rate = [pairs / one.seconds for one in filled]
    return [
        alone(NAME, f"bus depara import, {pairs:,} pairs", "pairs/s", rate),
        alone(NAME, "the same: memory of the command", "MB", [one.memory for one in filled]),
        alone(NAME, f"bus schemas import, {many} contracts", "s", [one.seconds for one in taken]),
        alone(NAME, "the same: memory of the command", "MB", [one.memory for one in taken]),
        alone(NAME, "the same files compiled by lxml alone", "s", bare),
    ]


def _pairs(folder: Path, count: int) -> Path:
    file = folder / "pairs.csv"
    with file.open("w", encoding="utf-8", newline="") as opened:
        rows = csv.writer(opened, delimiter=";")
        rows.writerow(["entity", "application", "id", "other", "other_id"])
        for number in range(count):
            rows.writerow(["Currency", "rm", f"1|{number:07d}", "wms", f"W{number:07d}"])
    return file


def _tree(folder: Path) -> Path:
    """The contracts that ship, whole, in the layout of those that are published."""
    from bus.contracts.xsd import contract_xsd  # noqa: PLC0415 - the package ships

    tree = folder / "published"
    tree.mkdir()
    for name in schemas.contract_names():
        whole = etree.tostring(contract_xsd(name), encoding="UTF-8", xml_declaration=True)
        (tree / f"{name}.xsd").write_bytes(whole)
    return tree


def _import_pairs(folder: Path, file: Path) -> Ran:
    with tempfile.TemporaryDirectory(dir=folder) as own:
        journal = str(Path(own) / "bus.db")
        return _ran(folder, "depara", "import", str(file), BUS_JOURNAL=journal)


def _import_contracts(folder: Path, tree: Path) -> Ran:
    with tempfile.TemporaryDirectory(dir=folder) as own:
        return _ran(folder, "schemas", "import", str(tree), "--contracts", own)


def _compiled(tree: Path) -> float:
    began = time.perf_counter()
    for file in tree.iterdir():
        etree.XMLSchema(etree.parse(file))
    return time.perf_counter() - began


def _ran(folder: Path, *arguments: str, **settings: str) -> Ran:
    command = [sys.executable, "-c", _PROGRAM, *arguments]
    environment = {**os.environ, "BUS_ROUTES": str(folder / "routes.yaml"), **settings}
    environment |= {"PYTHONPATH": str(CHECKOUT), "HELD": str(folder / "held")}
    began = time.perf_counter()
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, check=False)
    seconds = time.perf_counter() - began
    if done.returncode:
        raise Broken((done.stdout + done.stderr).decode("utf-8", "replace")[-2_000:])
    held = _MOST_HELD.search((folder / "held").read_text("ascii"))
    return Ran(seconds, int(held[1]) * 1024 / 1e6 if held else math.nan)


QUESTION = Question(NAME, "How long do imports take?", answer)
