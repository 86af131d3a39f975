"""The documents that come from code are as the code has them."""

from pathlib import Path

import pytest
from pydantic import BaseModel

from bus.config import Settings
from bus.config.keys import ApplicationKeys, CredentialsKeys, IdentityKeys
from bus.config.rules import RetryKeys, RouteKeys, SameKeys
from tests.docs import documents, read

MODELS = [Settings, ApplicationKeys, CredentialsKeys, IdentityKeys, RetryKeys, RouteKeys, SameKeys]


@pytest.mark.parametrize(
    ("path", "text"), list(documents()), ids=lambda part: getattr(part, "name", "")
)
def test_a_generated_document_is_fresh(path: Path, text: str) -> None:
    """`make docs` would change nothing."""
    assert read(path) == text


@pytest.mark.parametrize("model", MODELS)
def test_every_key_and_setting_is_explained(model: type[BaseModel]) -> None:
    """Each has a meaning and an example."""
    for name, field in model.model_fields.items():
        assert field.description, name
        assert field.examples, name
