"""Forms of the catalogue: the sample of listings that the house draws and looks at (CAT-4.3-02)."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from catalog.selectors import channels, listings
from ops.engines.identity.choices import Role
from ops.engines.jobs.cadences import monthly
from ops.engines.sheets.declaring import Sampling, by_job, sheet, table, text, yes_no
from ops.engines.sheets.due import days_after_opening

SAMPLE = 10

sheet(
    "listing_sample",
    title=_("Sample of listings"),
    area="compliance",
    scope="channel",
    scopes=channels.all_ids,
    items=(
        yes_no("facts", _("What the texts say agrees with the fact sheet and the goods")),
        yes_no("words", _("No text is false, exaggerated or misleading")),
        yes_no("pictures", _("The pictures show the goods that are shipped")),
        yes_no("evidence", _("Each superlative stands on evidence that still holds")),
        table(
            "findings",
            _("Findings"),
            [("listing", _("Number of the listing")), ("what", _("What is wrong"))],
            required=False,
        ),
        text("remarks", _("Remarks"), required=False),
    ),
    signers=(Role.COMPLIANCE_OFFICER,),
    owner=Role.OPERATIONS_SUPERVISOR,
    watchers=(Role.WEB_EDITING_SUPERVISOR,),
    opened=by_job("inspection_open", _("Open the inspections due"), monthly(day=1, at="07:00")),
    sampling=Sampling(size=SAMPLE, population=listings.on_shelf_numbers),
    due=days_after_opening(9, "18:00"),
    case_days=7,
    clauses=["CAT-4.3-02"],
    about=_("Drawn at random from all that is on the shelf of the channel."),
)
