"""Settings of the test run: the product's own, pointed away from every real installation."""

import os
from pathlib import Path

from ops.embedded.roles import ROLES
from tests.support.places import data_dir

for _name in (*(role.url_variable for role in ROLES), "REDIS_URL", "DEBUG"):
    os.environ.pop(_name, None)
_root = Path(__file__).resolve().parent.parent
os.environ["GUIFAN_PROFILE"] = "test"
os.environ["DATA_DIR"] = str(data_dir())
os.environ.setdefault("SECRET_KEY", "tests-need-no-secret-but-a-long-enough-text-of-their-own")
os.environ.setdefault("FIELD_KEYS", "k1=MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=")
os.environ.setdefault("BLIND_INDEX_KEY", "YWJjZGVmZ2hpamtsbW5vcHFyc3R1dnd4eXphYmNkZWY=")
for _role in ROLES:
    if _url := os.environ.get(f"TEST_{_role.url_variable}"):
        os.environ[_role.url_variable] = _url

# Before Django starts: it reads each catalogue once per process, however early that is.
from ops.translations import compile_catalogues  # noqa: E402

compile_catalogues(_root / "locale")

from ops.settings import *  # noqa: E402, F403
