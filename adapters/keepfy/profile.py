"""What Keepfy is like, where its application in routes.yaml does not say otherwise."""

from __future__ import annotations

from bus.core.profile import Prerequisite, Profile
from bus.core.route import IdScope, TranslatedBy
from bus.core.text import Text

PREREQUISITES = (
    Prerequisite(
        "K-03",
        Text(
            "O Keepfy contratado pela Omie Store.",
            "Keepfy contracted through the Omie Store.",
        ),
    ),
)

PROFILE = Profile(
    products=("KEEPFY",),
    title="Keepfy",
    # It gives ids of its own, and says them in its receipts.
    de_para=TranslatedBy.BUS,
    # One application is one branch (K-04).
    id_scope=IdScope.WHOLE,
    names_no_company=True,
    prerequisites=PREREQUISITES,
)
