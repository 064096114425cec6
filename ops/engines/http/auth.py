"""How an API request names its account."""

from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from ops.engines.identity import services
from ops.engines.identity.models import User


class TokenAuthentication(BaseAuthentication):
    """`Authorization: Token <text>`; one statement, nothing cached, so that revoking is at once."""

    keyword = b"token"

    def authenticate(self, request: Request) -> tuple[User, int] | None:
        """Return the account and the id of its token, or None when no token was sent.

        Raises AuthenticationFailed for a token that is unknown, revoked or too old.
        """
        parts = get_authorization_header(request).split()
        if not parts or parts[0].lower() != self.keyword:
            return None
        token = parts[1].decode("ascii", "replace") if len(parts) == 2 else ""
        found = services.owner_of_token(token=token, at=timezone.now())
        if found is None:
            raise AuthenticationFailed(_("This token is not valid."))
        return found

    def authenticate_header(self, request: Request) -> str:
        """Return the challenge that goes with 401."""
        return 'Token realm="api"'
