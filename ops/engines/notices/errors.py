"""What notices refuse."""

from django.utils.translation import gettext_lazy as _

from ops.engines.kernel.errors import NotFound


class NoticeMissing(NotFound):
    """No such notice, or not this reader's."""

    def __init__(self, notice_id: int) -> None:
        super().__init__("notices.missing", _("There is no such notice."), notice_id=notice_id)
