"""Load the register the product carries into its tables, once per content."""

from __future__ import annotations

from datetime import datetime

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from compliance import ddl, register
from compliance.choices import ItemKind
from compliance.errors import RegisterShrunk
from compliance.models import Clause, RegisterEdition
from compliance.types import Seeding
from ops.engines.audit import services as audit
from ops.engines.kernel.actor import Actor

_LOCK = 7_031_985  # two loaders wait for each other


def seed(*, actor: Actor, at: datetime) -> Seeding:
    """Bring the tables to the register beside the code; the same content again changes nothing.

    Raises RegisterShrunk when the file lacks a clause that was published: numbers are stable.
    """
    digest = register.digest()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        newest = RegisterEdition.objects.order_by("-pk").first()
        if newest is not None and newest.sha256 == digest:
            return Seeding(digest, newest.clauses, is_new=False)
        read = register.read()
        lost = set(Clause.objects.values_list("code", flat=True)) - {
            clause["id"] for clause in read.clauses
        }
        if lost:
            raise RegisterShrunk(
                "compliance.register_shrunk",
                _("The register lacks clauses that were published: %(codes)s.")
                % {"codes": ", ".join(sorted(lost)[:10])},
            )
        ddl.fill(
            cursor,
            clauses=read.clauses,
            chinese=read.chinese,
            lists={
                ItemKind.JOB: read.jobs,
                ItemKind.APPROVAL: read.approvals,
                ItemKind.REPORT: read.reports,
                ItemKind.ROLE: read.roles,
                ItemKind.DOCUMENT: read.documents,
            },
        )
        cursor.execute(ddl.LOAD_EDITION, [digest, read.version, len(read.clauses), at])
        audit.record(
            actor=actor,
            at=at,
            action="compliance.register_loaded",
            obj=("compliance.registeredition", digest[:12]),
            body={"sha256": digest, "clauses": len(read.clauses), "version": read.version},
        )
    return Seeding(digest, len(read.clauses), is_new=True)
