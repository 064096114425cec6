"""The form of versioned content: fields into content, a draft begun or changed, and why."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from ops.engines.desk.fields import Field, Group
from ops.engines.desk.forms import FormScreen
from ops.engines.desk.records import Done
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.errors import BadInput
from ops.engines.revisions import errors, selectors, services
from ops.engines.revisions.declarations import kind_named
from ops.engines.revisions.types import RevisionInfo

WHY = Group(
    _("Why and from when"),
    (
        Field("why", _("Reason"), most=400, least=2),
        Field(
            "publish_at",
            _("To be published at"),
            "moment",
            required=False,
            hint=_("Empty: as soon as it is approved."),
        ),
        Field("seen", "", "hidden", required=False),
    ),
)


class ContentForm(FormScreen, abstract=True):
    """The form of one kind of content. Set `kind` and `key_name`, write `written` and `shown`.

    An open draft is changed, else the next version begins from what is live. A draft somebody else
    changed meanwhile is not overwritten. What the kind cannot read stands beside the field that
    `place` names for its path.
    """

    kind: ClassVar[str] = ""
    key_name: ClassVar[str] = "subject_id"
    submit_label: ClassVar[str | Promise] = _("Keep the draft")

    def written(self, values: Mapping[str, Any], **key: Any) -> Mapping[str, Any]:
        """Return the content that typed values mean."""
        raise NotImplementedError

    def shown(self, content: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return what stands in the fields for a content."""
        raise NotImplementedError

    def fields(self, *, actor: Actor, **key: Any) -> Sequence[Group]:
        """Return the groups of the content's own fields."""
        return self.groups

    def place(self, path: str) -> str:
        """Return the field beside which a refusal of a path stands."""
        return path.partition(".")[0]

    def form_groups(self, *, actor: Actor, **key: Any) -> Sequence[Group]:
        """Return the content's fields, then why and from when."""
        return [*self.fields(actor=actor, **key), WHY]

    def initial(self, *, actor: Actor, at: dt.datetime, **key: Any) -> Mapping[str, Any]:
        """Return the open draft, or what is live; raises RevisionMissing."""
        subject_id = key[self.key_name]
        if not selectors.is_visible(kind=self.kind, subject_id=subject_id, actor=actor):
            raise errors.RevisionMissing
        open_one = selectors.open_of(kind=self.kind, subject_id=subject_id)
        if open_one is not None:
            return {
                **self.shown(open_one.content),
                "why": open_one.why,
                "publish_at": open_one.publish_at,
                "seen": open_one.content_hash,
            }
        live = selectors.live(kind=self.kind, subject_ids=[subject_id], at=at).get(subject_id)
        return {} if live is None else self.shown(live.content)

    def submit(
        self, *, values: Mapping[str, Any], actor: Actor, at: dt.datetime, **key: Any
    ) -> Done:
        """Keep the draft through the service."""
        try:
            made = self._keep(values, actor=actor, at=at, **key)
        except BadInput as refusal:
            path = str(refusal.context.get("field", ""))
            words = f"{kind_named(self.kind).label(path)}: {refusal}" if "." in path else refusal
            raise BadInput(refusal.code, str(words), field=self.place(path)) from refusal
        return Done(
            message=gettext("The draft of version %(no)s is kept.") % {"no": made.no},
            href=self.back_url(**key),
        )

    def _keep(
        self, values: Mapping[str, Any], *, actor: Actor, at: dt.datetime, **key: Any
    ) -> RevisionInfo:
        subject_id = key[self.key_name]
        open_one = selectors.open_of(kind=self.kind, subject_id=subject_id)
        given: dict[str, Any] = {
            "content": self.written(values, **key),
            "why": values["why"],
            "publish_at": values["publish_at"],
            "actor": actor,
            "at": at,
        }
        if open_one is None:
            return services.draft(kind=self.kind, subject_id=subject_id, **given)
        return services.edit(revision_id=open_one.id, seen=values["seen"] or "", **given)
