"""What people and access hands out."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonInfo:
    """One person holding a role now; `deputy_for` names whose place they take."""

    person_id: int
    name: str
    department_id: int | None = None
    deputy_for: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeputyInfo:
    """One person who stands in for another in a position."""

    person_id: int
    name: str
    role: str
    deputy_for: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DepartmentInfo:
    """One department."""

    department_id: int
    code: str
    name: str
    parent_id: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountInfo:
    """One account."""

    user_id: int
    username: str
    person_id: int
    person: str
    is_active: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AssignmentInfo:
    """One person in one position; `last` is the last day held, None without end."""

    assignment_id: int
    person_id: int
    role: str
    department_id: int | None
    first: date
    last: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TotpSecret:
    """A secret to be shown once, and the address an authenticator app reads."""

    secret: str
    uri: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenInfo:
    """A token in clear, shown once."""

    token_id: int
    token: str
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleInfo:
    """A position as people read it."""

    key: str
    name_zh: str
    name_en: str
    summary: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoAccount:
    """A demo account on the one-click page."""

    user_id: int
    username: str
    person: str
    roles_zh: str
    roles_en: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ExceptionInfo:
    """An exception from a separation; `is_effective` once two others approved it."""

    exception_id: int
    person_id: int
    rule: str
    first: date
    last: date
    is_effective: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ConflictInfo:
    """One separation of duties a person's positions touch, and what holds it."""

    rule: str
    one_zh: str
    one_en: str
    other_zh: str
    other_en: str
    person_id: int
    person: str
    positions: str
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceInfo:
    """One place an account is signed in now."""

    device_id: int
    label: str
    address: str
    opened_at: datetime
    seen_at: datetime
    is_this: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaveInfo:
    """What ended when a person left."""

    person_id: int
    assignments: int
    accounts: int
    tokens: int
    sessions: int
    scopes: int
    deputies: int


@dataclass(frozen=True, slots=True, kw_only=True)
class InvitationInfo:
    """A link that opens an account, shown once."""

    user_id: int
    token: str
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RightInfo:
    """One right in force and who answers for it: an assignment, or an account's object."""

    person_id: int
    reviewer_id: int | None
    assignment_id: int | None
    user_id: int | None
    scope_kind: str
    scope_id: int | None
    zh: str
    en: str
    is_protected: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPasskey:
    """A key a browser just made: its id (base64url), public key and counter."""

    credential_id: str
    credential: bytes
    sign_count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """The parts of a browser's answer that prove a signature."""

    credential_id: str
    client_data: str
    authenticator_data: bytes
    signature: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Ceremony:
    """What a browser is asked: keep `signed` on the server, send it `options` (JSON)."""

    signed: str
    options: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The text that was kept, and what the browser answered (JSON, as it came)."""

    signed: str
    response: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PasskeyInfo:
    """One passkey as its person sees it."""

    passkey_id: int
    name: str
    made_at: datetime
    used_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What a passkey signed, whole: enough to check it without this installation's settings."""

    signed: str
    client_data: str
    authenticator_data: bytes
    signature: bytes
    credential_id: str
    credential: bytes
