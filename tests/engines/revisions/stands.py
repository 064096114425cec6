"""What each declared kind of content needs to be tried: a subject, a content, a changed one.

A kind without a stand fails its conformance; add a line where it is declared first.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ops.engines.identity.models import Department
from tests.engines.revisions import toys


@dataclass(frozen=True, kw_only=True)
class Stand:
    """A subject with nothing written yet, and two contents its kind accepts, checks included.

    `ready` is called with the account that drafts, to give it what the kind asks for (a task).
    """

    subject_id: int
    content: Mapping[str, Any]
    changed: Mapping[str, Any]
    ready: Callable[[int], None] = field(default=lambda _user_id: None)


def _toy() -> Stand:
    place = Department.objects.create(code="HZ", name="杭州")
    return Stand(subject_id=place.pk, content=toys.HELLO, changed=toys.CHANGED)


STANDS: dict[str, Callable[[], Stand]] = {toys.KIND: _toy}
