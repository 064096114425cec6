"""Passkeys on the wire: what a browser is asked to sign, and checking what it signed.

The challenge is the sha256 of a text that says what is signed for, so that a signature is over
that text; whoever has text, public key and the browser's answer can check it years later.
Pure: no table, no clock, no request.
"""

from __future__ import annotations

import hashlib
import json
import struct
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from cryptography.exceptions import UnsupportedAlgorithm
from fido2.cose import CoseKey
from fido2.rpid import verify_rp_id
from fido2.server import Fido2Server
from fido2.webauthn import (
    AttestationConveyancePreference,
    AttestedCredentialData,
    AuthenticatorData,
    PublicKeyCredentialDescriptor,
    PublicKeyCredentialRpEntity,
    PublicKeyCredentialType,
    PublicKeyCredentialUserEntity,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from ops.engines.identity.types import Evidence, NewPasskey, Signature

MOST_LETTERS: Final = 8_000
# What the readers of CBOR, COSE and JSON raise for bytes that are none.
_UNREADABLE: Final = (
    ValueError,
    TypeError,
    LookupError,
    AttributeError,
    AssertionError,
    NotImplementedError,
    RecursionError,
    struct.error,
    UnsupportedAlgorithm,
)
Origins = Callable[[str], bool]


class Unsigned(Exception):
    """The answer is unreadable, for something else, or not signed by this key."""


def challenge_of(signed: str) -> bytes:
    """Return the challenge of a text: 32 bytes."""
    return hashlib.sha256(signed.encode()).digest()


def creation_options(
    signed: str, *, rp_id: str, rp_name: str, handle: bytes, username: str, known: Sequence[str]
) -> Mapping[str, Any]:
    """Return what `navigator.credentials.create` is given; binary values are base64url."""
    options, _state = _server(rp_id, rp_name=rp_name).register_begin(
        PublicKeyCredentialUserEntity(id=handle, name=username, display_name=username),
        credentials=_descriptors(known),
        resident_key_requirement=ResidentKeyRequirement.REQUIRED,
        user_verification=UserVerificationRequirement.REQUIRED,
        challenge=challenge_of(signed),
    )
    return _plain(options.public_key)


def request_options(signed: str, *, rp_id: str, known: Sequence[str] = ()) -> Mapping[str, Any]:
    """Return what `navigator.credentials.get` is given; without `known` any passkey may answer."""
    options, _state = _server(rp_id).authenticate_begin(
        credentials=_descriptors(known) or None,
        user_verification=UserVerificationRequirement.REQUIRED,
        challenge=challenge_of(signed),
    )
    return _plain(options.public_key)


def registered(answer: str, *, signed: str, rp_id: str, origins: Sequence[str]) -> NewPasskey:
    """Return the key a browser made for this text. Raises Unsigned."""
    try:
        given = _read(answer)
        server = _server(rp_id, allows=origins.__contains__)
        found = server.register_complete(_state(signed), given)
        credential = found.credential_data
        if credential is None or not _is_known(credential):
            raise Unsigned
        return NewPasskey(
            credential_id=text_of(credential.credential_id),
            credential=bytes(credential),
            sign_count=found.counter,
        )
    except _UNREADABLE as wrong:
        raise Unsigned from wrong


def signature_in(answer: str) -> Signature:
    """Return the parts of a browser's answer, not yet checked. Raises Unsigned."""
    try:
        given = _read(answer)
        response = given["response"]
        return Signature(
            credential_id=text_of(bytes_of(given["rawId"])),
            client_data=bytes_of(response["clientDataJSON"]).decode(),
            authenticator_data=bytes_of(response["authenticatorData"]),
            signature=bytes_of(response["signature"]),
        )
    except _UNREADABLE as wrong:
        raise Unsigned from wrong


def signature_of(kept: Evidence) -> Signature:
    """Return the browser's answer that was kept."""
    return Signature(
        credential_id=kept.credential_id,
        client_data=kept.client_data,
        authenticator_data=kept.authenticator_data,
        signature=kept.signature,
    )


def checked(
    made: Signature,
    *,
    signed: str,
    credential: bytes,
    rp_id: str,
    origins: Sequence[str] | None = None,
) -> int:
    """Return the signature counter of an answer that is good; raises Unsigned.

    Looks at challenge, origin, relying party, presence and verification of the person, and the
    signature. `origins` None takes any origin the relying party's name is good for: that is how
    kept signatures are checked, whatever the settings became since.
    """

    def fits(origin: str) -> bool:
        return verify_rp_id(rp_id, origin) if origins is None else origin in origins

    try:
        _server(rp_id, allows=fits).authenticate_complete(
            _state(signed),
            [AttestedCredentialData(credential)],
            {
                "id": made.credential_id,
                "rawId": made.credential_id,
                "type": "public-key",
                "response": {
                    "clientDataJSON": text_of(made.client_data.encode()),
                    "authenticatorData": text_of(made.authenticator_data),
                    "signature": text_of(made.signature),
                },
            },
        )
        return int(AuthenticatorData(made.authenticator_data).counter)
    except _UNREADABLE as wrong:
        raise Unsigned from wrong


def text_of(value: bytes) -> str:
    """Return bytes as base64url without padding."""
    return urlsafe_b64encode(value).decode().rstrip("=")


def bytes_of(text: str) -> bytes:
    """Return the bytes of base64url without padding. Raises ValueError."""
    if not text.isascii() or "=" in text:
        raise ValueError("not base64url")
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _read(answer: str) -> Mapping[str, Any]:
    if len(answer) > MOST_LETTERS:
        raise Unsigned
    given = json.loads(answer)
    if not isinstance(given, dict) or not isinstance(given["response"], dict):
        raise Unsigned
    return given


def _server(rp_id: str, *, rp_name: str = "", allows: Origins | None = None) -> Fido2Server:
    return Fido2Server(
        PublicKeyCredentialRpEntity(id=rp_id, name=rp_name or rp_id),
        attestation=AttestationConveyancePreference.NONE,
        verify_origin=allows or (lambda _origin: False),
    )


def _state(signed: str) -> Mapping[str, Any]:
    return {
        "challenge": text_of(challenge_of(signed)),
        "user_verification": UserVerificationRequirement.REQUIRED,
    }


def _descriptors(known: Sequence[str]) -> list[PublicKeyCredentialDescriptor]:
    return [
        PublicKeyCredentialDescriptor(type=PublicKeyCredentialType.PUBLIC_KEY, id=bytes_of(each))
        for each in known
    ]


def _is_known(credential: AttestedCredentialData) -> bool:
    return credential.public_key.ALGORITHM in CoseKey.supported_algorithms()


def _plain(options: Any) -> Mapping[str, Any]:
    return {key: value for key, value in dict(options).items() if value is not None}
