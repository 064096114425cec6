"""Versions of a thing: no update is lost (ETag, If-Match)."""

import hashlib

from django.utils.translation import gettext as _
from rest_framework.request import Request

from ops.engines.kernel.canonical import canonical_json

from .errors import VersionMoved, VersionNeeded


def etag(*parts: object) -> str:
    """Return the ETag of a thing from what changes with it, such as its id and version."""
    return f'"{hashlib.sha256(canonical_json(parts).encode()).hexdigest()[:32]}"'


def require_match(request: Request, current: str) -> None:
    """Refuse a change that was made from another version.

    Call it under the row's lock. Raises VersionNeeded (428, no If-Match), VersionMoved (412).
    """
    sent = request.headers.get("If-Match")
    if sent is None:
        raise VersionNeeded("http.if_match_needed", _("Send If-Match with the version you read."))
    if current not in {mark.strip() for mark in sent.split(",")}:
        raise VersionMoved("http.version_moved", _("It changed since you read it. Read it again."))
