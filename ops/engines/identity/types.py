"""What people and access hands out."""

from dataclasses import dataclass
from datetime import date, datetime


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
