"""The wheel, built and installed where there is no checkout."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import venv
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Installed:
    """The wheel in a virtual environment of its own, outside the checkout."""

    home: Path

    @property
    def environment(self) -> dict[str, str]:
        """The variables of its programs: nothing of the checkout, and no settings."""
        ours = ("PYTHON", "PYTEST", "BUS_")
        return {name: value for name, value in os.environ.items() if not name.startswith(ours)}

    def program(self, name: str) -> str:
        """Where a program of the environment is."""
        return str(self.home / "bin" / name)

    def run(self, program: str, *arguments: str, cwd: Path | None = None) -> str:
        """Answers what a program of the environment prints, started far from the checkout."""
        done = subprocess.run(
            [self.program(program), *arguments],
            cwd=cwd or self.home,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def install(self, package: Path) -> None:
        """Install a wheel, or a package from its folder, without asking an index."""
        offline = ["--no-deps", "--no-build-isolation"]
        pip("--python", self.program("python"), "install", *offline, str(package))

    def evaluate(self, expression: str, *, imports: str) -> str:
        """Answers the text of a Python expression."""
        return self.run("python", "-c", f"import {imports}; print({expression})").strip()


def build_wheel(checkout: Path, folder: Path) -> Path:
    """Build the wheel of a checkout into a folder."""
    offline = ["--no-deps", "--no-build-isolation", "--wheel-dir", str(folder)]
    pip("wheel", *offline, str(checkout))
    (built,) = folder.glob("*.whl")
    return built


def install(wheel: Path, home: Path) -> Installed:
    """Install a wheel into a new environment; the running one lends it the libraries it needs."""
    venv.create(home, with_pip=False)
    lend_libraries(home)
    installed = Installed(home)
    installed.install(wheel)
    return installed


def pip(*arguments: str) -> None:
    """Run pip, and show what it said when it fails."""
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def lend_libraries(home: Path) -> None:
    """Let an environment see the libraries of the running one, but not the checkout."""
    # Folders named by a .pth come last in sys.path, and their own .pth files are not read:
    # so the editable install of the checkout stays out of sight.
    (own,) = home.glob("lib/python*/site-packages")
    lent = dict.fromkeys(sysconfig.get_path(kind) for kind in ("purelib", "platlib"))
    (own / "lent.pth").write_text("\n".join(lent) + "\n", encoding="utf-8")
