"""Envelopes as the products write them: tests/golden/envelopes/<case>/{in.xml, envelope.json, out.xml}.

The cases are synthetic. `out.xml` is what a destination is sent, under another UUID.
"""

import json
from dataclasses import asdict, is_dataclass
from pathlib import Path
from typing import Any

import pytest

from bus.codec.xml_codec import XmlCodec

CASES = sorted(
    case for case in (Path(__file__).parents[1] / "golden" / "envelopes").iterdir() if case.is_dir()
)
DESTINATION_UUID = "the-uuid-for-the-destination"


def as_told(value: Any) -> Any:
    """A part of an envelope by the names of its fields."""
    if hasattr(value, "_asdict"):
        return value._asdict()
    return asdict(value) if is_dataclass(value) and not isinstance(value, type) else value


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_an_envelope_is_read_as_it_is_meant_and_written_strictly(case: Path) -> None:
    """Read gives envelope.json, written gives out.xml."""
    codec = XmlCodec()

    document = codec.parse((case / "in.xml").read_bytes())

    envelope, header = document.envelope, document.envelope.header
    told = {name: as_told(value) for name, value in envelope._asdict().items()}
    told["repairs"] = [one.what.told("en") for one in envelope.repairs]
    told["header"] = header._asdict() | {"product": header.product._asdict()}
    assert json.loads(json.dumps(told)) == json.loads((case / "envelope.json").read_text("utf-8"))
    assert document.write(DESTINATION_UUID) == (case / "out.xml").read_bytes().strip()
