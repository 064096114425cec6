"""People and access app configuration."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from ops.engines.kernel.declarations import load_declarations
from ops.engines.kernel.policy import confine


class IdentityConfig(AppConfig):
    name = "ops.engines.identity"
    label = "identity"
    verbose_name = _("People and access")

    def ready(self) -> None:
        from ops.engines.kernel.rewrapping import register_keyring

        from .scopes import register_scope_kind
        from .services import totp

        register_scope_kind("department", "identity.Department")
        register_keyring(totp.KEYRING)
        confine("ops", "department")
        load_declarations(self)
