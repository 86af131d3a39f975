"""Datasul: what it is like."""
