"""The seals as the auditor reads them: anchors, bundles made, and checking a bundle."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from django.http import FileResponse, HttpRequest
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from compliance import words
from compliance.errors import BundleMissing
from compliance.models import AuditBundle
from compliance.services import bundles
from ops.engines.audit import selectors
from ops.engines.audit.models import Anchor
from ops.engines.audit.models import Fact as AuditFact
from ops.engines.desk.formats import moment, number
from ops.engines.desk.screens import (
    Action,
    Badge,
    Column,
    Done,
    Fact,
    FactGroup,
    Field,
    Filter,
    FormScreen,
    Group,
    Lines,
    ListPage,
    ListQuery,
    ListScreen,
    Record,
    RecordScreen,
    Related,
    Screen,
    Tone,
)
from ops.engines.identity.choices import Role
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.errors import NotFound
from ops.engines.kernel.policy import may, only

_TRAIL: Final = may("compliance", "V", Role.AUDITOR, Role.COMPLIANCE_OFFICER)
_BUNDLE: Final = only(Role.AUDITOR)
_SHORT: Final = 16


def _short(value: Any) -> str:
    return bytes(value).hex()[:_SHORT]


class AnchorList(ListScreen):
    """`/audit/anchors/`: every seal over the trail, newest first, and how the copies stand."""

    policy = _TRAIL
    title = _("Seals")
    nav = "seals"
    lead = _("Every minute the new facts are sealed and the anchor is copied outside.")
    row_url = "compliance:anchor"
    columns = (
        Column("id", _("Anchor"), "code", value=lambda row: f"#{row.pk:06}", name=True, sort=True),
        Column("sealed_at", _("Sealed at"), "moment"),
        Column("added", _("New facts"), "number", value=lambda row: row.tree_size - row.first_leaf),
        Column("tree_size", _("Facts in all"), "number"),
        Column("root", _("Root"), "code", value=lambda row: _short(row.root)),
        Column("key_id", _("Signing key"), "code", optional=True),
    )
    filters = (Filter("day", _("Day"), "span"),)
    order = "-id"
    empty = _("Nothing is sealed yet. The worker seals every minute.")

    def select(self, *, actor: Actor, query: ListQuery) -> ListPage:
        """Return one page of anchors."""
        span = query.get("day")
        found = selectors.anchors_of(span.first, span.last) if span else selectors.anchors()
        return query.page(found, orders={"id": "id"})

    def head_actions(self, *, actor: Actor) -> Sequence[Action]:
        """Lead to the bundles."""
        return [
            Action(
                key="check",
                label=_("Check a bundle"),
                href=reverse("compliance:bundle-check"),
            ),
            Action(key="bundles", label=_("Bundles"), href=reverse("compliance:bundles")),
        ]


class AnchorScreen(RecordScreen):
    """`/audit/anchors/<number>/`: one anchor as it was signed, and its copies outside."""

    policy = _TRAIL
    nav = "seals"
    list_url_name = "compliance:anchors"
    list_title = _("Seals")

    def load(self, *, actor: Actor, at: dt.datetime, **key: Any) -> Record:
        """Return the anchor; raises NotFound."""
        found = Anchor.objects.filter(pk=key["number"]).first()
        if found is None:
            raise NotFound("compliance.anchor_missing", gettext("There is no such anchor."))
        return Record(
            number=f"#{found.pk}",
            title=gettext("Anchor"),
            facts=[
                FactGroup(
                    title=_("What is signed"),
                    facts=[
                        Fact(title=_("Sealed at"), value=found.sealed_at, kind="moment"),
                        Fact(
                            title=_("New facts"),
                            value=found.tree_size - found.first_leaf,
                            kind="number",
                        ),
                        Fact(title=_("Facts in all"), value=found.tree_size, kind="number"),
                        Fact(title=_("Signing key"), value=found.key_id, kind="code"),
                        _wide(_("Root"), found.root),
                        _wide(_("Hash of the anchor before"), found.previous),
                        _wide(_("Signature"), found.signature),
                    ],
                )
            ],
            lines=[
                Lines(
                    _("Copies outside the database"),
                    (
                        Column("place", _("Kept at"), "code"),
                        Column("number", _("Newest anchor there"), "number"),
                        Column("state", _("State"), "badge"),
                    ),
                    [
                        {"place": place, "number": reached, "state": _copied(reached, found.pk)}
                        for place, reached in selectors.standing().copies
                    ],
                )
            ],
        )


def _wide(title: Any, value: Any) -> Fact:
    return Fact(title=title, value=bytes(value).hex(), kind="code", is_wide=True)


def _copied(reached: int, wanted: int) -> Badge:
    if reached >= wanted:
        return Badge(gettext("copied"), Tone.DONE)
    return Badge(gettext("not copied"), Tone.STOPPED)


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
