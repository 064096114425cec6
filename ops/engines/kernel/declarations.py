"""Load what an app declares to the engines."""

from importlib import import_module
from importlib.util import find_spec

from django.apps import AppConfig

DECLARATIONS = (
    "policies",
    "events",
    "ports",
    "imports",
    "handlers",
    "flows",
    "revised",
    "clocks",
    "jobs",
    "reports",
    "prints",
    "metrics",
    "controls",
    "desk",
    "sheets",
    "scores",
)


def load_declarations(app_config: AppConfig) -> list[str]:
    """Import the declaration modules an app has, in a fixed order, and return their names."""
    names = [f"{app_config.name}.{drawer}" for drawer in DECLARATIONS]
    found = [name for name in names if find_spec(name) is not None]
    for name in found:
        import_module(name)
    return found
