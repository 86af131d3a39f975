"""`bus demo`, run once as a new user runs it, and what it prints."""

import os
import subprocess
import sys
from pathlib import Path

PROGRAM = [sys.executable, "-c", "from bus.edge.cli import main; main()"]


def demonstrated(folder: Path, *options: str) -> str:
    """What the demonstration prints, in Portuguese; it must end well, and complain of nothing."""
    surroundings = {k: v for k, v in os.environ.items() if not k.startswith("BUS_")}
    done = subprocess.run(
        [*PROGRAM, "demo", *options, "--once", "--port", "0", "--language", "pt"],
        cwd=folder,
        env=surroundings,
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return done.stdout


def scene(told: str, number: int) -> str:
    """What is told of one scene."""
    return told.partition(f"\n{number}. ")[2].partition(f"\n{number + 1}. ")[0]
