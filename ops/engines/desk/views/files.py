"""One file of a record, handed out to who may see the record."""

from __future__ import annotations

from django.http import FileResponse, HttpRequest

from ops.engines.desk.base import Screen
from ops.engines.desk.filing import handed_out
from ops.engines.files import services
from ops.engines.kernel.policy import SIGNED_IN


class FileBytes(Screen):
    """`/files/<id>/`: the bytes as they were stored; pictures in the page, the rest to be saved."""

    policy = SIGNED_IN

    def get(self, request: HttpRequest, file_id: int) -> FileResponse:
        """Answer with the file; raises FileMissing, FileDamaged."""
        return handed_out(services.open_file(attachment_id=file_id, actor=self.actor))
