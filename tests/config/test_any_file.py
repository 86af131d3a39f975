"""Whatever a file holds, it gives a deployment or faults, never another exception."""

import io
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from bus.config import load_deployment
from bus.core.errors import BusFault
from tests.config.conftest import ADAPTERS, CONTRACTS, ENVIRONMENT, check_condition
from tests.config.test_mistakes import RIGHT

NEW = ["references", "id_scope", "default", "qualifiers", "CustomerVendor", "entity", "between"]
KEYS = sorted({word.strip("{}[]:,") for word in RIGHT.split()} | set(NEW))
WORDS = st.sampled_from(KEYS) | st.text(max_size=8)
VALUES: st.SearchStrategy[Any] = st.recursive(
    WORDS | st.none() | st.booleans() | st.integers() | st.floats(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=4),
    max_leaves=12,
)
FILES = st.fixed_dictionaries(
    {
        "applications": st.dictionaries(WORDS, VALUES, max_size=3) | VALUES,
        "routes": st.dictionaries(WORDS, VALUES, max_size=3) | VALUES,
        "shared_ids": st.lists(VALUES, max_size=2) | VALUES,
    }
)


def read(content: bytes) -> None:
    """Load a file with this content; only a BusFault may come of it."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "routes.yaml"
        file.write_bytes(content)
        try:
            load_deployment(
                file,
                contracts=CONTRACTS,
                adapters=ADAPTERS,
                environment=ENVIRONMENT,
                check_condition=check_condition,
            )
        except BusFault as refused:
            for fault in refused.faults:
                assert fault.line >= 0
                assert fault.reason("pt")
                assert fault.remedy("en")


@given(st.binary(max_size=200))
def test_any_bytes_give_a_deployment_or_faults(content: bytes) -> None:
    """Bytes that are not even text are a mistake like another."""
    read(content)


@given(st.text(alphabet="ab:-[]{}&*!|>'\"%@#,? \n\t0.\\xU~<", max_size=80))
def test_any_text_gives_a_deployment_or_faults(content: str) -> None:
    """Text with all the signs of YAML never surprises the reader."""
    read(content.encode())


@given(
    st.integers(0, len(RIGHT)),
    st.integers(0, 6),
    st.text(alphabet="ab:-[]{}&*!'\" \n0", max_size=4),
)
def test_a_damaged_file_gives_a_deployment_or_faults(at: int, cut: int, put: str) -> None:
    """A right file of which a piece was lost or overwritten is read or refused."""
    read((RIGHT[:at] + put + RIGHT[at + cut :]).encode())


@given(FILES)
def test_any_values_give_a_deployment_or_faults(values: dict[str, Any]) -> None:
    """Values of every kind, at every key, are taken or refused."""
    written = io.StringIO()
    YAML(typ="safe", pure=True).dump(values, written)

    read(written.getvalue().encode("utf-8", "surrogatepass"))
