"""How the framework finds and proves an account."""

from typing import Any

from django.http import HttpRequest

from .models import User


class AccountBackend:
    """Load the account of a session; proving a password is the sign-in service's own work.

    `authenticate` never answers: the framework's own forms must not become a door without
    throttling and second factor.
    """

    def authenticate(self, request: HttpRequest | None, **credentials: Any) -> User | None:
        """Prove nobody: only `services.sign_in` does."""
        return None

    def get_user(self, user_id: int) -> User | None:
        """Return the account of a session with its person, unless it was switched off."""
        return User.objects.select_related("person").filter(pk=user_id, is_active=True).first()
