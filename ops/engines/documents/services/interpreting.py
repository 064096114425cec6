"""What a passage means: only the owner or the owner's department says so (ANX-8.2-03)."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext as _

from ops.engines.audit import services as audit
from ops.engines.documents import rules
from ops.engines.documents.choices import VersionState
from ops.engines.documents.errors import DocumentWrong, NotEffective
from ops.engines.documents.models import Interpretation, RuleDocument
from ops.engines.documents.policies import WRITE
from ops.engines.documents.selectors.library import version_of
from ops.engines.identity import selectors as identity
from ops.engines.identity.choices import Role
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.errors import Forbidden


def interpret(
    *, version_id: int, passage: str, question: str, answer: str, actor: Actor, at: dt.datetime
) -> int:
    """Publish what a passage of the version in force means; return its id.

    Raises Forbidden for others than owner and department, DocumentMissing, NotEffective,
    DocumentWrong.
    """
    WRITE.require(actor)
    if not (passage.strip() and question.strip() and answer.strip()):
        raise DocumentWrong("documents.interpretation", _("Passage, question and answer."))
    with transaction.atomic():
        version = version_of(version_id)
        if actor.person_id is None or not may_interpret(version.document, actor, at=at):
            raise Forbidden(
                "documents.not_owner", _("Only the owner's department says what a rule means.")
            )
        if version.state != VersionState.EFFECTIVE:
            raise NotEffective("documents.not_in_force", _("This version is not in force."))
        made = Interpretation.objects.create(
            version=version,
            passage=passage.strip(),
            question=question.strip(),
            answer=answer.strip(),
            author_id=actor.person_id,
            at=at,
        )
        audit.record(
            actor=actor,
            at=at,
            action="documents.interpreted",
            obj=(rules.SUBJECT, version.pk),
            body={"interpretation": made.pk, "passage": made.passage, "answer": made.answer},
        )
    return made.pk


def may_interpret(document: RuleDocument, actor: Actor, *, at: dt.datetime) -> bool:
    """Say whether the actor owns the document or heads its department."""
    if actor.person_id == document.owner_id:
        return True
    if document.department_id is None:
        return False
    heads = identity.holders(role=Role.DEPARTMENT_HEAD, at=at, department_id=document.department_id)
    return actor.person_id in {person.person_id for person in heads}
