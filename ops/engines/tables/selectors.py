"""Reading import batches, inside what the asking person may import."""

from __future__ import annotations

from pathlib import Path

from django.utils.translation import gettext as _

from ops.engines.kernel.actor import Actor

from . import storage
from .choices import LOADED
from .errors import BatchMissing
from .models import ImportBatch
from .registry import known_profile, profiles
from .types import BatchInfo, Scope


def describe(batch: ImportBatch, *, known: bool = False) -> BatchInfo:
    """Return a batch as plain values."""
    return BatchInfo(
        id=batch.pk,
        number=str(batch),
        profile=batch.profile,
        file_name=batch.file_name,
        state=batch.state,
        rows_read=batch.rows_read,
        accepted=batch.accepted,
        duplicate=batch.duplicate,
        rejected=batch.rejected,
        control_totals=batch.control_totals,
        reasons=batch.reasons,
        rejects_file=batch.rejects_file,
        message=batch.message,
        scope_kind=batch.scope_kind,
        scope_id=batch.scope_id,
        options=batch.options,
        created_at=batch.created_at,
        finished_at=batch.finished_at,
        known=known,
    )


def batch(*, batch_id: int, actor: Actor) -> BatchInfo:
    """Return one batch the actor may see.

    Raises BatchMissing for others too, and for one whose layout is declared no more: who may see
    it, nobody can say.
    """
    found = ImportBatch.objects.filter(pk=batch_id).first()
    entry = None if found is None else known_profile(found.profile)
    if found is None or entry is None or not entry.reaches(actor, found.scope_kind, found.scope_id):
        raise BatchMissing("tables.batch_missing", _("There is no such import."))
    return describe(found)


def batches(*, actor: Actor, before_id: int | None = None, limit: int = 50) -> list[BatchInfo]:
    """Return the newest batches the actor may see, older than `before_id` when given."""
    entries = {entry.profile.name: entry for entry in profiles() if entry.policy.allows(actor)}
    rows = ImportBatch.objects.filter(profile__in=entries).order_by("-pk")
    if before_id is not None:
        rows = rows.filter(pk__lt=before_id)
    found: list[BatchInfo] = []
    for row in rows.iterator(chunk_size=limit):
        if entries[row.profile].reaches(actor, row.scope_kind, row.scope_id):
            found.append(describe(row))
        if len(found) == limit:
            break
    return found


def same_content(*, profile: str, scope: Scope | None, digest: str) -> ImportBatch | None:
    """Return the batch that already brought this content into this scope, if any."""
    return ImportBatch.objects.filter(
        profile=profile,
        scope_kind=scope.kind if scope else "",
        scope_id=scope.id if scope else None,
        content_digest=digest,
        state__in=LOADED,
    ).first()


def source_of(*, batch_id: int, actor: Actor) -> Path:
    """Return the kept file of a batch, for previews and dry runs.

    Raises BatchMissing, also when the file is not kept any more.
    """
    batch(batch_id=batch_id, actor=actor)
    name = ImportBatch.objects.values_list("source_file", flat=True).get(pk=batch_id)
    if not name:
        raise BatchMissing("tables.source_gone", _("The file of this import is no longer kept."))
    return storage.full_path(name)
