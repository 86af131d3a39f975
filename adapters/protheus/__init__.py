"""Protheus: what it is like, and how it behaves in simulations."""
