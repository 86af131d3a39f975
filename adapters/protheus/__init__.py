"""Protheus: how it behaves, for simulations."""
