"""The verbs of the bus: accept, request, deliver, answer, replay, verify."""
