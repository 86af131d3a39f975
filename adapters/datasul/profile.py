"""What a Datasul is like, where its application in routes.yaml does not say otherwise."""

from __future__ import annotations

from bus.core.profile import Profile
from bus.core.route import IdScope, TranslatedBy

PROFILE = Profile(
    products=("DATASUL",),
    title="Datasul",
    de_para=TranslatedBy.APPLICATION,
    id_scope=IdScope.WHOLE,
)
