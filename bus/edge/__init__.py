"""The edges: HTTP, the command line, metrics and logs. Where people and ERPs come in."""
