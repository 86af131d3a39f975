"""Verify: proves from two independent records that nothing was lost (S15)."""

from bus.engine.verify.discrepancy import Breach, Discrepancy
from bus.engine.verify.verifier import Verification, verify

__all__ = ["Breach", "Discrepancy", "Verification", "verify"]
