"""The ports: what the engine needs of the world, each with its duties, one file a port.

Implementations pass the suites in tests/semantics. Methods marked async may wait for the world; the
others only compute.
"""
