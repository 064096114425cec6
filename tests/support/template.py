"""Start the servers of the tests and build the migrated template, before anyone waits for it.

python -m tests.support.template
"""

from __future__ import annotations

import os
import sys

import django
from django.conf import settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
django.setup()

from tests.support import cluster  # noqa: E402 - its settings first

if __name__ == "__main__":
    cluster.start()
    cluster.template()
    sys.stdout.write(f"servers of the tests: {settings.DATA_DIR}\n")
