"""The roles of the database, one entry each: who makes, grants or connects reads this table."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabaseRole:
    """One role: its key in `secrets.json`, Django's alias, its usual name, the URL's variable.

    A role with `everywhere=False` is held by the processes that are given its URL, by no other.
    """

    key: str
    alias: str
    name: str
    url_variable: str
    settings: tuple[tuple[str, str], ...] = ()
    everywhere: bool = True


ROLES = (
    DatabaseRole(
        key="owner", alias="owner", name="guifan_owner", url_variable="DATABASE_OWNER_URL"
    ),
    DatabaseRole(key="app", alias="default", name="guifan_app", url_variable="DATABASE_URL"),
    DatabaseRole(
        key="report",
        alias="report",
        name="guifan_report",
        url_variable="DATABASE_REPORT_URL",
        settings=(("statement_timeout", "120s"), ("default_transaction_read_only", "on")),
    ),
    DatabaseRole(
        key="auth",
        alias="auth",
        name="guifan_auth",
        url_variable="DATABASE_AUTH_URL",
        # It writes beside an open transaction of the app: never wait for that one for ever.
        settings=(("statement_timeout", "10s"), ("lock_timeout", "5s")),
    ),
    DatabaseRole(
        key="sealer",
        alias="sealer",
        name="guifan_sealer",
        url_variable="DATABASE_SEALER_URL",
        everywhere=False,
    ),
)
OWNER = "guifan_owner"
ALIASES = tuple(role.alias for role in ROLES)
