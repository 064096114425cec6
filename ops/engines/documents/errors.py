"""What the documents engine refuses."""

from django.utils.translation import gettext_lazy as _

from ops.engines.kernel.errors import BadInput, Conflict, NotFound, RuleViolation


class FormUnknown(NotFound):
    """Nobody declared this form."""

    def __init__(self, key: str) -> None:
        super().__init__("documents.form_unknown", _("There is no such form."), form=key[:60])


class DocumentMissing(NotFound):
    """No such rule document, version or day without one."""


class DocumentWrong(BadInput):
    """What was typed cannot be a rule document."""


class VersionClosed(Conflict):
    """The version moved on, or another one is in the making."""


class NotEffective(RuleViolation):
    """Only the version in force is confirmed, cited, interpreted or abolished."""
