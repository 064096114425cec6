"""Personal fields: AES-256-GCM with the key id in the value and the row bound in.

A value reads `k1.<base64 nonce+ciphertext>`; the associated data is `table.column.row`, so a
ciphertext copied to another row or column does not open. Each person has a data key of their own,
wrapped by the master key; dropping the wrapped key erases the person from every copy.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import unicodedata

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

from .errors import RuleViolation

NONCE_BYTES = 12


def new_key() -> bytes:
    """Return a fresh 256-bit data key."""
    return AESGCM.generate_key(bit_length=256)


def seal(plain: str, *, key: bytes, aad: str, key_id: str = "p") -> str:
    """Encrypt text under `key`, bound to `aad` (`table.column.row uuid`)."""
    nonce = os.urandom(NONCE_BYTES)
    sealed = AESGCM(key).encrypt(nonce, plain.encode(), aad.encode())
    return f"{key_id}.{base64.b64encode(nonce + sealed).decode()}"


def unseal(value: str, *, key: bytes, aad: str) -> str:
    """Decrypt what `seal` made.

    Raises RuleViolation when the key, the row or the column is another one.
    """
    raw = base64.b64decode(value.partition(".")[2])
    try:
        return AESGCM(key).decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], aad.encode()).decode()
    except InvalidTag as error:
        raise RuleViolation("crypto.unreadable", "This value belongs to another row.") from error


def wrap(key: bytes, *, aad: str) -> str:
    """Encrypt a data key under the current master key, whose id leads the value."""
    master_id, master = _current_master()
    return seal(base64.b64encode(key).decode(), key=master, aad=aad, key_id=master_id)


def unwrap(value: str, *, aad: str) -> bytes:
    """Return the data key that `wrap` hid, under whichever master key its id names.

    Raises RuleViolation when this installation does not hold that master key.
    """
    key_id = value.partition(".")[0]
    master = _masters().get(key_id)
    if master is None:
        raise RuleViolation("crypto.key_missing", f"FIELD_KEYS does not name the key {key_id}.")
    return base64.b64decode(unseal(value, key=master, aad=aad))


def current_master_id() -> str:
    """Return the id of the master key that encrypts now."""
    return _current_master()[0]


def rewrap(value: str, *, aad: str) -> str:
    """Return a wrapped key under the current master key; what it hides stays the same."""
    return wrap(unwrap(value, aad=aad), aad=aad)


def blind_index(value: str, *, purpose: str) -> str:
    """Return the keyed hash (64 hex digits) by which an encrypted field is found."""
    folded = unicodedata.normalize("NFKC", value).casefold().strip()
    key = settings.BLIND_INDEX_KEY.encode()
    return hmac.new(key, f"{purpose}\0{folded}".encode(), hashlib.sha256).hexdigest()


def _masters() -> dict[str, bytes]:
    keys: dict[str, str] = settings.FIELD_KEYS
    return {key_id: base64.b64decode(text) for key_id, text in keys.items()}


def _current_master() -> tuple[str, bytes]:
    return next(reversed(_masters().items()))
