"""Importing a file: look at it, load it whole or not at all, and know it when it comes again.

`begin_batch` reads and checks a file and keeps it; `run_batch` loads it through the function its
profile was declared with; `import_file` does both in one go. A load is one transaction: a process
killed in the middle leaves a previewed batch and no row. The same content in the same scope is
loaded once, whatever the file is called and however it is sorted: the database refuses the second.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import uuid
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext as _

from ops.engines.audit import services as audit
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.canonical import plain
from ops.engines.kernel.errors import Forbidden, OpsError

from . import storage
from .choices import FINAL, BatchState
from .errors import AlreadyImported, BatchClosed, BatchMissing
from .intake import Intake, Survey, open_intake
from .limits import Limits
from .models import ImportBatch
from .registry import Registered, profile_named, register_profile
from .rejects import write_rejects
from .selectors import describe, same_content
from .types import BatchInfo, LoadResult, Scope

__all__ = [
    "begin_batch",
    "finish_batch",
    "import_file",
    "profile_named",
    "refuse_batch",
    "register_profile",
    "run_batch",
]


def begin_batch(
    *,
    profile: str,
    path: Path,
    name: str,
    actor: Actor,
    at: dt.datetime,
    options: Mapping[str, Any] | None = None,
) -> BatchInfo:
    """Read and check a file, keep it, and return its batch, ready to run.

    Content that was imported before returns the earlier batch, `known`. Raises TableRefused (the
    refusal is recorded), ProfileMissing, Forbidden.
    """
    entry, scope = _entry(profile, options, actor)
    with _recording_refusal(entry, path, name, actor=actor, at=at):
        with _open(entry, path, name) as intake:
            survey = intake.survey()
            earlier = same_content(profile=profile, scope=scope, digest=survey.digest)
            if earlier is not None:
                return describe(earlier, known=True)
            batch = _new_batch(entry, name, scope, options, actor=actor, at=at)
            _note_survey(batch, intake, survey)
        with _files_of(batch, only_while_running=False), transaction.atomic():
            batch.source_file = storage.keep(path, batch.key, name, entry.profile)
            batch.save()
            _record("batch_previewed", batch, actor=actor, at=at)
    return describe(batch)


def run_batch(*, batch_id: int, actor: Actor, at: dt.datetime) -> BatchInfo:
    """Load a previewed batch in one transaction.

    Raises BatchMissing, BatchClosed, AlreadyImported, TableRefused, and what the loader raises;
    a refusal of the loader closes the batch as refused.
    """
    found = ImportBatch.objects.filter(pk=batch_id).first()
    if found is None or not profile_named(found.profile).reaches(
        actor, found.scope_kind, found.scope_id
    ):
        raise BatchMissing("tables.batch_missing", _("There is no such import."))
    entry = profile_named(found.profile)
    try:
        with (
            _open(entry, storage.full_path(found.source_file), found.source_file) as intake,
            transaction.atomic(),
        ):
            batch = _lock(batch_id)
            _load(batch, entry, intake, actor=actor, at=at)
    except (AlreadyImported, BatchClosed):
        raise
    except OpsError as error:
        refuse_batch(batch_id=batch_id, message=str(error), actor=actor, at=at)
        raise
    return describe(batch)


def import_file(
    *,
    profile: str,
    path: Path,
    name: str,
    actor: Actor,
    at: dt.datetime,
    options: Mapping[str, Any] | None = None,
    dry_run: bool = False,
) -> BatchInfo:
    """Read, check and load a file in one go; a dry run loads it and takes everything back.

    Content that was imported before returns the earlier batch, `known`. Raises what `begin_batch`
    and `run_batch` raise.
    """
    entry, scope = _entry(profile, options, actor)
    with (
        _recording_refusal(entry, path, name, actor=actor, at=at, keep_record=not dry_run),
        _open(entry, path, name) as intake,
    ):
        survey = intake.survey()
        earlier = same_content(profile=profile, scope=scope, digest=survey.digest)
        if earlier is not None:
            return describe(earlier, known=True)
        batch = _new_batch(entry, name, scope, options, actor=actor, at=at)
        _note_survey(batch, intake, survey)
        try:
            with _files_of(batch, only_while_running=dry_run), transaction.atomic():
                if not dry_run:
                    batch.source_file = storage.keep(path, batch.key, name, entry.profile)
                batch.save()
                _load(batch, entry, intake, actor=actor, at=at)
                if dry_run:
                    _check_deferred_constraints()
                    transaction.set_rollback(True)
        except AlreadyImported:
            # Somebody was faster with the same content while this one was read.
            earlier = same_content(profile=profile, scope=scope, digest=survey.digest)
            if earlier is None:
                raise
            return describe(earlier, known=True)
    return describe(batch)


def finish_batch(
    *, batch: ImportBatch, intake: Intake, result: LoadResult, actor: Actor, at: dt.datetime
) -> None:
    """Close a running batch with its result and write its rejects, in the load's transaction.

    Raises ValueError when rows of the file are unaccounted for.
    """
    turned_down = len({reject.line for reject in result.rejects})
    rejects = [*intake.rejects, *result.rejects]
    batch.rejected = intake.rejected + turned_down
    batch.rows_read = batch.rows_read if result.rows_read is None else result.rows_read
    batch.accepted, batch.duplicate = result.accepted, result.duplicate
    accounted = batch.accepted + batch.duplicate + batch.rejected
    if accounted != batch.rows_read and not result.refused:
        raise ValueError(f"the load accounts for {accounted} of {batch.rows_read} rows")
    batch.control_totals = plain(result.totals)
    batch.reasons = dict(Counter(f"{r.column}: {r.code}" for r in rejects).most_common(50))
    batch.state = BatchState.DONE_WITH_REJECTS if batch.rejected else BatchState.DONE
    if result.refused:
        batch.state, batch.message = BatchState.REFUSED, result.refused
    batch.finished_at = at
    if rejects:
        batch.rejects_file = storage.rejects_name(batch.key)
        write_rejects(
            rejects,
            storage.full_path(batch.rejects_file),
            titles=intake.layout.titles,
            hidden=intake.personal_places(),
        )
    if intake.profile.personal and batch.source_file:
        stored, batch.source_file = batch.source_file, ""
        transaction.on_commit(lambda: storage.drop_file(stored))
    batch.save()
    _record("batch_refused" if result.refused else "batch_imported", batch, actor=actor, at=at)


def refuse_batch(*, batch_id: int, message: str, actor: Actor, at: dt.datetime) -> BatchInfo:
    """Close a previewed batch as refused and remove its files.

    Raises BatchMissing, BatchClosed.
    """
    with transaction.atomic():
        batch = _lock(batch_id)
        batch.state, batch.message, batch.finished_at = BatchState.REFUSED, message, at
        batch.source_file = batch.rejects_file = ""
        batch.save()
        _record("batch_refused", batch, actor=actor, at=at)
    storage.drop(batch.key)
    return describe(batch)


def _entry(
    profile: str, options: Mapping[str, Any] | None, actor: Actor
) -> tuple[Registered, Scope | None]:
    entry = profile_named(profile)
    entry.policy.require(actor)
    scope = entry.scope_of(options or {})
    if scope is not None and not entry.reaches(actor, scope.kind, scope.id):
        raise Forbidden("tables.scope", _("You may not import files there."))
    return entry, scope


def _open(entry: Registered, path: Path, name: str) -> Intake:
    limits = Limits(**getattr(settings, "TABLE_LIMITS", {}))
    return open_intake(path, entry.profile, name=name, limits=limits)


def _new_batch(
    entry: Registered,
    name: str,
    scope: Scope | None,
    options: Mapping[str, Any] | None,
    *,
    actor: Actor,
    at: dt.datetime,
) -> ImportBatch:
    return ImportBatch(
        key=uuid.uuid4(),
        profile=entry.profile.name,
        file_name=storage.shown_name(name),
        state=BatchState.PREVIEWED,
        scope_kind=scope.kind if scope else "",
        scope_id=scope.id if scope else None,
        options=plain(options or {}),
        actor_person_id=actor.person_id,
        actor_name=actor.name,
        created_at=at,
    )


def _note_survey(batch: ImportBatch, intake: Intake, survey: Survey) -> None:
    batch.file_sha256, batch.content_digest = intake.info.sha256, survey.digest
    batch.rows_read, batch.rejected = survey.rows, survey.rejected
    batch.reasons = dict(Counter(f"{r.column}: {r.code}" for r in intake.rejects).most_common(50))


def _lock(batch_id: int) -> ImportBatch:
    """Lock a batch that is still open.

    Raises BatchMissing, BatchClosed.
    """
    batch = (
        ImportBatch.objects.select_for_update(of=("self",), no_key=True).filter(pk=batch_id).first()
    )
    if batch is None:
        raise BatchMissing("tables.batch_missing", _("There is no such import."))
    if batch.state in FINAL:
        raise BatchClosed(
            "tables.batch_closed",
            _("This import is already finished: %(number)s.") % {"number": str(batch)},
        )
    return batch


def _load(
    batch: ImportBatch, entry: Registered, intake: Intake, *, actor: Actor, at: dt.datetime
) -> None:
    """Claim the content, run the loader, close the batch; all in the caller's transaction."""
    batch.state = BatchState.RUNNING
    try:
        with transaction.atomic():
            batch.save(update_fields=["state"])
    except IntegrityError as error:
        raise AlreadyImported(
            "tables.already_imported", _("This content has been imported meanwhile.")
        ) from error
    options = batch.options
    result = entry.load(describe(batch), intake, actor=actor, at=at, options=options)
    finish_batch(batch=batch, intake=intake, result=result, actor=actor, at=at)


@contextmanager
def _files_of(batch: ImportBatch, *, only_while_running: bool) -> Iterator[None]:
    """Remove the files of a batch when its load fails, or in any case."""
    try:
        yield
    except BaseException:
        storage.drop(batch.key)
        raise
    if only_while_running:
        storage.drop(batch.key)
        batch.rejects_file = ""


@contextmanager
def _recording_refusal(
    entry: Registered,
    path: Path,
    name: str,
    *,
    actor: Actor,
    at: dt.datetime,
    keep_record: bool = True,
) -> Iterator[None]:
    """Leave a refused batch and one audit fact behind when the body refuses the file."""
    try:
        yield
    except AlreadyImported:
        raise
    except OpsError as error:
        if keep_record:
            batch = _new_batch(entry, name, None, None, actor=actor, at=at)
            batch.state, batch.message, batch.finished_at = BatchState.REFUSED, str(error), at
            with path.open("rb") as source:
                batch.file_sha256 = hashlib.file_digest(source, "sha256").hexdigest()
            with transaction.atomic():
                batch.save()
                _record("batch_refused", batch, actor=actor, at=at)
        raise


def _record(action: str, batch: ImportBatch, *, actor: Actor, at: dt.datetime) -> None:
    audit.record(
        actor=actor,
        at=at,
        action=f"tables.{action}",
        obj=("tables.importbatch", batch.pk),
        body={
            "profile": batch.profile,
            "file": batch.file_name,
            "sha256": batch.file_sha256,
            "content_digest": batch.content_digest,
            "rows_read": batch.rows_read,
            "accepted": batch.accepted,
            "duplicate": batch.duplicate,
            "rejected": batch.rejected,
            "totals": batch.control_totals,
            "message": batch.message,
        },
    )


def _check_deferred_constraints() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
