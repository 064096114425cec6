"""Every right in force, and which other person answers for it."""

from collections.abc import Iterable
from datetime import datetime

from django.apps import apps
from guardian.models import UserObjectPermission

from ops.engines.identity.choices import Role
from ops.engines.identity.models import Assignment, Department
from ops.engines.identity.scopes import WORK_IN, kind_of_label
from ops.engines.identity.types import RightInfo
from ops.engines.kernel.parse import business_day

from .people import holders


def rights_in_force(*, at: datetime) -> list[RightInfo]:
    """Return every position held on the day and every object granted to a live account.

    The reviewer is the nearest head of the department the person works in, above it the executive,
    for the executive's own rights the compliance officer; never the person. A handful of queries,
    one more for each kind of object.
    """
    held = list(
        Assignment.objects.filter(valid__contains=business_day(at))
        .select_related("position", "department")
        .order_by("person_id", "pk")
    )
    reviewers = _Reviewers(held, at=at)
    home: dict[int, int | None] = {}
    for each in held:
        if home.get(each.person_id) is None:
            home[each.person_id] = each.department_id
    return [
        *(_of_position(each, reviewers) for each in held),
        *_of_scopes(reviewers, home),
    ]


class _Reviewers:
    """Who answers for whom, worked out once from what is held."""

    def __init__(self, held: Iterable[Assignment], *, at: datetime) -> None:
        self.parents = dict(Department.objects.values_list("pk", "parent_id"))
        self.heads: dict[int, list[int]] = {}
        for each in held:
            if each.position.key == Role.DEPARTMENT_HEAD and each.department_id is not None:
                self.heads.setdefault(each.department_id, []).append(each.person_id)
        self.top = [one.person_id for one in holders(role=Role.EXECUTIVE, at=at)]
        self.top += [one.person_id for one in holders(role=Role.COMPLIANCE_OFFICER, at=at)]

    def of(self, person_id: int, department_id: int | None) -> int | None:
        """Return the nearest head above who is not the person."""
        while department_id is not None:
            for head in self.heads.get(department_id, ()):
                if head != person_id:
                    return head
            department_id = self.parents.get(department_id)
        return next((one for one in self.top if one != person_id), None)


def _of_position(each: Assignment, reviewers: _Reviewers) -> RightInfo:
    place = each.department
    return RightInfo(
        person_id=each.person_id,
        reviewer_id=reviewers.of(each.person_id, each.department_id),
        assignment_id=each.pk,
        user_id=None,
        scope_kind="",
        scope_id=None,
        zh=each.position.name_zh + (f"（{place.name}）" if place else ""),
        en=each.position.name_en + (f" ({place.name_en or place.name})" if place else ""),
        is_protected=each.position.administers != "" or each.position.key == Role.EXECUTIVE,
    )


def _of_scopes(reviewers: _Reviewers, home: dict[int, int | None]) -> list[RightInfo]:
    granted = list(
        UserObjectPermission.objects.filter(permission__codename=WORK_IN, user__is_active=True)
        .select_related("user", "content_type")
        .order_by("user_id", "pk")
    )
    names = _names(granted)
    found = []
    for each in granted:
        label = f"{each.content_type.app_label}.{each.content_type.model}"
        kind = kind_of_label(label)
        if kind is None:
            continue
        name = names.get((label, each.object_pk), each.object_pk)
        title = str(apps.get_model(label)._meta.verbose_name)  # noqa: SLF001 - the framework's own
        found.append(
            RightInfo(
                person_id=each.user.person_id,
                reviewer_id=reviewers.of(each.user.person_id, home.get(each.user.person_id)),
                assignment_id=None,
                user_id=each.user_id,
                scope_kind=kind,
                scope_id=int(each.object_pk),
                zh=f"{title}：{name}",
                en=f"{kind}: {name}",
                is_protected=False,
            )
        )
    return found


def _names(granted: Iterable[UserObjectPermission]) -> dict[tuple[str, str], str]:
    """Return the names of the granted objects, one query for each kind."""
    wanted: dict[str, set[str]] = {}
    for each in granted:
        label = f"{each.content_type.app_label}.{each.content_type.model}"
        wanted.setdefault(label, set()).add(each.object_pk)
    return {
        (label, str(found.pk)): str(found)
        for label, keys in wanted.items()
        for found in apps.get_model(label)._default_manager.filter(pk__in=keys)  # noqa: SLF001
    }
