"""What a production installation must not be: one table of checks, each with its reason."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import psycopg2
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import connections
from fido2.rpid import verify_rp_id

SECRET_LENGTH = 40
PUBLISHED_SECRETS = ("django-insecure", "change-me", "changeme", "secret", "password", "tests-need")


@dataclass(frozen=True, kw_only=True)
class Deployment:
    """The settings that decide whether an installation is safe."""

    secret_key: str
    debug: bool
    demo: bool
    building: bool
    allowed_hosts: Sequence[str]
    trusted_origins: Sequence[str]
    site_url: str
    passkey_name: str
    passkey_origins: Sequence[str]
    secure_cookies: bool
    https_only: bool
    embedded_database: bool
    app_database: dict[str, Any]
    owner_role: str
    report_role: str
    auth_role: str
    sealer_role: str
    anchor_places: int
    broker_url: str
    field_keys: dict[str, str]
    blind_index_key: str


@dataclass(frozen=True, kw_only=True)
class DatabaseFacts:
    """What the database says about the app role and about who is let in."""

    role_is_powerful: bool
    role_owns_tables: bool
    any_password_opens: bool
    demo_accounts: int


def _is_socket(host: str) -> bool:
    return host.startswith("/")


def _broker_is_open(deployment: Deployment) -> bool:
    parts = urlsplit(deployment.broker_url)
    return parts.scheme in {"redis", "rediss"} and not parts.password


def _hosts_are_open(deployment: Deployment) -> bool:
    return not deployment.allowed_hosts or any(
        host == "*" or host.startswith(".") for host in deployment.allowed_hosts
    )


def _secret_is_weak(deployment: Deployment) -> bool:
    key = deployment.secret_key
    return (
        len(key) < SECRET_LENGTH
        or len(set(key)) < SECRET_LENGTH / 4
        or key.lower().startswith(PUBLISHED_SECRETS)
    )


def _passkeys_are_loose(deployment: Deployment) -> bool:
    """Say whether passkeys would answer to more than our own pages."""
    name, origins = deployment.passkey_name, deployment.passkey_origins
    is_name = "." in name and not name.replace(".", "").isdigit()
    return not (is_name and origins) or any(
        not origin.startswith("https://") or not verify_rp_id(name, origin) for origin in origins
    )


def _field_keys_are_missing(deployment: Deployment) -> bool:
    return not deployment.field_keys or len(deployment.blind_index_key) < 32


# The reason is what an operator reads; a test goes through this table line by line.
SETTINGS_CHECKS: tuple[tuple[str, Callable[[Deployment], bool]], ...] = (
    ("SECRET_KEY is missing, short or a published one.", _secret_is_weak),
    ("DEBUG is on.", lambda it: it.debug),
    ("DEMO is on: demo accounts have known roles and one-click entry.", lambda it: it.demo),
    ("BUILDING is on: it is only for building an image.", lambda it: it.building),
    ("ALLOWED_HOSTS is empty or has a wildcard.", _hosts_are_open),
    (
        "CSRF_TRUSTED_ORIGINS or SITE_URL is not https.",
        lambda it: any(
            not url.startswith("https://") for url in (*it.trusted_origins, it.site_url)
        ),
    ),
    (
        "PASSKEY_RP_ID is no host name, or PASSKEY_ORIGINS names no https page within it.",
        _passkeys_are_loose,
    ),
    ("SECURE_COOKIES is off.", lambda it: not it.secure_cookies),
    ("SSL_REDIRECT is off.", lambda it: not it.https_only),
    (
        "DATABASE_URL is missing: the embedded server is not for production.",
        lambda it: it.embedded_database,
    ),
    (
        "DATABASE_URL has no password.",
        lambda it: not it.app_database["PASSWORD"] and not _is_socket(it.app_database["HOST"]),
    ),
    (
        "DATABASE_URL uses the owner's role: the app must own nothing.",
        lambda it: it.app_database["USER"] in {it.owner_role, "postgres"},
    ),
    (
        "DATABASE_REPORT_URL is missing or uses the app's role: reports only read.",
        lambda it: it.report_role in {it.app_database["USER"], it.owner_role},
    ),
    (
        "DATABASE_AUTH_URL is missing or uses another role's name: who decides must not prove it.",
        lambda it: it.auth_role in {it.app_database["USER"], it.owner_role, it.report_role},
    ),
    (
        "DATABASE_SEALER_URL uses another role's name: who writes facts must not seal them.",
        lambda it: (
            it.sealer_role in {it.app_database["USER"], it.owner_role, it.report_role, it.auth_role}
        ),
    ),
    (
        "AUDIT_ANCHOR_DIRS names no place outside DATA_DIR: one copy of the anchors proves little.",
        lambda it: it.anchor_places < 2,
    ),
    ("REDIS_URL is missing or has no password.", _broker_is_open),
    ("FIELD_KEYS or BLIND_INDEX_KEY is missing.", _field_keys_are_missing),
)

DATABASE_CHECKS: tuple[tuple[str, Callable[[DatabaseFacts], bool]], ...] = (
    (
        "The app's database role is a superuser or may make roles or databases.",
        lambda it: it.role_is_powerful,
    ),
    ("The app's database role owns tables.", lambda it: it.role_owns_tables),
    (
        "The database lets the app's role in with any password (trust).",
        lambda it: it.any_password_opens,
    ),
    ("There are active demo accounts.", lambda it: it.demo_accounts > 0),
)


def deployment() -> Deployment:
    """Return the settings of this process as the checks see them."""
    return Deployment(
        secret_key=settings.SECRET_KEY,
        debug=settings.DEBUG,
        demo=settings.DEMO,
        building=settings.BUILDING,
        allowed_hosts=settings.ALLOWED_HOSTS,
        trusted_origins=settings.CSRF_TRUSTED_ORIGINS,
        site_url=settings.SITE_URL,
        passkey_name=settings.PASSKEY_RP_ID,
        passkey_origins=settings.PASSKEY_ORIGINS,
        secure_cookies=settings.SESSION_COOKIE_SECURE and settings.CSRF_COOKIE_SECURE,
        https_only=settings.SECURE_SSL_REDIRECT,
        embedded_database=settings.EMBEDDED_DATABASE,
        app_database=settings.DATABASES["default"],
        owner_role=settings.DB_OWNER_ROLE,
        report_role=settings.DB_REPORT_ROLE,
        auth_role=settings.DB_AUTH_ROLE,
        sealer_role=settings.DB_SEALER_ROLE,
        anchor_places=len(settings.AUDIT_ANCHOR_DIRS),
        broker_url=settings.CELERY_BROKER_URL,
        field_keys=settings.FIELD_KEYS,
        blind_index_key=settings.BLIND_INDEX_KEY,
    )


def _any_password_opens() -> bool:
    database = connections["default"].get_connection_params()
    try:
        psycopg2.connect(**{**database, "password": "surely-not-the-password"}).close()
    except psycopg2.OperationalError:
        return False
    return True


def database_facts() -> DatabaseFacts:
    """Ask the database, as the app role, what that role is."""
    with connections["default"].cursor() as cursor:
        cursor.execute(
            """
            SELECT rolsuper OR rolcreaterole OR rolcreatedb OR rolbypassrls OR rolreplication,
                   EXISTS (SELECT FROM pg_class WHERE relowner = pg_roles.oid),
                   to_regclass('identity_user') IS NOT NULL
            FROM pg_roles WHERE rolname = current_user
            """
        )
        powerful, owns, has_users = cursor.fetchone()
        demo_accounts = 0
        if has_users:
            cursor.execute("SELECT count(*) FROM identity_user WHERE is_demo AND is_active")
            (demo_accounts,) = cursor.fetchone()
    return DatabaseFacts(
        role_is_powerful=powerful,
        role_owns_tables=owns,
        any_password_opens=_any_password_opens(),
        demo_accounts=demo_accounts,
    )


def _refuse(reasons: list[str]) -> None:
    if reasons:
        lines = "\n".join(f"  - {reason}" for reason in reasons)
        raise ImproperlyConfigured(f"The production profile does not start:\n{lines}")


def settings_reasons(facts: Deployment) -> list[str]:
    """Return every reason why these settings must not serve."""
    return [reason for reason, is_unsafe in SETTINGS_CHECKS if is_unsafe(facts)]


def database_reasons(facts: DatabaseFacts) -> list[str]:
    """Return every reason why this database must not be served from."""
    return [reason for reason, is_unsafe in DATABASE_CHECKS if is_unsafe(facts)]


def refuse_unsafe_settings() -> None:
    """Raise ImproperlyConfigured with all reasons when a production setting is unsafe."""
    _refuse(settings_reasons(deployment()))


def refuse_unsafe_database() -> None:
    """Raise ImproperlyConfigured with all reasons when the production database is unsafe."""
    _refuse(database_reasons(database_facts()))
