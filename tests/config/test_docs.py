"""The documents that come from code are as the code has them."""

import re
from pathlib import Path

import pytest
from pydantic import BaseModel

from bus.config import Settings
from bus.config.application_keys import (
    ApplicationKeys,
    CredentialsKeys,
    ErrorTextKeys,
    IdentityKeys,
    LimitKeys,
    ThrottleKeys,
)
from bus.config.broker_keys import BrokerKeys
from bus.config.effect_keys import EffectKeys
from bus.config.route_keys import RetryKeys, RouteKeys, SharedIdsKeys
from bus.core.fault_texts import FAULT_TEXTS
from bus.core.outcome import Outcome
from bus.testing.suite import CODES
from tests.docs import documents, read

MODELS = [
    Settings,
    ApplicationKeys,
    CredentialsKeys,
    ErrorTextKeys,
    IdentityKeys,
    LimitKeys,
    ThrottleKeys,
    BrokerKeys,
    EffectKeys,
    RetryKeys,
    RouteKeys,
    SharedIdsKeys,
]

HEADINGS = ("| outcome | say it when", "| outcome | codes")
"""How the tables of the guide to adapters begin."""


@pytest.mark.parametrize(
    ("path", "text"), list(documents()), ids=lambda part: getattr(part, "name", "")
)
def test_a_generated_document_is_fresh(path: Path, text: str) -> None:
    """`make docs` would change nothing."""
    assert read(path) == text


def test_the_guide_to_adapters_names_every_outcome_and_only_codes_that_exist(
    checkout: Path,
) -> None:
    """Those that an adapter decides, and the faults that go with them."""
    guide = read(checkout / "docs" / "write-an-adapter.md")
    outcomes, codes = (guide.split(heading)[1].split("\n\n")[0] for heading in HEADINGS)

    rows = set(re.findall(r"^\| `([A-Z]+)` ", outcomes, re.MULTILINE))
    assert rows == {one.name for one in Outcome} - {"WITHHELD"}
    named = set(re.findall(r"`([A-Z_]+)`", codes))
    assert named - rows <= FAULT_TEXTS.keys()
    assert {code for some in CODES.values() for code in some} <= named


@pytest.mark.parametrize("model", MODELS)
def test_every_key_and_setting_is_explained(model: type[BaseModel]) -> None:
    """Each has a meaning and an example."""
    for name, field in model.model_fields.items():
        assert field.description, name
        assert field.examples, name
