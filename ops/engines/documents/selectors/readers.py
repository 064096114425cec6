"""Who a version is addressed to, and who of them confirmed it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

from django.db.models import Q

from ops.engines.documents.models import DocumentReading, DocumentVersion
from ops.engines.documents.selectors.library import library
from ops.engines.documents.types import Reader, Readership
from ops.engines.identity import selectors as identity
from ops.engines.identity.choices import Role
from ops.engines.identity.models import User
from ops.engines.kernel.actor import Actor


def audience_ids(roles: Collection[str], *, at: dt.datetime) -> set[int]:
    """Return the persons who hold one of the roles on the day; all staff are the live accounts."""
    if Role.ALL_STAFF in roles:
        return set(User.objects.filter(is_active=True).values_list("person_id", flat=True))
    return {person.person_id for role in roles for person in identity.holders(role=role, at=at)}


def readership(*, version_id: int, at: dt.datetime) -> Readership:
    """Return everybody a version is addressed to and when each confirmed it, the missing first."""
    version = DocumentVersion.objects.select_related("document").get(pk=version_id)
    said = dict(DocumentReading.objects.filter(version=version).values_list("person_id", "at"))
    wanted = audience_ids(version.document.audience, at=at)
    names = identity.person_names(wanted)
    readers = [Reader(person, names[person], said.get(person)) for person in wanted]
    return Readership(sorted(readers, key=lambda one: (one.at is not None, one.name)))


def unread_count(*, actor: Actor) -> int:
    """Return how many documents in force the actor still has to confirm."""
    return library(actor=actor).filter(Q(is_unread=True)).count()
