"""The HTTP edge: a raw ASGI handler for messages; health and metrics beside it; the local API."""
