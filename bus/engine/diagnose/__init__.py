"""Diagnose: what stands between the applications and messages that flow, found out side by side."""

from bus.engine.diagnose.diagnoser import Diagnoser

__all__ = ["Diagnoser"]
