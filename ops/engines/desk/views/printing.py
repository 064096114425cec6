"""One business document on paper: made anew each time, its digest in the footer."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from ops.engines.desk.base import Screen
from ops.engines.documents import services
from ops.engines.kernel.policy import SIGNED_IN


class Print(Screen):
    """`/print/<form>/<id>/`: the PDF; the form's own policy is judged in the service."""

    policy = SIGNED_IN

    def get(self, request: HttpRequest, form: str, pk: int) -> HttpResponse:
        """Answer with the document; that it was printed is the only write."""
        made = services.print_document(
            form=form,
            pk=pk,
            origin=f"{request.scheme}://{request.get_host()}",
            actor=self.actor,
            at=self.at,
        )
        return HttpResponse(
            made.data,
            content_type="application/pdf",
            headers={
                "Content-Disposition": f'inline; filename="{made.file_name}"',
                "Cache-Control": "no-store",
                "X-Content-Type-Options": "nosniff",
            },
        )
