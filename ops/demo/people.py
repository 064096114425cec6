"""Persons, positions and accounts: one account per role, some roles twice, one person with two."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from ops.demo import names
from ops.demo.company import TRADING, Company
from ops.demo.plan import SYSTEM, Plan
from ops.engines.identity import selectors, services
from ops.engines.identity.choices import Role
from ops.engines.identity.models import User
from ops.engines.kernel.actor import Actor

ALL_CHANNELS: Final = ("tmall", "jd", "pdd", "douyin")
ALL_WAREHOUSES: Final = ("HZ", "SH", "GZ")
_TOKEN_LIFE: Final = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Seat:
    """A position to fill: who sits where, and the channels and warehouses they work in."""

    username: str
    role: Role
    department: str = ""  # empty: company-wide
    channels: Sequence[str] = ()
    warehouses: Sequence[str] = ()


# In the order of the register; `system` is a machine and has no person.
SEATS: Final = (
    Seat("executive", Role.EXECUTIVE),
    Seat("director", Role.OPERATIONS_DIRECTOR),
    Seat("manager", Role.OPERATIONS_MANAGER),
    Seat("manager2", Role.OPERATIONS_MANAGER),
    Seat("store_manager", Role.STORE_MANAGER, "YY-TM"),
    Seat("supervisor", Role.OPERATIONS_SUPERVISOR, "YY-TM", ALL_CHANNELS),
    Seat("supervisor2", Role.OPERATIONS_SUPERVISOR, "YY-JD", ALL_CHANNELS),
    Seat("specialist", Role.OPERATIONS_SPECIALIST, "CP", ALL_CHANNELS, ALL_WAREHOUSES),
    Seat("analyst", Role.DATA_ANALYST, "YY"),
    Seat("it_supervisor", Role.INFORMATION_SUPERVISOR),
    Seat("web_supervisor", Role.WEB_EDITING_SUPERVISOR, "WB", ALL_CHANNELS),
    Seat("editor", Role.EDITOR, "WB", ALL_CHANNELS),
    Seat("designer", Role.DESIGNER, "WB", ALL_CHANNELS),
    Seat("agent", Role.CUSTOMER_SERVICE_AGENT, "KF", ALL_CHANNELS),
    Seat("keeper", Role.WAREHOUSE_KEEPER, "CC-HZ", (), ("HZ", "SH")),
    Seat("keeper2", Role.WAREHOUSE_KEEPER, "CC-GZ", (), ("HZ", "GZ")),
    Seat("buyer_officer", Role.PURCHASING_OFFICER, "CG", (), ALL_WAREHOUSES),
    Seat("finance", Role.FINANCE_OFFICER, "CW"),
    Seat("finance2", Role.FINANCE_OFFICER, "CW"),
    Seat("finance_manager", Role.FINANCE_MANAGER),
    Seat("hr", Role.HR_OFFICER),
    Seat("compliance", Role.COMPLIANCE_OFFICER),
    Seat("auditor", Role.AUDITOR),
    Seat("head", Role.DEPARTMENT_HEAD, "KF"),
    Seat("staff", Role.ALL_STAFF, TRADING),
    Seat("seller", Role.SELLER, TRADING, ("tmall",)),
    Seat("shopper", Role.BUYER, TRADING),
    Seat("supplier", Role.SUPPLIER, TRADING),
)
# The second supervisor may also draft, under another account: four eyes are counted on persons.
SECOND: Final = Seat(
    "supervisor2_b", Role.OPERATIONS_SPECIALIST, "YY-JD", ALL_CHANNELS, ALL_WAREHOUSES
)
SECOND_OF: Final = "supervisor2"


@dataclass(frozen=True, slots=True)
class Account:
    """An account with everything needed to enter it; written to a file of its owner's alone."""

    role: str
    username: str
    person: str
    password: str
    totp_secret: str
    api_token: str
    user_id: int = field(repr=False, default=0)
    person_id: int = field(repr=False, default=0)


@dataclass(frozen=True, slots=True)
class Staff:
    """The accounts, and who acts behind them."""

    accounts: tuple[Account, ...]

    def actor(self, username: str, *, at: datetime) -> Actor:
        """Return who an account is at a moment, with the rights in force."""
        user = User.objects.select_related("person").get(username=username)
        return selectors.actor_for(user, at=at)

    def person_id(self, username: str) -> int:
        """Return the person behind an account."""
        return next(one.person_id for one in self.accounts if one.username == username)


def hire(plan: Plan, company: Company) -> Staff:
    """Make persons, positions since the first day of history, accounts and grants."""
    draws = plan.draws("people")
    made: dict[str, Account] = {}
    for number, seat in enumerate(SEATS, start=1):
        person = services.create_person(
            name=names.person(draws), employee_no=f"GF{number:04d}", actor=SYSTEM, at=plan.at
        )
        _place(plan, company, seat, person.person_id)
        made[seat.username] = _account(plan, company, seat, person.person_id, person.name)
    owner = made[SECOND_OF]
    _place(plan, company, SECOND, owner.person_id)
    made[SECOND.username] = _account(plan, company, SECOND, owner.person_id, owner.person)
    return Staff(tuple(made.values()))


def write_accounts(staff: Staff, path: Path) -> None:
    """Write who may enter and how, readable by this user alone; the file appears whole."""
    keys = ("role", "username", "person", "password", "totp_secret", "api_token")
    rows = [{key: getattr(account, key) for key in keys} for account in staff.accounts]
    draft = path.with_suffix(".new")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as handle:
        json.dump(rows, handle, ensure_ascii=False, indent=1)
    draft.replace(path)


def _place(plan: Plan, company: Company, seat: Seat, person_id: int) -> None:
    if seat.role is Role.ALL_STAFF:  # everybody's role is given to nobody
        return
    services.assign(
        person_id=person_id,
        role=seat.role,
        first=plan.first_day,
        department_id=company.departments.get(seat.department),
        actor=SYSTEM,
        at=plan.at,
    )


def _account(plan: Plan, company: Company, seat: Seat, person_id: int, name: str) -> Account:
    password = secrets.token_urlsafe(15)
    user_id = services.create_account(
        person_id=person_id,
        username=seat.username,
        password=password,
        is_staff=seat.role not in {Role.SELLER, Role.BUYER, Role.SUPPLIER},
        is_demo=True,
        actor=SYSTEM,
        at=plan.at,
    ).user_id
    secret = services.enrol_totp(user_id=user_id, actor=SYSTEM, at=plan.at, trusted=True)
    token = services.create_api_token(
        user_id=user_id, label="demo", lifetime=_TOKEN_LIFE, actor=SYSTEM, at=plan.at
    )
    grants = [("channel", company.shop(code).id) for code in seat.channels]
    grants += [("warehouse", company.warehouses[code].id) for code in seat.warehouses]
    for kind, object_id in grants:
        services.grant_scope(
            user_id=user_id, kind=kind, object_id=object_id, actor=SYSTEM, at=plan.at
        )
    return Account(
        seat.role.value,
        seat.username,
        name,
        password,
        secret.secret,
        token.token,
        user_id,
        person_id,
    )
