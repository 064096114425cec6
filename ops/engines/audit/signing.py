"""The keys that sign anchors: Ed25519, in files of mode 0600 or in the environment.

Which key signs is said by the log itself: the newest anchor's, or the one it hands over to. A
private key never enters the database; its public half lies beside every outside copy.
"""

from __future__ import annotations

import base64
import binascii
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from ops.engines.audit.errors import KeyMissing
from ops.engines.audit.verifier.verify_bundle import SIGNED_AS, key_id_of

KEY_BYTES = 32


@dataclass(frozen=True, slots=True)
class Signer:
    """One private key with its public half and its id."""

    private: Ed25519PrivateKey
    public: bytes
    id: str

    @classmethod
    def of(cls, secret: bytes) -> Signer:
        """Return the signer of 32 secret bytes."""
        private = Ed25519PrivateKey.from_private_bytes(secret)
        public = private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        return cls(private, public, key_id_of(public))

    def sign(self, text: str) -> bytes:
        """Return the signature over the canonical text of an anchor."""
        return self.private.sign(SIGNED_AS + text.encode())


def ring() -> Mapping[str, Signer]:
    """Return every private key this process holds, by id.

    Raises ImproperlyConfigured when one of AUDIT_SIGNING_KEY is not base64 of 32 bytes.
    """
    given = [_decoded(text) for text in settings.AUDIT_SIGNING_KEY.split(",") if text.strip()]
    kept = [path.read_bytes() for path in sorted(_folder().glob("*.key"))]
    return {signer.id: signer for signer in map(Signer.of, [*given, *kept])}


def signer_for(key_id: str) -> Signer:
    """Return the key of an id; "" is a log that has none yet, and makes one.

    Raises KeyMissing.
    """
    held = ring()
    if not key_id:
        return next(iter(held.values()), None) or make()
    if key_id not in held:
        raise KeyMissing(
            "audit.key_missing",
            _("Key %(key)s, which must sign the next anchor, is not here.") % {"key": key_id},
        )
    return held[key_id]


def make() -> Signer:
    """Make a new key, its file readable by this user alone, and return it."""
    secret = os.urandom(KEY_BYTES)
    signer = Signer.of(secret)
    folder = _folder()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
    with os.fdopen(os.open(_file(signer.id), flags, 0o600), "wb") as handle:
        handle.write(secret)
        handle.flush()
        os.fsync(handle.fileno())
    return signer


def forget(key_id: str) -> None:
    """Destroy a private key that has handed over; its signatures stay valid."""
    _file(key_id).unlink(missing_ok=True)


def public_pem(public: bytes) -> str:
    """Return a public key as PEM, the form auditors keep."""
    key = Ed25519PublicKey.from_public_bytes(public)
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def _folder() -> Path:
    folder: Path = settings.AUDIT_KEY_DIR
    return folder


def _file(key_id: str) -> Path:
    return _folder() / f"audit-{key_id}.key"


def _decoded(text: str) -> bytes:
    try:
        secret = base64.b64decode(text.strip(), validate=True)
    except binascii.Error:
        secret = b""
    if len(secret) != KEY_BYTES:
        raise ImproperlyConfigured("AUDIT_SIGNING_KEY must be base64 of 32 bytes.")
    return secret
