"""The API's own door: a token for name, password and one-time code."""

from datetime import timedelta

from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from ops.engines.identity import selectors, services
from ops.engines.kernel.errors import Forbidden
from ops.engines.kernel.policy import PUBLIC, SIGNED_IN

from .actors import actor_of, client_address, plain_request, request_id
from .api import PolicyAPIView
from .fields import MomentField
from .serializers import StrictSerializer, require_nothing

LIFETIME = timedelta(hours=12)


class SignInSerializer(StrictSerializer):
    """What proves an account."""

    username = serializers.CharField(max_length=150, trim_whitespace=False)
    password = serializers.CharField(max_length=1000, trim_whitespace=False)
    totp = serializers.CharField(max_length=10, required=False, allow_blank=True, default="")


class TokenSerializer(StrictSerializer):
    """A token, shown once."""

    token = serializers.CharField(read_only=True)
    expires_at = MomentField(read_only=True)
    username = serializers.CharField(read_only=True)
    person = serializers.CharField(read_only=True)
    roles = serializers.ListField(child=serializers.CharField(), read_only=True)


class LoginView(PolicyAPIView):
    """Get a token."""

    policies = {"post": PUBLIC}
    authentication_classes = ()

    @extend_schema(request=SignInSerializer, responses={200: TokenSerializer}, tags=["auth"])
    def post(self, request: Request) -> Response:
        """Prove an account and return a token for twelve hours."""
        sent = SignInSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        now = timezone.now()
        plain = plain_request(request)
        signed_in = services.sign_in(
            username=sent.validated_data["username"],
            password=sent.validated_data["password"],
            code=sent.validated_data["totp"],
            address=client_address(plain),
            at=now,
            request_id=request_id(plain),
        )
        if signed_in.must_enrol:
            raise Forbidden(
                "identity.code_needed", _("Set up the second factor on the sign-in page first.")
            )
        user = signed_in.user
        actor = selectors.actor_for(user, at=now, request_id=request_id(plain))
        token = services.create_api_token(
            user_id=user.pk, label=_("API sign-in"), lifetime=LIFETIME, actor=actor, at=now
        )
        shown = {
            "token": token.token,
            "expires_at": token.expires_at,
            "username": user.username,
            "person": user.person.name,
            "roles": sorted(actor.roles),
        }
        return Response(TokenSerializer(shown).data)


class LogoutView(PolicyAPIView):
    """End a token."""

    policies = {"post": SIGNED_IN}

    @extend_schema(request=None, responses={204: None}, tags=["auth"])
    def post(self, request: Request) -> Response:
        """End the token of this request."""
        require_nothing(request)
        if isinstance(request.auth, int):
            services.revoke_api_token(
                token_id=request.auth, actor=actor_of(request), at=timezone.now()
            )
        return Response(status=204)
