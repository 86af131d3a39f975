"""One company group (T-12): an application that has one is called by no company of a second: pure.

Of an id of a company, `99|D MG 01`, the group is the first segment.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from bus.core.errors import Fault
from bus.core.translation import COMPANY, SEPARATOR
from depara.model import Key

if TYPE_CHECKING:
    from bus.core.route import Application

SECOND_GROUP = "SECOND_COMPANY_GROUP"
"""The code of a refusal, and why an entry of an answer taught nothing."""


def group_of(id_: str) -> str:
    """The group of a company; empty where the id names none."""
    return id_.partition(SEPARATOR)[0].strip()


class Groups:
    """The group of each application that has one, as far as pairs told it.

    Of an application without any pair, the first company that is named tells it.
    """

    def __init__(self, known: Mapping[str, Iterable[str]] | None = None) -> None:
        self.known = {name: tuple(groups) for name, groups in (known or {}).items()}

    def against(self, application: Application, key: Key) -> Fault | None:
        """Why an id of an application cannot be paired; None where it can."""
        group = group_of(key.id)
        if not application.one_company_group or key.entity != COMPANY or not group:
            return None
        known = self.known.setdefault(application.name, (group,))
        if group.casefold() in {one.casefold() for one in known}:
            return None
        details = {
            "application": application.name,
            "id": key.id,
            "group": group,
            "known": ", ".join(known),
        }
        return Fault(SECOND_GROUP, details=details)
