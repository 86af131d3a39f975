"""Logix: what it is like."""
