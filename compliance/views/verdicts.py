"""Checking a bundle that somebody brings, and the verdict as it was put on record."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from typing import Any, Final

from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from compliance import words
from compliance.services import bundles
from ops.engines.audit.models import Fact as AuditFact
from ops.engines.desk.formats import moment
from ops.engines.desk.screens import (
    Badge,
    Column,
    Done,
    Fact,
    FactGroup,
    Field,
    FormScreen,
    Group,
    Lines,
    Record,
    RecordScreen,
    Related,
    Tone,
)
from ops.engines.identity.choices import Role
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.errors import NotFound
from ops.engines.kernel.policy import may

_TRAIL: Final = may("compliance", "V", Role.AUDITOR, Role.COMPLIANCE_OFFICER)


class BundleCheck(FormScreen):
    """`/audit/bundles/check/`: bring a bundle and see whether it is intact."""

    policy = _TRAIL
    title = _("Check a bundle")
    nav = "seals"
    submit_label = _("Check")
    lead = _("The same check as verify_bundle.py makes; the outcome goes on record.")
    groups = (
        Group(
            title=_("Bundle"),
            fields=(Field("file", _("Bundle (ZIP)"), "file", accept=".zip"),),
        ),
        Group(
            title=_("What you trust"),
            hint=_("Leave these empty to use the key and the copies of this installation."),
            fields=(
                Field(
                    "anchors",
                    _("Anchors kept outside"),
                    "file",
                    required=False,
                    accept=".jsonl",
                ),
                Field("key", _("Public key"), "lines", required=False, most=1000),
            ),
        ),
    )

    def submit(
        self, *, values: Mapping[str, Any], actor: Actor, at: dt.datetime, **key: Any
    ) -> Done:
        """Check it and open the verdict."""
        checked = bundles.check(
            file=values["file"],
            anchors=values["anchors"],
            key=values["key"] or "",
            actor=actor,
            at=at,
        )
        said = (
            gettext("The bundle is intact.")
            if checked.is_intact
            else gettext("The bundle is not intact: %(count)s findings.")
            % {"count": checked.findings}
        )
        return Done(message=said, href=reverse("compliance:bundle-verdict", args=[checked.fact_id]))

    def back_url(self, **key: Any) -> str:
        """Return to the seals."""
        return reverse("compliance:anchors")


class BundleVerdict(RecordScreen):
    """`/audit/checks/<fact>/`: what checking a bundle found, as it was put on record."""

    policy = _TRAIL
    nav = "seals"
    list_url_name = "compliance:anchors"
    list_title = _("Seals")

    def load(self, *, actor: Actor, at: dt.datetime, **key: Any) -> Record:
        """Return the verdict; raises NotFound."""
        found = AuditFact.objects.filter(pk=key["fact_id"], action=bundles.CHECKED).first()
        if found is None:
            raise NotFound("compliance.check_missing", gettext("There is no such check."))
        body = json.loads(found.body)
        is_intact = body["findings"] == 0
        return Record(
            number=f"#{found.pk}",
            title=gettext("Check of a bundle"),
            state=Badge(gettext("intact"), Tone.DONE)
            if is_intact
            else Badge(gettext("not intact"), Tone.STOPPED),
            notices=()
            if body["outside_anchors"]
            else [("warning", _("No anchor kept outside was compared: bring one for full proof."))],
            facts=[FactGroup(title=_("Checked"), facts=_checked(body, found))],
            lines=[
                Lines(
                    _("Findings"),
                    (
                        Column("code", _("What"), value=lambda row: words.finding(row["code"])),
                        Column("text", _("Position in the bundle"), "code"),
                        Column("window", _("Sealed between"), value=_window),
                    ),
                    body["told"],
                    empty=_("Nothing is wrong."),
                )
            ],
            related=[
                Related(
                    title=gettext("The fact on record"),
                    href=reverse("compliance:fact", args=[found.pk]),
                )
            ],
        )


def _checked(body: Mapping[str, Any], fact: AuditFact) -> list[Fact]:
    return [
        Fact(title=_("Facts"), value=body["facts"], kind="number"),
        Fact(title=_("Anchors"), value=body["anchors"], kind="number"),
        Fact(title=_("Sealed after"), value=_moment(body["first_sealed"])),
        Fact(title=_("Sealed up to"), value=_moment(body["last_sealed"])),
        Fact(title=_("Bundle made at"), value=_moment(body["made_at"])),
        Fact(title=_("Anchors kept outside"), value=body["outside_anchors"], kind="number"),
        Fact(title=_("Checked by"), value=fact.actor_name),
        Fact(title=_("Checked at"), value=fact.at, kind="moment"),
        Fact(title="SHA-256", value=body["sha256"], kind="code", is_wide=True),
    ]


def _moment(text: str) -> str:
    try:
        return moment(dt.datetime.fromisoformat(text))
    except ValueError:
        return text


def _window(row: Mapping[str, str]) -> str:
    first, arrow, last = row["window"].partition(" .. ")
    return f"{_moment(first)} - {_moment(last)}" if arrow else _moment(first)
