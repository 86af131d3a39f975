"""Configuration: parsed once, strictly, at the door; what is wrong is told with its place."""

from bus.config.deployment import Loaded, applications_in, load_deployment, users_of_adapters
from bus.config.settings import Settings, load_settings

__all__ = [
    "Loaded",
    "Settings",
    "applications_in",
    "load_deployment",
    "load_settings",
    "users_of_adapters",
]
