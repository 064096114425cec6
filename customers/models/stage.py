"""Where lines of history wait while they are judged: unlogged, emptied by the import itself."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class HistoryStage(models.Model):
    """One line of a document of another system, as it was written.

    COPY fills it without naming the batch; the same transaction then claims its rows (batch 0).
    """

    batch_id = models.BigIntegerField(_("import batch"), db_default=0)
    line_no = models.BigIntegerField(_("line"))
    given_line = models.BigIntegerField(_("line as the file numbers it"), null=True)
    doc_no = models.CharField(_("document"), max_length=64, db_collation="C")
    code = models.CharField(_("code"), max_length=64, db_collation="C")
    description = models.CharField(_("description"), max_length=200)
    quantity = models.BigIntegerField(_("quantity"))
    at = models.DateTimeField(_("moment"))
    unit_price = models.DecimalField(_("unit price"), max_digits=20, decimal_places=6)
    buyer = models.CharField(_("buyer code"), max_length=64, db_collation="C")
    country = models.CharField(_("country or region"), max_length=60)
    doc_class = models.CharField(_("kind of document"), max_length=12, db_default="")
    kind = models.CharField(_("kind of line"), max_length=12, db_default="")
    sku_id = models.BigIntegerField(_("SKU"), null=True)

    class Meta:
        verbose_name = _("staged history line")
        verbose_name_plural = _("staged history lines")
        indexes = [models.Index(name="historystage_batch", fields=["batch_id", "doc_no"])]

    def __str__(self) -> str:
        return f"{self.batch_id}/{self.line_no}"
