"""The production profile refuses what is unsafe, each with its reason (promise S20)."""

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ops import safety

ROOT = Path(__file__).resolve().parents[2]
SECRET = "k8vQ2mZr5tY1wX9cB4nH7jL3pD6sF0gA-eUiOaRtYuPl"
SAFE_ENVIRONMENT = {
    "GUIFAN_PROFILE": "production",
    "SECRET_KEY": SECRET,
    "ALLOWED_HOSTS": "shop.example",
    "SITE_URL": "https://shop.example",
    "CSRF_TRUSTED_ORIGINS": "https://shop.example",
    "DATABASE_URL": "postgresql://shop_app:long-and-random@db/shop",
    "DATABASE_OWNER_URL": "postgresql://shop_owner:long-and-random@db/shop",
    "DATABASE_REPORT_URL": "postgresql://shop_report:long-and-random@db/shop",
    "DATABASE_AUTH_URL": "postgresql://shop_auth:long-and-random@db/shop",
    "AUDIT_ANCHOR_DIRS": "/srv/anchors",
    "REDIS_URL": "redis://:long-and-random@broker/0",
    "FIELD_KEYS": "k1=MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=",
    "BLIND_INDEX_KEY": "YWJjZGVmZ2hpamtsbW5vcHFyc3R1dnd4eXphYmNkZWY=",
}
UNSAFE = {
    "default secret": ({"SECRET_KEY": "django-insecure-" + SECRET}, "SECRET_KEY"),
    "short secret": ({"SECRET_KEY": "abc123"}, "SECRET_KEY"),
    "debug": ({"DEBUG": "1"}, "DEBUG is on"),
    "demo": ({"DEMO": "1"}, "DEMO is on"),
    "wildcard hosts": ({"ALLOWED_HOSTS": "*"}, "ALLOWED_HOSTS"),
    "no hosts": ({"ALLOWED_HOSTS": ""}, "ALLOWED_HOSTS"),
    "http origin": ({"CSRF_TRUSTED_ORIGINS": "http://shop.example"}, "CSRF_TRUSTED_ORIGINS"),
    "passkeys of one machine": ({"PASSKEY_RP_ID": "localhost"}, "PASSKEY_RP_ID"),
    "passkeys of an address": (
        {"PASSKEY_RP_ID": "192.0.2.7", "PASSKEY_ORIGINS": "https://192.0.2.7"},
        "PASSKEY_RP_ID",
    ),
    "passkeys of a whole country": (
        {"PASSKEY_RP_ID": "com.cn", "PASSKEY_ORIGINS": "https://shop.com.cn"},
        "PASSKEY_RP_ID",
    ),
    "passkeys elsewhere": ({"PASSKEY_ORIGINS": "https://evil.example"}, "PASSKEY_ORIGINS"),
    "passkeys without https": ({"PASSKEY_ORIGINS": "http://shop.example"}, "PASSKEY_ORIGINS"),
    "open cookies": ({"SECURE_COOKIES": "0"}, "SECURE_COOKIES"),
    "no database": ({"DATABASE_URL": ""}, "DATABASE_URL is missing"),
    "database without password": (
        {"DATABASE_URL": "postgresql://shop_app@db/shop"},
        "DATABASE_URL has no password",
    ),
    "app as owner": (
        {"DATABASE_URL": "postgresql://shop_owner:long-and-random@db/shop"},
        "owner's role",
    ),
    "reports as app": (
        {"DATABASE_REPORT_URL": "postgresql://shop_app:long-and-random@db/shop"},
        "DATABASE_REPORT_URL",
    ),
    "proofs as app": (
        {"DATABASE_AUTH_URL": "postgresql://shop_app:long-and-random@db/shop"},
        "DATABASE_AUTH_URL",
    ),
    "no role for proofs": ({"DATABASE_AUTH_URL": ""}, "DATABASE_AUTH_URL"),
    "sealer as app": (
        {"DATABASE_SEALER_URL": "postgresql://shop_app:long-and-random@db/shop"},
        "DATABASE_SEALER_URL",
    ),
    "anchors in one place": ({"AUDIT_ANCHOR_DIRS": ""}, "AUDIT_ANCHOR_DIRS"),
    "open broker": ({"REDIS_URL": "redis://broker/0"}, "REDIS_URL"),
    "no field keys": ({"FIELD_KEYS": ""}, "FIELD_KEYS"),
}


PROGRAM = """
import ops.settings
from django.conf import settings
settings.configure(ops.settings)
from ops import safety
safety.refuse_unsafe_settings()
print("up")
"""


def start(environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Read the settings in a process of its own with exactly this environment."""
    return subprocess.run(
        [sys.executable, "-c", PROGRAM],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"]} | environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_safe_settings_start() -> None:
    done = start(SAFE_ENVIRONMENT)

    assert done.stdout == "up\n", done.stderr


@pytest.mark.parametrize("name", UNSAFE)
def test_unsafe_settings_are_refused_with_their_reason(name: str) -> None:
    change, reason = UNSAFE[name]

    done = start(SAFE_ENVIRONMENT | change)

    assert done.returncode != 0
    assert done.stdout == ""
    assert reason in done.stderr


def test_whole_start_refuses_unsafe_settings() -> None:
    done = subprocess.run(
        [sys.executable, "manage.py", "check"],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"]} | SAFE_ENVIRONMENT | {"DEBUG": "1"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode != 0
    assert "DEBUG is on" in done.stderr


SAFE_DATABASE = safety.DatabaseFacts(
    role_is_powerful=False, role_owns_tables=False, any_password_opens=False, demo_accounts=0
)


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"role_is_powerful": True}, "superuser"),
        ({"role_owns_tables": True}, "owns tables"),
        ({"any_password_opens": True}, "trust"),
        ({"demo_accounts": 3}, "demo accounts"),
    ],
)
def test_unsafe_database_is_refused_with_its_reason(change: dict[str, Any], word: str) -> None:
    assert safety.database_reasons(SAFE_DATABASE) == []

    (reason,) = safety.database_reasons(replace(SAFE_DATABASE, **change))

    assert word in reason


@pytest.mark.django_db
def test_our_own_roles_pass_the_database_checks() -> None:
    facts = safety.database_facts()

    assert facts == SAFE_DATABASE
