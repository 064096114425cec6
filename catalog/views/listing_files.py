"""Listing texts from a file (CAT-4.3-07)."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from catalog.views.from_file import FILE, GOOD_ROWS, FromFile
from ops.engines.desk.screens import Field, Group


class ListingFileForm(FromFile):
    """`/listings/from-file/`: drafts of many listings at once, looked at before they are kept."""

    title = _("Listing texts from a file")
    nav = "listings"
    profile = "generic_listings"
    list_url = "catalog:listings"
    lead = _(
        "One listing a row: channel, product, title; also specification, material, function, use,"
        " after_sales, keywords, search_title, search_text. Rows become drafts; what is live stays."
    )
    groups = (
        Group(_("The file"), (FILE, GOOD_ROWS)),
        Group(_("Why"), (Field("reason", _("Reason"), most=400, least=2),)),
    )
