"""Settings: one file, from the environment alone (docs/configuration.md lists the variables)."""

import socket
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import django_stubs_ext
from csp.constants import NONCE, NONE, SELF
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _

from ops import environment
from ops.embedded.keys import Keys, database_urls, installation_keys
from ops.embedded.places import valkey_socket
from ops.embedded.roles import ROLES
from ops.engines.desk import theme

django_stubs_ext.monkeypatch()  # ModelAdmin[X] and its like may be written at run time

BASE_DIR = Path(__file__).resolve().parent.parent
PROFILE = environment.choice("GUIFAN_PROFILE", ("development", "production", "test"))
PRODUCTION, TESTING = PROFILE == "production", PROFILE == "test"
SECURITY_PROFILE = environment.choice("SECURITY_PROFILE", ("asvs", "mlps3"))
DATA_DIR = environment.folder("DATA_DIR", BASE_DIR / ".data")
PORT = environment.integer("PORT", 8000)
BIND_HOST = environment.text("BIND_HOST", "127.0.0.1")
DEMO = environment.flag("DEMO", default=not PRODUCTION)
DEMO_ORDERS = environment.integer("DEMO_ORDERS", 50_000)
ACCOUNTS_FILE = DATA_DIR / "accounts.json"  # what the demo writes: who may sign in, and how
DEBUG = environment.flag("DEBUG", default=False)
BUILDING = environment.flag("BUILDING", default=False)  # an image is being built: nothing serves

# --- Secrets: from the environment, else those of the embedded installation.
_keys: Keys | None = None if PRODUCTION or TESTING else installation_keys(DATA_DIR)
SECRET_KEY = environment.text(
    "SECRET_KEY",
    _keys.secret_key if _keys else "",
)


def _key_ring() -> dict[str, str]:
    """Return the base64 field keys by id; the last one encrypts: "k1=<base64>,k2=<base64>"."""
    made_here = [f"k1={_keys.field_key}"] if _keys else []
    entries = environment.words("FIELD_KEYS", tuple(made_here))
    pairs = (entry.partition("=") for entry in entries)
    return {name: value for name, _sign, value in pairs}


FIELD_KEYS = _key_ring()
BLIND_INDEX_KEY = environment.text("BLIND_INDEX_KEY", _keys.blind_index_key if _keys else "")

# --- Time a request may take until its database connections are cut
REQUEST_SECONDS = environment.integer("REQUEST_SECONDS", 25)

# --- Hosts
ALLOWED_HOSTS = environment.words(
    "ALLOWED_HOSTS", () if PRODUCTION else ("localhost", "127.0.0.1", "[::1]")
)
CSRF_TRUSTED_ORIGINS = environment.words("CSRF_TRUSTED_ORIGINS")
SITE_URL = environment.text("SITE_URL", f"http://127.0.0.1:{PORT}")

# --- Passkeys: the name they are bound to, and the pages they may be used on. A bare address is no
# name a browser takes: on one machine passkeys work under localhost.
_SITE = urlsplit(SITE_URL)
_IS_HERE = _SITE.hostname in {"127.0.0.1", "::1", "localhost"}
PASSKEY_RP_ID = environment.text(
    "PASSKEY_RP_ID", "localhost" if _IS_HERE else _SITE.hostname or "localhost"
)
PASSKEY_ORIGINS = environment.words(
    "PASSKEY_ORIGINS", (f"http://localhost:{PORT}",) if _IS_HERE else (SITE_URL.rstrip("/"),)
)

# --- Applications, bottom of the stack last.
INSTALLED_APPS = [
    "ops",
    "unfold.apps.BasicAppConfig",
    "unfold.contrib.filters",
    "unfold.contrib.forms",
    "unfold.contrib.guardian",
    "ops.engines.http.records_app.RecordsConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.contrib.postgres",
    "guardian",
    "django_filters",
    "django_htmx",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "csp",
    "ops.engines.kernel",
    "ops.engines.audit",
    "ops.engines.periods",
    "ops.engines.numbering",
    "ops.engines.identity",
    "ops.engines.files",
    "ops.engines.events",
    "ops.engines.http",
    "ops.engines.notices",
    "ops.engines.clocks",
    "ops.engines.jobs",
    "ops.engines.tables",
    "ops.engines.sources",
    "ops.engines.approvals",
    "ops.engines.documents",
    "ops.engines.revisions",
    "ops.engines.metrics",
    "ops.engines.scorecards",
    "ops.engines.sheets",
    "ops.engines.reports",
    "ops.engines.controls",
    "ops.engines.desk",
    "ops.organisation",
    "catalog",
    "inventory",
    "customers",
    "marketing",
    "finance",
    "compliance",
]

MIDDLEWARE = [
    "ops.engines.http.middleware.RequestId",
    "ops.engines.http.deadline.RequestDeadline",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "ops.engines.http.middleware.SecurityHeaders",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "ops.engines.http.middleware.CurrentActor",
]

ROOT_URLCONF = "ops.urls"
WSGI_APPLICATION = "ops.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
SILENCED_SYSTEM_CHECKS = ["guardian.W001"]  # grants are read by our own selectors, not by has_perm

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
            ],
        },
    },
]

# --- Database: the roles of one database. Reading settings starts no server.
_local = (
    database_urls(DATA_DIR, _keys)
    if _keys
    else {role.alias: f"postgresql://{role.name}@localhost/guifan" for role in ROLES}
)
DATABASE_URL = environment.text("DATABASE_URL")
EMBEDDED_DATABASE = not DATABASE_URL
# In production a role that is not held everywhere keeps its usual name and has no password where
# its URL is not given: a web process is not the sealer and cannot become it.
DATABASES: dict[str, dict[str, Any]] = {
    role.alias: environment.database(
        environment.text(role.url_variable)
        or (DATABASE_URL if role.everywhere or not PRODUCTION else "")
        or _local[role.alias]
    )
    for role in ROLES
}
for _database in DATABASES.values():
    _database |= {"CONN_MAX_AGE": 600, "CONN_HEALTH_CHECKS": True}
    # A server that is gone without a word is noticed within nine seconds.
    for _option, _value in (
        ("connect_timeout", "5"),
        ("keepalives_idle", "5"),
        ("keepalives_interval", "2"),
        ("keepalives_count", "2"),
        ("tcp_user_timeout", "9000"),
    ):
        _database["OPTIONS"].setdefault(_option, _value)
DATABASES["report"]["OPTIONS"]["options"] = "-c default_transaction_read_only=on"
DATABASE_ROUTERS = ["ops.database.RoleRouter"]
DB_APP_ROLE: str = DATABASES["default"]["USER"]
# A production web process is not given the owner's password, nor his name.
DB_OWNER_ROLE: str = (
    DATABASES["owner"]["USER"] if environment.text("DATABASE_OWNER_URL") or not PRODUCTION else ""
)
DB_REPORT_ROLE: str = DATABASES["report"]["USER"]
DB_AUTH_ROLE: str = DATABASES["auth"]["USER"]
DB_SEALER_ROLE: str = DATABASES["sealer"]["USER"]
AUTH_ALIAS = "auth"
# Only the process that holds this URL writes anchors: the worker.
IS_SEALER = not PRODUCTION or bool(environment.text("DATABASE_SEALER_URL"))
# A test's transaction is visible to its own connection alone, so tests report from there.
REPORT_ALIAS = "default" if TESTING else "report"

# --- Audit: the sealer's keys, and the places where anchors leave the database (the first is here)
AUDIT_KEY_DIR = environment.folder("AUDIT_KEY_DIR", DATA_DIR / "keys")
AUDIT_SIGNING_KEY = environment.text("AUDIT_SIGNING_KEY")
AUDIT_ANCHOR_DIRS = [
    DATA_DIR / "anchors",
    *(Path(place).expanduser().resolve() for place in environment.words("AUDIT_ANCHOR_DIRS")),
]

# --- Broker and worker
REDIS_URL = environment.text("REDIS_URL")
EMBEDDED_BROKER = not REDIS_URL
CELERY_BROKER_URL = (
    "memory://"
    if TESTING
    else REDIS_URL or f"redis+socket://{valkey_socket(DATA_DIR)}?virtual_host=0"
)
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_CONCURRENCY = environment.integer("WORKER_CONCURRENCY", 2)
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = True
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 3600,
    "socket_connect_timeout": 2,
    "socket_timeout": 10,
    "socket_keepalive": True,
    "socket_keepalive_options": {
        socket.TCP_KEEPIDLE: 5,
        socket.TCP_KEEPINTVL: 2,
        socket.TCP_KEEPCNT: 2,
    },
    # A page never waits for the broker: what must happen is in the outbox, and the tick finds it.
    # With the library's own retries each message to a broker that is away costs six seconds.
    "max_retries": 1,
    "interval_start": 0,
    "interval_step": 0,
    "interval_max": 0,
}
CELERY_TASK_PUBLISH_RETRY = False
CELERY_TIMEZONE = "Asia/Shanghai"
CELERY_BEAT_SCHEDULER = "celery.beat:Scheduler"  # due periods are in the database, not in a file
CELERY_BEAT_SCHEDULE = {
    "tick": {"task": "jobs.tick", "schedule": 30.0, "options": {"expires": 25}},
}

# --- Language and time
LANGUAGE_CODE = environment.text("LANGUAGE_CODE", "zh-hans")
LANGUAGES = [("zh-hans", _("Simplified Chinese")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Asia/Shanghai"

# --- Static files and uploads
STATIC_URL = "static/"
STATIC_ROOT = environment.folder("STATIC_ROOT", DATA_DIR / "static")
STATICFILES_DIRS = [BASE_DIR / "static"]
MEDIA_ROOT = DATA_DIR / "files"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if TESTING or DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if PRODUCTION
        else "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = TESTING or DEBUG
WHITENOISE_AUTOREFRESH = False
FILE_UPLOAD_PERMISSIONS = 0o600
FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o700
DATA_UPLOAD_MAX_MEMORY_SIZE = 10 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5_000

# --- Sign-in and sessions
LOGIN_URL = reverse_lazy("accounts:login")
LOGIN_REDIRECT_URL = "/"
AUTH_USER_MODEL = "identity.User"
AUTHENTICATION_BACKENDS = [
    "ops.engines.identity.backends.AccountBackend",
    "guardian.backends.ObjectPermissionBackend",
]
ANONYMOUS_USER_NAME = None
GUARDIAN_MONKEY_PATCH_USER = False
PASSWORD_HASHERS = (
    ["django.contrib.auth.hashers.MD5PasswordHasher"]
    if TESTING
    else ["django.contrib.auth.hashers.PBKDF2PasswordHasher"]
)
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
SESSION_COOKIE_AGE = 12 * 3600
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "ops.engines.http.fallbacks.csrf_failure"
SESSION_COOKIE_SECURE = environment.flag("SECURE_COOKIES", default=PRODUCTION)
CSRF_COOKIE_SECURE = SESSION_COOKIE_SECURE
SECURE_SSL_REDIRECT = environment.flag("SSL_REDIRECT", default=PRODUCTION)
SECURE_REDIRECT_EXEMPT = [r"^health/$"]  # the prober asks from inside, without TLS
SECURE_HSTS_SECONDS = 31_536_000 if PRODUCTION else 0
SECURE_REFERRER_POLICY = "same-origin"
SECURE_PROXY_SSL_HEADER = (
    ("HTTP_X_FORWARDED_PROTO", "https")
    if environment.flag("BEHIND_TLS_PROXY", default=PRODUCTION)
    else None
)
X_FRAME_OPTIONS = "DENY"

# Our own files only, scripts and styles alike; /admin/ gets what its theme needs (http engine).
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF, NONCE],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    },
}

# --- API
REST_FRAMEWORK: dict[str, Any] = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "ops.engines.http.auth.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["ops.engines.http.permissions.NothingUndeclared"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["ops.engines.http.parsers.StrictJSONParser"],
    "DEFAULT_PAGINATION_CLASS": "ops.engines.http.pagination.KeysetPagination",
    "DEFAULT_FILTER_BACKENDS": ["ops.engines.http.filters.DeclaredFilters"],
    "DEFAULT_SCHEMA_CLASS": "ops.engines.http.openapi.HonestSchema",
    "DEFAULT_METADATA_CLASS": None,
    "EXCEPTION_HANDLER": "ops.engines.http.errors.problem_handler",
    "URL_FORMAT_OVERRIDE": None,
    "COERCE_DECIMAL_TO_STRING": True,
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Guifan",
    "VERSION": "1.0.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "COMPONENT_SPLIT_REQUEST": True,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    # Choices that several components take under one or more names of fields.
    "ENUM_NAME_OVERRIDES": {
        "FestivalKindEnum": "catalog.choices.festivals.FestivalKind",
        "MaterialEnum": "catalog.choices.content_tasks.Material",
    },
}

UNFOLD = theme.UNFOLD

# --- Mail and logs
MAIL = environment.mail(environment.text("EMAIL_URL"))  # without one, mail is written to the log
EMAIL_BACKEND = environment.text("EMAIL_BACKEND", MAIL.backend)
EMAIL_HOST, EMAIL_PORT = MAIL.host, MAIL.port
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = MAIL.user, MAIL.password
EMAIL_USE_TLS, EMAIL_USE_SSL = MAIL.use_tls, MAIL.use_ssl
EMAIL_TIMEOUT = 15
DEFAULT_FROM_EMAIL = environment.text("EMAIL_FROM", "guifan@localhost")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "()": "ops.engines.kernel.logs.OneLine",
            "format": "{asctime}Z {levelname} {name} {message}",
            "style": "{",
        }
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": environment.text("LOG_LEVEL", "INFO")},
    "loggers": {"django.server": {"level": "WARNING"}},
}
if TESTING:
    LOGGING["root"] = {"handlers": ["stderr"], "level": "WARNING"}
    EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
