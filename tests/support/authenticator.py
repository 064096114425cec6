"""A passkey in software: what a phone or a key would answer, P-256, no attestation.

`registers` and `signs` take the options a page was given and return the JSON its browser would
send. Everything a device might do wrong can be asked for: another origin, no verification of the
person, a counter that does not move, another's signature.
"""

from __future__ import annotations

import hashlib
import json
import secrets
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from fido2 import cbor

from ops.engines.identity.webauthn import text_of

PRESENT, VERIFIED, KEY_INCLUDED = 0x01, 0x04, 0x40


@dataclass
class Authenticator:
    """One key on one device."""

    origin: str
    rp_id: str
    count: int = 0
    key: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )
    credential_id: bytes = field(default_factory=lambda: secrets.token_bytes(32))

    def registers(self, options: Mapping[str, Any], **wrong: Any) -> str:
        """Make the key and return what the browser sends."""
        data = self._data(KEY_INCLUDED, **wrong) + self.attested()
        return self._answer(
            {
                "clientDataJSON": text_of(self._client(options, "webauthn.create", **wrong)),
                "attestationObject": text_of(
                    cbor.encode({"fmt": "none", "attStmt": {}, "authData": data})
                ),
            }
        )

    def attested(self) -> bytes:
        """Return id and public key as a server keeps them."""
        point = self.key.public_key().public_numbers()
        x, y = (number.to_bytes(32, "big") for number in (point.x, point.y))
        # COSE: EC2, ES256, P-256, and the point.
        public = cbor.encode({1: 2, 3: -7, -1: 1, -2: x, -3: y})
        return bytes(16) + struct.pack(">H", len(self.credential_id)) + self.credential_id + public

    def signs(self, options: Mapping[str, Any], *, count: int | None = None, **wrong: Any) -> str:
        """Sign and return what the browser sends; the counter goes up unless one is given."""
        self.count = self.count + 1 if count is None else count
        client = self._client(options, "webauthn.get", **wrong)
        data = self._data(**wrong)
        signer = wrong.get("signer", self)
        signature = signer.key.sign(
            data + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256())
        )
        return self._answer(
            {
                "clientDataJSON": text_of(client),
                "authenticatorData": text_of(data),
                "signature": text_of(signature),
            }
        )

    def _client(self, options: Mapping[str, Any], kind: str, **wrong: Any) -> bytes:
        said = {
            "type": wrong.get("type", kind),
            "challenge": wrong.get("challenge", options["challenge"]),
            "origin": wrong.get("origin", self.origin),
            "crossOrigin": False,
        }
        return json.dumps(said).encode()

    def _data(self, more: int = 0, **wrong: Any) -> bytes:
        rp_id = wrong.get("rp_id", self.rp_id)
        flags = wrong.get("flags", PRESENT | VERIFIED) | more
        return hashlib.sha256(rp_id.encode()).digest() + struct.pack(">BI", flags, self.count)

    def _answer(self, response: Mapping[str, str]) -> str:
        name = text_of(self.credential_id)
        return json.dumps({"id": name, "rawId": name, "type": "public-key", "response": response})
