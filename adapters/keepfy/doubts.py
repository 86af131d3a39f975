"""What Keepfy applications may say, but hardly mean: warnings of `bus routes check`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bus.core.adapter_options import doubt
from bus.core.errors import Fault
from bus.core.route import Application
from bus.core.text import Text

SAME_BRANCH = Text(
    "{other} tem o mesmo endereço, o mesmo usuário e a mesma filial: seriam uma só no Keepfy, e o "
    "que vai às duas chega lá duas vezes",
    "{other} has the same address, user and branch: they would be one in Keepfy, and what goes to "
    "both gets there twice",
)
ANOTHER_BRANCH = Text(
    "Ponha em “branch” a filial desta aplicação, ou retire uma das duas.",
    "Put the branch of this application into “branch”, or remove one of the two.",
)


def doubts_about_branches(applications: Sequence[Application]) -> Iterator[Fault]:
    """One for each application that is the branch of one before it (K-04)."""
    known: dict[tuple[str, str, str], str] = {}
    for application in applications:
        user = application.credentials.user if application.credentials else ""
        branch = application.options.get("branch", "").strip()
        place = application.address.rstrip("/"), user, branch
        if other := known.get(place):
            problem = SAME_BRANCH.filled(other=other)
            yield doubt(application, "options.branch", problem, ANOTHER_BRANCH)
        known.setdefault(place, application.name)
