"""How an app declares versioned content: a few lines in its `revised` drawer.

    revised(
        "catalog.page_design",
        title=_("Page design"),
        flow="page_design",
        area="catalog",
        scope="channel",
        subject_type="catalog.shop_page",
        subjects=pages.subjects,            # ids -> {id: Subject(id, title, href, scope_id)}
        visible=pages.visible_ids,          # actor -> a query of ids, None: all
        read=read_design,                   # mapping -> canonical mapping, BadInput by field
        checks=(modules_approved, plan_in_force),
        parts={"copy": ("title", "texts"), "design": ("modules",)},
        clauses=("MKT-5.3-08",),
    )

The flow runs the engine's effects (`services.publish`, `take_back`, `give_way`) and guards
`revisions_publication`; a migration of the app says the same to the database
(`ddl.revised_kind`), so that no other flow's approval lets a version live.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from ops.engines.kernel.actor import Actor
from ops.engines.kernel.policy import Policy, declare, may
from ops.engines.revisions.types import Finding, LiveChange, Subject, Text, Wish

Content = Mapping[str, Any]
Check = Callable[[Content, Subject, datetime], Sequence[Finding]]


@dataclass(frozen=True, kw_only=True)
class Revised:
    """One declared kind of content.

    `read` returns the canonical form and refuses what it does not know. `checks` run when a
    version is handed in and once more when it is decided; `restore_checks` when an approved one
    is brought back. `parts` name the fields that belong together, for flows whose steps look
    only at what was changed (`touches`). `figures` adds what deciders see. `may_edit` raises
    when this actor may not write all of these (an editor without the task). `on_live` hears of
    every change of what is live, in the same transaction. `policy` says who drafts and hands
    in, `keepers` who brings back and retires, `readers` who looks. `labels` are the words for
    fields, by path or first part of it; `silent` are steps of a path that people need not read.
    """

    key: str
    title: Text
    flow: str
    area: str
    subject_type: str
    subjects: Callable[[Collection[int]], Mapping[int, Subject]]
    read: Callable[[Mapping[str, Any]], Content]
    policy: Policy
    keepers: Policy
    readers: Policy
    scope: str = ""
    visible: Callable[[Actor], Any] | None = None
    prefix: str = "V"
    checks: tuple[Check, ...] = ()
    restore_checks: tuple[Check, ...] = ()
    parts: Mapping[str, Sequence[str]] = field(default_factory=dict)
    figures: Callable[[Wish], Mapping[str, Any]] | None = None
    may_edit: Callable[[Sequence[Wish], Actor, datetime], None] | None = None
    on_live: Callable[[LiveChange, Actor, datetime], None] | None = None
    labels: Mapping[str, Text] = field(default_factory=dict)
    silent: frozenset[str] = frozenset()
    by_api: bool = False
    clauses: Sequence[str] = ()

    def label(self, path: str) -> str:
        """Return the words for a path of the content."""
        head, _dot, rest = path.partition(".")
        if path in self.labels:
            return str(self.labels[path])
        words = str(self.labels.get(head, head))
        steps = [step for step in rest.split(".") if step and step not in self.silent]
        return " · ".join([words, *steps])


def revised(
    key: str,
    *,
    title: Text,
    flow: str,
    area: str,
    subject_type: str,
    subjects: Callable[[Collection[int]], Mapping[int, Subject]],
    read: Callable[[Mapping[str, Any]], Content],
    policy: Policy | None = None,
    keepers: Policy | None = None,
    readers: Policy | None = None,
    **more: Any,
) -> Revised:
    """Declare a kind of content; raises RuntimeError when the key is taken.

    A kind within a scope says what is `visible` to whom, or the start is refused with TypeError:
    lists of versions are narrowed by that alone.
    """
    if key in _kinds:
        raise RuntimeError(f"content {key} is declared twice")
    if more.get("scope") and more.get("visible") is None:
        raise TypeError(f"content {key} has a scope and does not say what is visible")
    made = Revised(
        key=key,
        title=title,
        flow=flow,
        area=area,
        subject_type=subject_type,
        subjects=subjects,
        read=read,
        policy=policy or may(area, "C"),
        keepers=keepers or may(area, "A"),
        readers=readers or may(area, "V"),
        **more,
    )
    declare("content", key, made.policy)
    declare("content", f"{key}.keep", made.keepers)
    declare("content", f"{key}.read", made.readers)
    _kinds[key] = made
    return made


def of_the_house(actor: Actor) -> None:
    """Say of a kind's subjects that they are the house's: whoever reads the kind sees them all."""
    del actor


def touches(*parts: str) -> Callable[[Mapping[str, Any]], bool]:
    """Return the condition of an approval step that looks only at these parts."""

    def is_touched(shown: Mapping[str, Any]) -> bool:
        return not set(parts).isdisjoint(shown["parts"])

    return is_touched


def kind_named(key: str) -> Revised:
    """Return the kind with this key; raises LookupError when nobody declared it."""
    try:
        return _kinds[key]
    except KeyError:
        raise LookupError(f"no content is named {key}") from None


def kinds() -> dict[str, Revised]:
    """Return every declared kind by key."""
    return dict(_kinds)


_kinds: dict[str, Revised] = {}
