"""Changing people and access: every function audits what it did in the same transaction."""

from ops.engines.identity.scopes import register_scope_kind

from .accounts import change_own_password, create_account, end_sessions, set_active, set_password
from .assignments import Seat, assign, end_assignment
from .ceremonies import FRESH
from .devices import DEVICES_AT_ONCE, end_device, open_device
from .duties import act, act_on, approve_exception, ask_exception, revoke_exception
from .passkeys import add_passkey, ask_to_add, remove_passkey
from .people import create_department, create_person
from .recovery import make_recovery_codes, spend_recovery_code
from .scopes import grant_scope, revoke_scope
from .setup import SETUP_ROLES, FirstAccount, complete_setup, make_setup_link, setup_is_open
from .sign_in import (
    SignedIn,
    ask_to_sign_in,
    demo_is_open,
    enter_demo,
    forget_tries,
    sign_in,
    sign_in_with_passkey,
    signed_out,
)
from .signing import ask_to_sign, sign
from .staffing import accept, end_now, invite, invited, join, leave, move
from .step_up import step_up
from .tokens import create_api_token, owner_of_token, revoke_api_token
from .totp import check_totp, confirm_totp, demo_code, enrol_totp, pending_totp, reset_totp

__all__ = [
    "DEVICES_AT_ONCE",
    "FRESH",
    "SETUP_ROLES",
    "FirstAccount",
    "Seat",
    "SignedIn",
    "accept",
    "act",
    "act_on",
    "add_passkey",
    "approve_exception",
    "ask_exception",
    "ask_to_add",
    "ask_to_sign",
    "ask_to_sign_in",
    "assign",
    "change_own_password",
    "check_totp",
    "complete_setup",
    "confirm_totp",
    "create_account",
    "create_api_token",
    "create_department",
    "create_person",
    "demo_code",
    "demo_is_open",
    "end_assignment",
    "end_device",
    "end_now",
    "end_sessions",
    "enrol_totp",
    "enter_demo",
    "forget_tries",
    "grant_scope",
    "invite",
    "invited",
    "join",
    "leave",
    "make_recovery_codes",
    "make_setup_link",
    "move",
    "open_device",
    "owner_of_token",
    "pending_totp",
    "register_scope_kind",
    "remove_passkey",
    "reset_totp",
    "revoke_api_token",
    "revoke_exception",
    "revoke_scope",
    "set_active",
    "set_password",
    "setup_is_open",
    "sign",
    "sign_in",
    "sign_in_with_passkey",
    "signed_out",
    "spend_recovery_code",
    "step_up",
]
