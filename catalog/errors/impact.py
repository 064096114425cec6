"""What the replay of orders refuses."""

from django.utils.translation import gettext_lazy as _

from ops.engines.kernel.errors import BadInput


class WindowUnknown(BadInput):
    """A replay covers 30, 90 or 180 days."""

    def __init__(self) -> None:
        super().__init__("catalog.impact_window", _("Choose 30, 90 or 180 days."), field="window")
