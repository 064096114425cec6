"""Read and understood: said once by a person about the words of one version."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext as _

from ops.engines.audit import services as audit
from ops.engines.documents import rules
from ops.engines.documents.choices import VersionState
from ops.engines.documents.errors import NotEffective, VersionClosed
from ops.engines.documents.models import DocumentReading
from ops.engines.documents.selectors.library import version_of
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.errors import Forbidden
from ops.engines.notices import services as notices


def acknowledge(*, version_id: int, digest: str, actor: Actor, at: dt.datetime) -> bool:
    """Keep that the actor read and understood a version in force; say whether it was new.

    Raises DocumentMissing, NotEffective, VersionClosed when the words shown were others,
    Forbidden for a machine.
    """
    if actor.person_id is None:
        raise Forbidden("documents.person_needed", _("Only a person reads rules."))
    with transaction.atomic():
        version = version_of(version_id)
        if version.state != VersionState.EFFECTIVE:
            raise NotEffective("documents.not_in_force", _("This version is not in force."))
        if version.digest != digest:
            raise VersionClosed("documents.moved_on", _("The text changed; read it again."))
        _said, is_new = DocumentReading.objects.get_or_create(
            version=version, person_id=actor.person_id, defaults={"at": at, "digest": digest}
        )
        if is_new:
            notices.settle(
                subject=f"{rules.SUBJECT}:{version.pk}", at=at, person_ids=[actor.person_id]
            )
            audit.record(
                actor=actor,
                at=at,
                action="documents.acknowledged",
                obj=(rules.SUBJECT, version.pk),
                body={
                    "document": version.document.code,
                    "version": version.number,
                    "digest": digest,
                },
            )
    return is_new
