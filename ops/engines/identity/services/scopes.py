"""Object permissions: which channel, warehouse, department ... an account works in."""

from datetime import datetime
from typing import Any

from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.utils.translation import gettext as _
from guardian.models import UserObjectPermission

from ops.engines.audit import services as audit
from ops.engines.identity.errors import PersonMissing
from ops.engines.identity.policies import GIVE_RIGHTS, require_another
from ops.engines.identity.scopes import WORK_IN, scope_kinds, scope_model
from ops.engines.kernel.actor import Actor

from .accounts import end_sessions, locked
from .duties import act


def grant_scope(*, user_id: int, kind: str, object_id: int, actor: Actor, at: datetime) -> None:
    """Let an account work in one object; granting twice is granting once.

    Raises Forbidden, NotYourself, PersonMissing (account, kind or object).
    """
    _change(user_id=user_id, kind=kind, object_id=object_id, actor=actor, at=at, grant=True)


def revoke_scope(*, user_id: int, kind: str, object_id: int, actor: Actor, at: datetime) -> None:
    """Take the permission to work in one object away; effective with the next request.

    Raises Forbidden, NotYourself, PersonMissing (account, kind or object).
    """
    _change(user_id=user_id, kind=kind, object_id=object_id, actor=actor, at=at, grant=False)


def _change(
    *, user_id: int, kind: str, object_id: int, actor: Actor, at: datetime, grant: bool
) -> None:
    GIVE_RIGHTS.require(actor)
    if kind not in scope_kinds():
        raise PersonMissing("identity.scope_kind_missing", _("There is no such kind of scope."))
    with transaction.atomic():
        user = locked(user_id)
        require_another(actor, user.person_id)
        model = scope_model(kind)
        # The framework's own name for "whichever manager the model has".
        if not model._default_manager.filter(pk=object_id).exists():  # noqa: SLF001
            raise PersonMissing("identity.scope_object_missing", _("There is nothing to grant."))
        content_type = ContentType.objects.get_for_model(model)
        row: dict[str, Any] = {
            "user": user,
            "permission": Permission.objects.get(content_type=content_type, codename=WORK_IN),
            "content_type": content_type,
            "object_pk": str(object_id),
        }
        if grant:
            act(duty="role_grant", obj=("identity.person", user.person_id), actor=actor, at=at)
            UserObjectPermission.objects.get_or_create(**row)
        elif UserObjectPermission.objects.filter(**row).delete()[0]:
            # What runs under the scope stops: sessions, and downloads on their way.
            end_sessions(person_id=user.person_id)
        audit.record(
            actor=actor,
            at=at,
            action="identity.scope_granted" if grant else "identity.scope_revoked",
            obj=("identity.user", user_id),
            body={"kind": kind, "object": object_id},
        )
