"""The adapter for Omie, by its JSON services: see docs/omie.md."""

from adapters.omie.kind import OmieKind

ADAPTER = OmieKind()
