"""The demonstration: a small deployment with simulated ERPs, and the messages of its scenario."""

from __future__ import annotations

from importlib import resources
from string import Template


def routes(name: str = "routes", /, **values: object) -> str:
    """The routes of a demonstration with the addresses of this run."""
    text = resources.files(__name__).joinpath(f"{name}.yaml").read_text(encoding="utf-8")
    return Template(text).substitute({name: str(value) for name, value in values.items()})


def message(name: str, **values: object) -> bytes:
    """One of the demonstration's messages, with its `$fields` filled."""
    text = resources.files(__name__).joinpath("messages", f"{name}.xml").read_text(encoding="utf-8")
    return Template(text).substitute({key: str(value) for key, value in values.items()}).encode()
