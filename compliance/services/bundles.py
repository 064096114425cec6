"""Audit bundles: made for days, handed out, and checked, each of which is a fact itself."""

from __future__ import annotations

import datetime as dt
import hashlib
import uuid
import zipfile
from pathlib import Path
from typing import BinaryIO, Final

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from compliance.errors import BundleDamaged, BundleMissing, BundleWrong
from compliance.models import AuditBundle
from compliance.types import Checked
from ops.engines.audit import bundling, checking, places
from ops.engines.audit import services as audit
from ops.engines.audit.verifier import verify_bundle as verifier
from ops.engines.kernel.actor import Actor

FOLDER: Final = "bundles"
MOST_FACTS: Final = 500_000  # a request waits for it; `manage.py audit_bundle` has no limit
MOST_BYTES: Final = 2 * 1024**3  # unpacked
MOST_TOLD: Final = 100  # findings kept on record, of however many there are
_CHUNK: Final = 1024 * 1024
CHECKED: Final = "audit.bundle_checked"


def make(*, first: dt.date, last: dt.date, actor: Actor, at: dt.datetime) -> AuditBundle:
    """Make the bundle of business days and keep it for downloading.

    Raises BundleRefused: days reversed, nothing sealed, more than MOST_FACTS facts.
    """
    stored = f"{uuid.uuid4().hex}.zip"
    path = _path(stored)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        with transaction.atomic():
            info = bundling.make(
                first=first, last=last, path=path, actor=actor, at=at, most=MOST_FACTS
            )
            path.chmod(0o600)
            return AuditBundle.objects.create(
                first_on=first,
                last_on=last,
                facts=info.facts,
                first_anchor=info.first_anchor,
                last_anchor=info.last_anchor,
                strays=info.strays,
                size=path.stat().st_size,
                sha256=info.sha256,
                stored_name=stored,
                made_by_id=actor.person_id,
                maker_name=actor.name,
                made_at=at,
            )
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def take(*, bundle_id: int, actor: Actor, at: dt.datetime) -> tuple[AuditBundle, Path]:
    """Return a bundle and its file, compared with its hash; that it was taken is a fact.

    Raises BundleMissing, BundleDamaged.
    """
    bundle = AuditBundle.objects.filter(pk=bundle_id).first()
    if bundle is None or not _path(bundle.stored_name).is_file():
        raise BundleMissing("compliance.bundle_missing", _("There is no such audit bundle."))
    path = _path(bundle.stored_name)
    with path.open("rb") as handle:
        found = hashlib.file_digest(handle, "sha256").hexdigest()
    if found != bundle.sha256:
        raise BundleDamaged(
            "compliance.bundle_damaged", _("The bundle's file is not the one that was made.")
        )
    with transaction.atomic():
        audit.record(
            actor=actor,
            at=at,
            action="audit.bundle_taken",
            obj=("compliance.auditbundle", bundle.pk),
            body={"sha256": bundle.sha256},
        )
    return bundle, path


def check(
    *,
    file: BinaryIO,
    key: str = "",
    anchors: BinaryIO | None = None,
    actor: Actor,
    at: dt.datetime,
) -> Checked:
    """Check a bundle and record the verdict.

    Without `key` (PEM or hex digits) and `anchors` (a copy from outside) those of this installation
    are used. Raises BundleWrong when something given cannot be read.
    """
    try:
        _refuse_bomb(file)
        keys = [verifier.read_key(key)] if key else checking.trusted()
        outside = verifier.read_anchors(anchors) if anchors else _copies()
        verdict = verifier.verify(file, keys=keys, outside=outside)
    except (verifier.Unreadable, zipfile.BadZipFile, OSError) as error:
        raise BundleWrong(
            "compliance.bundle_wrong",
            _("This cannot be checked: %(why)s") % {"why": error},
            field="file",
        ) from error
    file.seek(0)
    digest = hashlib.sha256()
    while chunk := file.read(_CHUNK):
        digest.update(chunk)
    body = {
        "sha256": digest.hexdigest(),
        "facts": verdict.facts,
        "anchors": verdict.anchors,
        "first_sealed": verdict.first_sealed,
        "last_sealed": verdict.last_sealed,
        "made_at": verdict.made_at,
        "outside_anchors": len(outside),
        "own_key": bool(key),
        "own_anchors": anchors is not None,
        "findings": len(verdict.findings),
        "told": [found._asdict() for found in verdict.findings[:MOST_TOLD]],
    }
    with transaction.atomic():
        fact = audit.record(actor=actor, at=at, action=CHECKED, body=body)
    return Checked(fact_id=fact, is_intact=not verdict.findings, findings=len(verdict.findings))


def _copies() -> list[verifier.Anchor]:
    """Return the longest of the outside copies: two that differ are told by `verify audit`."""
    return max((places.copied(place) for place in places.directories()), key=len, default=[])


def _refuse_bomb(file: BinaryIO) -> None:
    with zipfile.ZipFile(file) as archive:
        if sum(member.file_size for member in archive.infolist()) > MOST_BYTES:
            raise verifier.Unreadable("it unpacks to more than 2 GiB; use verify_bundle.py")
    file.seek(0)


def _path(stored: str) -> Path:
    return Path(settings.MEDIA_ROOT) / FOLDER / stored
