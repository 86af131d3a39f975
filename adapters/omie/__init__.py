"""Omie, by its JSON services."""
