"""Every door has a policy: checked when the class is made and when the request comes."""

from collections.abc import Iterable, Mapping

from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone
from rest_framework.request import Request

from ops.engines.kernel.actor import Actor
from ops.engines.kernel.policy import Policy, declare

from .actors import actor_of, actor_or_none, plain_request, record_denial

HTTP_VERBS = ("get", "post", "put", "patch", "delete")


def enforce(policy: Policy, request: HttpRequest | Request) -> Actor | None:
    """Let the request pass or refuse it; a refusal of a signed-in person is audited.

    Returns the actor (None at a public door without sign-in). Raises NotSignedIn, Forbidden.
    """
    actor = actor_or_none(request)
    if policy.allows(actor):
        return actor
    actor = actor_of(request)
    with transaction.atomic():
        record_denial(plain_request(request), actor, right=policy.label, at=timezone.now())
    policy.require(actor)
    return actor


def declare_all(
    owner: type, policies: Mapping[str, Policy], *, needed: Iterable[str], kind: str
) -> None:
    """Enter the policies of a view class into the registry.

    Raises TypeError when an action has no policy, or a policy no action.
    """
    wanted = set(needed)
    name = f"{owner.__module__}.{owner.__qualname__}"
    for action in sorted(wanted):
        declare(kind, f"{name}.{action}", policies.get(action))
    if unknown := set(policies) - wanted:
        raise TypeError(f"{kind} {name} declares policies for no action: {sorted(unknown)}")


def verbs_of(owner: type) -> list[str]:
    """Return the HTTP verbs a view class answers."""
    return [verb for verb in HTTP_VERBS if callable(getattr(owner, verb, None))]
