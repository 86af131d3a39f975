"""Standard messages in XML and JSON: bytes to documents and back. A home of lxml."""
