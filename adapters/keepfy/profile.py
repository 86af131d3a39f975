"""What Keepfy is like, where its application in routes.yaml does not say otherwise."""

from __future__ import annotations

from bus.core.profile import Profile
from bus.core.route import IdScope, TranslatedBy

PROFILE = Profile(
    products=("KEEPFY",),
    title="Keepfy",
    # It gives ids of its own, and says them in its receipts.
    de_para=TranslatedBy.BUS,
    # One application is one branch (K-04).
    id_scope=IdScope.WHOLE,
)
