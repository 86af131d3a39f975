"""The adapter for Keepfy, by events, unified messages and GraphQL: see docs/keepfy.md."""

from adapters.keepfy.kind import KeepfyKind

ADAPTER = KeepfyKind()
