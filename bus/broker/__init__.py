"""Speaks to message brokers through kombu, each connection in a thread of its own."""
