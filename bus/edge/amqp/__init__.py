"""The door for messages that a broker holds."""
