"""A text of the configuration becomes a numbered version, where it differs from the newest."""

from __future__ import annotations

import hashlib

from bus.journal.commands import Configure
from bus.journal.facts import FactKind, FactRow
from bus.journal.rows import ConfigurationRow


def new_version(
    newest: ConfigurationRow | None, asked: Configure, now: int
) -> tuple[ConfigurationRow, FactRow] | None:
    """The next version of the configuration and its fact; None where the text is in force."""
    if newest and newest.text == asked.text:
        return None
    digest = hashlib.sha256(asked.text.encode()).hexdigest()
    number = newest.number + 1 if newest else 1
    data = {"number": number, "hash": digest}
    fact = FactRow(now, FactKind.CONFIGURED, "", 0, 0, "", asked.actor, "", data)
    return ConfigurationRow(number, now, asked.actor, digest, asked.text), fact
