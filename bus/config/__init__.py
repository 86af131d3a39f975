"""Configuration: parsed once, strictly, at the door; what is wrong is told with its place."""

from bus.config.deployment import Loaded, load_deployment
from bus.config.settings import Settings, load_settings

__all__ = ["Loaded", "Settings", "load_deployment", "load_settings"]
