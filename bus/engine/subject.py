"""What a message is about, by the texts at the paths that its contract names."""

from __future__ import annotations

from collections.abc import Mapping

from bus.core.contract import Contract
from bus.core.envelope import Envelope
from bus.core.journal import Target
from bus.core.plan import Subject, subject_of

KEY = 200
"""Characters of a business key that can be searched for."""


def subject_by(envelope: Envelope, contract: Contract | None, texts: Mapping[str, str]) -> Subject:
    """The document and its target; without a contract, by the envelope's identification."""
    if contract is None or not contract.catalogued:
        keys = getattr(envelope.business, "keys", ())
        own = next((value for name, value in keys if name.casefold() == "internalid"), "")
        return subject_of(envelope, None, own, None)
    own = next(filter(None, map(texts.__getitem__, contract.own_id)), "")
    if not own:
        parts = [texts[path] for path in contract.natural_key]
        own = "|".join(parts) if any(parts) else ""
    return subject_of(envelope, contract, own, _target(contract, texts))


def business_keys_by(
    contract: Contract | None, texts: Mapping[str, str]
) -> tuple[tuple[str, str], ...]:
    """What people search by: names and values."""
    named = contract.business_keys if contract else ()
    return tuple((name, texts[path][:KEY]) for name, path in named if texts[path])


def _target(contract: Contract, texts: Mapping[str, str]) -> Target | None:
    aim = contract.target
    if aim is None or not texts[aim.path]:
        return None
    entity = aim.entity_when(texts.get(aim.by_path, ""))
    return Target(entity.casefold(), texts[aim.path])
