"""The configuration in force, which may be replaced while the bus runs."""

from __future__ import annotations

from collections.abc import Callable

from bus.core.route import Deployment


class InForce:
    """Gives what is in force at the time of the call, and tells of another those who keep some."""

    def __init__(self, deployment: Deployment) -> None:
        self._deployment = deployment
        self._followers: list[Callable[[Deployment], None]] = []

    def __call__(self) -> Deployment:
        """What is in force."""
        return self._deployment

    def follow(self, put: Callable[[Deployment], None]) -> None:
        """Have somebody told of every configuration that is put in force from now on."""
        self._followers.append(put)

    def put(self, deployment: Deployment) -> None:
        """Put another in force: whatever begins from now on goes by it."""
        self._deployment = deployment
        for put in self._followers:
            put(deployment)
