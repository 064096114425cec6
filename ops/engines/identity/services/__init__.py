"""Changing people and access: every function audits what it did in the same transaction."""

from ops.engines.identity.scopes import register_scope_kind

from .accounts import change_own_password, create_account, end_sessions, set_active, set_password
from .assignments import assign, end_assignment
from .people import create_department, create_person
from .scopes import grant_scope, revoke_scope
from .setup import SETUP_ROLES, FirstAccount, complete_setup, make_setup_link, setup_is_open
from .sign_in import SignedIn, demo_is_open, enter_demo, forget_tries, sign_in, signed_out
from .step_up import step_up
from .tokens import create_api_token, owner_of_token, revoke_api_token
from .totp import check_totp, confirm_totp, enrol_totp, pending_totp, reset_totp

__all__ = [
    "SETUP_ROLES",
    "FirstAccount",
    "SignedIn",
    "assign",
    "change_own_password",
    "check_totp",
    "complete_setup",
    "confirm_totp",
    "create_account",
    "create_api_token",
    "create_department",
    "create_person",
    "demo_is_open",
    "end_assignment",
    "end_sessions",
    "enrol_totp",
    "enter_demo",
    "forget_tries",
    "grant_scope",
    "make_setup_link",
    "owner_of_token",
    "pending_totp",
    "register_scope_kind",
    "reset_totp",
    "revoke_api_token",
    "revoke_scope",
    "set_active",
    "set_password",
    "setup_is_open",
    "sign_in",
    "signed_out",
    "step_up",
]
