"""Adapters: code that speaks to a kind of application."""
