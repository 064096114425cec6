"""Signatures of passkeys kept with decisions: how they go into the trail, and checking them again.

A signature is over a text that names content hash, request, step and verdict. What is kept is
enough to check it with no network and none of today's settings.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any, Final

from ops.engines.approvals.models import Decision
from ops.engines.identity import selectors as identity
from ops.engines.identity import webauthn
from ops.engines.identity.types import Evidence

_AT_ONCE: Final = 500


def as_kept(assertion_id: int | None) -> dict[str, str] | None:
    """Return the signature of a proof as the trail keeps it (binary as base64url); None for codes.

    One query, none without a proof.
    """
    if assertion_id is None:
        return None
    made = identity.evidence([assertion_id]).get(assertion_id)
    return (
        None
        if made is None
        else {
            "signed": made.signed,
            "client_data": made.client_data,
            "authenticator_data": webauthn.text_of(made.authenticator_data),
            "signature": webauthn.text_of(made.signature),
            "public_key": webauthn.text_of(made.credential),
        }
    )


def differences() -> Sequence[str]:
    """Check every kept signature against its decision again; one line for each that is wrong.

    Reads decisions in batches of 500, two queries a batch.
    """
    return list(_wrong())


def _wrong() -> Iterator[str]:
    signed = Decision.objects.filter(assertion__method="passkey").order_by("pk")
    rows = signed.iterator(chunk_size=_AT_ONCE)
    while some := list(islice(rows, _AT_ONCE)):
        kept = identity.evidence([each.assertion_id for each in some if each.assertion_id])
        for decision in some:
            why = _why_wrong(decision, kept.get(decision.assertion_id or 0))
            if why:
                yield f"decision {decision.pk} of request {decision.request_id}: {why}"


def _why_wrong(decision: Decision, made: Evidence | None) -> str:
    """Say what is wrong with a decision's signature; empty when it is good."""
    if made is None:
        return "its signature is gone"
    said = _read(made.signed)
    wanted = {
        "request": decision.request_id,
        "step": decision.step,
        "verdict": decision.verdict,
    }
    if said.get("payload") != decision.content_hash or said.get("matter") != wanted:
        return "its signature is over something else"
    try:
        webauthn.checked(
            webauthn.signature_of(made),
            signed=made.signed,
            credential=made.credential,
            rp_id=str(said.get("rp", "")),
        )
    except webauthn.Unsigned:
        return "its signature is not that of the passkey"
    return ""


def _read(text: str) -> dict[str, Any]:
    try:
        said = json.loads(text)
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}
