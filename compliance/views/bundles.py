"""Audit bundles: made for chosen days, described, handed out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any, Final

from django.http import FileResponse, HttpRequest
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from compliance.errors import BundleMissing
from compliance.models import AuditBundle
from compliance.services import bundles
from ops.engines.desk.formats import number
from ops.engines.desk.screens import (
    Action,
    Column,
    Done,
    Fact,
    FactGroup,
    Field,
    FormScreen,
    Group,
    ListPage,
    ListQuery,
    ListScreen,
    Record,
    RecordScreen,
    Related,
    Screen,
)
from ops.engines.identity.choices import Role
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.policy import only

_BUNDLE: Final = only(Role.AUDITOR)
_SHORT: Final = 16


class BundleList(ListScreen):
    """`/audit/bundles/`: bundles made for auditors."""

    policy = _BUNDLE
    title = _("Audit bundles")
    nav = "seals"
    lead = _("A bundle proves itself elsewhere, with a public key and the anchors kept outside.")
    row_url = "compliance:bundle"
    columns = (
        Column("id", _("Number"), "code", value=lambda row: f"#{row.pk:06}", name=True, sort=True),
        Column("first_on", _("From"), "day"),
        Column("last_on", _("To"), "day"),
        Column("facts", _("Facts"), "number"),
        Column("maker_name", _("Made by")),
        Column("made_at", _("Made at"), "moment"),
        Column("sha256", "SHA-256", "code", value=lambda row: row.sha256[:_SHORT]),
    )
    order = "-id"
    empty = _("No bundle was made yet.")

    def select(self, *, actor: Actor, query: ListQuery) -> ListPage:
        """Return one page of bundles."""
        return query.page(AuditBundle.objects.all(), orders={"id": "id"})

    def head_actions(self, *, actor: Actor) -> Sequence[Action]:
        """Make one, or check one."""
        return [
            Action(
                key="make",
                label=_("Make a bundle"),
                href=reverse("compliance:bundle-make"),
                is_primary=True,
            ),
            Action(
                key="check",
                label=_("Check a bundle"),
                href=reverse("compliance:bundle-check"),
            ),
        ]


class BundleMake(FormScreen):
    """`/audit/bundles/make/`: choose the days."""

    policy = _BUNDLE
    title = _("Make a bundle")
    nav = "seals"
    submit_label = _("Make the bundle")
    lead = _("Facts of these business days, with the anchors that seal them.")
    groups = (
        Group(
            title=_("Days"),
            fields=(Field("first", _("From"), "day"), Field("last", _("To"), "day")),
        ),
    )

    def submit(
        self, *, values: Mapping[str, Any], actor: Actor, at: dt.datetime, **key: Any
    ) -> Done:
        """Make it."""
        made = bundles.make(first=values["first"], last=values["last"], actor=actor, at=at)
        return Done(
            message=gettext("The bundle holds %(count)s facts.") % {"count": number(made.facts)},
            href=reverse("compliance:bundle", args=[made.pk]),
        )

    def back_url(self, **key: Any) -> str:
        """Return to the bundles."""
        return reverse("compliance:bundles")


class BundleScreen(RecordScreen):
    """`/audit/bundles/<id>/`: what a bundle holds, and how it is checked elsewhere."""

    policy = _BUNDLE
    nav = "seals"
    list_url_name = "compliance:bundles"
    list_title = _("Audit bundles")

    def load(self, *, actor: Actor, at: dt.datetime, **key: Any) -> Record:
        """Return the bundle; raises BundleMissing."""
        found = AuditBundle.objects.filter(pk=key["bundle_id"]).first()
        if found is None:
            raise BundleMissing(
                "compliance.bundle_missing", gettext("There is no such audit bundle.")
            )
        command = (
            f"python verify_bundle.py audit-{found.first_on}-{found.last_on}.zip"
            f" --key KEY.pub --anchors anchors.jsonl --from {found.first_on} --to {found.last_on}"
        )
        return Record(
            number=f"#{found.pk}",
            title=gettext("Audit bundle"),
            actions=[
                Action(
                    key="file",
                    label=_("Download"),
                    href=reverse("compliance:bundle-file", args=[found.pk]),
                    is_primary=True,
                )
            ],
            facts=[
                FactGroup(
                    title=_("Holds"),
                    facts=[
                        Fact(title=_("From"), value=found.first_on, kind="day"),
                        Fact(title=_("To"), value=found.last_on, kind="day"),
                        Fact(title=_("Facts"), value=found.facts, kind="number"),
                        Fact(
                            title=_("Anchors"),
                            value=f"#{found.first_anchor} - #{found.last_anchor}",
                        ),
                        Fact(
                            title=_("Facts outside the sequence"),
                            value=found.strays,
                            kind="number",
                        ),
                        Fact(title=_("Made by"), value=found.maker_name),
                        Fact(title=_("Made at"), value=found.made_at, kind="moment"),
                        Fact(title="SHA-256", value=found.sha256, kind="code", is_wide=True),
                        Fact(
                            title=_("Check it elsewhere"), value=command, kind="code", is_wide=True
                        ),
                    ],
                )
            ],
            related=[
                Related(title=gettext("Check a bundle"), href=reverse("compliance:bundle-check"))
            ],
            subject=("compliance.auditbundle", found.pk),
        )


class BundleFile(Screen):
    """`/audit/bundles/<id>/file/`: the file, its bytes compared with its hash."""

    policy = _BUNDLE

    def get(self, request: HttpRequest, bundle_id: int) -> FileResponse:
        """Hand the file out; that it was taken is a fact."""
        bundle, path = bundles.take(bundle_id=bundle_id, actor=self.actor, at=self.at)
        return FileResponse(
            path.open("rb"),
            as_attachment=True,
            filename=f"audit-{bundle.first_on}-{bundle.last_on}.zip",
            content_type="application/zip",
        )
