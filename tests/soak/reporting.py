"""The chaos table, printed and in docs/reliability.md."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tests.soak.cells import Cell
from tests.soak.trial import ENOUGH, Effort, Survived

PAGE = Path(__file__).parents[2] / "docs" / "reliability.md"
BEGIN, END = "<!-- begin: chaos -->", "<!-- end: chaos -->"
HEAD = (
    "| done to it | times | processed | rate before | after | lost, doubled, out of order | command |\n"
    "|---|---|---|---|---|---|---|"
)


@dataclass(frozen=True, slots=True)
class CellRow:
    """What came of a cell. `missing`: what this machine has not; `broken`: which promise."""

    cell: Cell
    seed: int
    effort: Effort
    survived: Survived | None = None
    missing: str = ""
    broken: str = ""

    @property
    def failed(self) -> bool:
        """Whether the bus did not do what it must."""
        return bool(self.broken) or self.slow

    @property
    def slow(self) -> bool:
        """Whether it did not come back to its rate."""
        return self.survived is not None and self.survived.share < ENOUGH

    @property
    def verdict(self) -> str:
        """In a few words."""
        if self.missing:
            return f"not run: {self.missing}"
        if self.broken:
            return f"BROKEN: {self.broken[:500]}"
        return "none, but slow" if self.slow else "none"

    @property
    def line(self) -> str:
        """The row of the table."""
        hurt = processed = before = after = ""
        if one := self.survived:
            hurt, processed = str(one.hurt), f"{one.processed:,}"
            before, after = f"{one.before:.0f}/s", f"{one.after:.0f}/s ({one.share:.0%})"
        return (
            f"| {self.cell.tells} | {hurt} | {processed} | {before} | {after} | {self.verdict} "
            f"| `{self.command}` |"
        )

    @property
    def command(self) -> str:
        """How to run it again."""
        words = (
            f"--cell {self.cell.name} --seed {self.seed}"
            f" --seconds {self.effort.seconds:g} --window {self.effort.window:g}"
        )
        return f'make soak ARGS="{words}"'


def table(rows: list[CellRow]) -> str:
    """All rows."""
    return "\n".join([HEAD, *(row.line for row in rows)])


def write(rows: list[CellRow]) -> None:
    """Put the table where docs/reliability.md has it."""
    text = PAGE.read_text("utf-8")
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    PAGE.write_text(f"{before}{BEGIN}\n\n{table(rows)}\n\n{END}{after}", "utf-8")
