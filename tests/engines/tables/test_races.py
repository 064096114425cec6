"""The same content brought by several people at once is loaded once."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from django.conf import LazySettings
from django.db import connection

from ops.engines.kernel.actor import Actor
from ops.engines.tables import services
from ops.engines.tables.models import ImportBatch

from . import toys


def test_four_imports_of_one_content_load_it_once(
    own_database: object, settings: LazySettings, tmp_path: Path
) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"
    toys.register()
    path = tmp_path / "upload"
    path.write_text(toys.ROWS)
    together = threading.Barrier(4)

    def bring(number: int) -> bool:
        try:
            together.wait(timeout=20)
            batch = services.import_file(
                profile="toy_stock",
                path=path,
                name=f"{number}.csv",
                actor=Actor.importer("test"),
                at=toys.AT,
            )
            return batch.known
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        known = list(pool.map(bring, range(4)))

    assert sorted(known) == [False, True, True, True]
    assert ImportBatch.objects.count() == 1
    assert len(list((tmp_path / "media/imports").iterdir())) == 1
