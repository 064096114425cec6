"""Shop pages: name a module type, look at a version in two widths, open an own channel."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from catalog.choices.pages import PreviewOrigin
from catalog.errors import pages as errors
from catalog.models import PageModule, PagePreview
from catalog.rules.pages import pictures
from catalog.selectors import display_drawing, page_drawing
from catalog.selectors import pages as selectors
from catalog.services import content_duty
from catalog.types.pages import PreviewInfo
from ops.engines.audit import services as audit
from ops.engines.documents import typesetting
from ops.engines.files import services as files
from ops.engines.identity.choices import Role
from ops.engines.kernel import parse
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.policy import Policy, may
from ops.engines.revisions import selectors as revisions
from ops.engines.revisions.choices import RevisionState
from ops.engines.revisions.errors import RevisionClosed
from ops.engines.revisions.types import RevisionInfo

WRITERS: Policy = may("catalog", "C", Role.OPERATIONS_SPECIALIST, Role.DESIGNER)
MODULE_SUBJECT = "catalog.pagemodule"
_DRAWINGS = {
    selectors.DESIGN: (page_drawing.TEMPLATE, page_drawing.drawing),
    selectors.DISPLAY: (display_drawing.TEMPLATE, display_drawing.drawing),
}


def name_module(*, code: str, actor: Actor, at: datetime) -> int:
    """Name a module type; its first version is drafted next. Returns its id.

    Raises Forbidden, NotAssigned (a designer draws what was named), ModuleTaken, BadInput.
    """
    WRITERS.require(actor)
    content_duty.refuse_bound(actor)
    read = parse.code(code, most=40)
    with transaction.atomic():
        if PageModule.objects.filter(code__iexact=read).exists():
            raise errors.ModuleTaken(read)
        made = PageModule.objects.create(code=read, made_at=at)
        audit.record(
            actor=actor,
            at=at,
            action="catalog.page_module_named",
            obj=(MODULE_SUBJECT, made.pk),
            body={"code": read},
        )
        return made.pk


def render_previews(*, revision_id: int, actor: Actor, at: datetime) -> list[PreviewInfo]:
    """Draw a draft at both widths and keep the pictures with its content (SYS-6.2-12).

    The page, or its slots with what would stand in them now, is composed by the house's own
    typesetter from the very values of the version; nothing is fetched. Raises Forbidden,
    RevisionMissing, RevisionClosed (handed in already), FileMissing.
    """
    version = _draft(revision_id, actor)
    template, drawing = _DRAWINGS[version.kind]
    data, held = drawing(version, at=at)
    drawn = {
        width: typesetting.draw(template, {**data, "width": width}, pictures=held)
        for width in pictures.WIDTHS
    }
    with transaction.atomic():
        return [
            _keep(version, width, data_, PreviewOrigin.RENDERED, actor=actor, at=at)
            for width, data_ in drawn.items()
        ]


def hand_in_preview(
    *, revision_id: int, width: int, data: bytes, actor: Actor, at: datetime
) -> PreviewInfo:
    """Keep a screenshot of a draft as a real device showed it.

    Raises Forbidden, RevisionMissing, RevisionClosed, PreviewUnreadable (no PNG of that width), and
    what the files engine refuses.
    """
    version = _draft(revision_id, actor)
    if width not in pictures.WIDTHS or not pictures.fits(data, width):
        raise errors.PreviewUnreadable(width)
    with transaction.atomic():
        return _keep(version, width, data, PreviewOrigin.HANDED_IN, actor=actor, at=at)


def _draft(revision_id: int, actor: Actor) -> RevisionInfo:
    WRITERS.require(actor)
    version = revisions.revision(revision_id=revision_id, actor=actor)
    if version.kind not in _DRAWINGS or version.state != RevisionState.DRAFT:
        raise RevisionClosed(version.state)
    return version


def _keep(
    version: RevisionInfo,
    width: int,
    data: bytes,
    origin: PreviewOrigin,
    *,
    actor: Actor,
    at: datetime,
) -> PreviewInfo:
    stored = files.store(
        object_type=selectors.FILES,
        object_id=version.subject_id,
        name=f"v{version.no}-{width}.png",
        data=data,
        actor=actor,
        at=at,
    )
    made = PagePreview.objects.create(
        page_id=version.subject_id,
        content_hash=version.content_hash,
        width=width,
        origin=origin,
        attachment_id=stored.id,
        made_by=actor.person_id or 0,
        made_at=at,
    )
    audit.record(
        actor=actor,
        at=at,
        action="catalog.page_looked_at",
        obj=(revisions.SUBJECT, version.piece_id),
        body={
            "version": version.no,
            "content_hash": version.content_hash,
            "width": width,
            "origin": str(origin.value),
            "sha256": stored.sha256,
        },
    )
    return PreviewInfo(
        id=made.pk,
        width=width,
        origin=str(origin.value),
        attachment_id=stored.id,
        sha256=stored.sha256,
        made_at=at,
    )
