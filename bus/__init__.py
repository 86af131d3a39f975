"""The program: a message bus for ERPs."""
