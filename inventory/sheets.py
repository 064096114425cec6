"""Checks of the warehouse: opening, closing, and the monthly look at fire and theft."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from inventory.selectors import places
from ops.engines.identity.choices import Role
from ops.engines.jobs.cadences import daily, every, monthly
from ops.engines.sheets.declaring import by_job, photo, sheet, text, yes_no
from ops.engines.sheets.due import days_after_opening, same_day

_DAILY = by_job("warehouse_check_open", _("Open the warehouse checks of the day"), daily("06:30"))
_WATCH = by_job("warehouse_check_watch", _("Watch the warehouse checks"), every(minutes=5))
_MONTHLY = by_job("inspection_open", _("Open the inspections due"), monthly(day=1, at="07:00"))

sheet(
    "warehouse_safety",
    title=_("Monthly safety inspection"),
    area="inventory",
    scope="warehouse",
    scopes=places.active_ids,
    items=(
        yes_no("extinguishers", _("Fire extinguishers are in place, sealed and in date")),
        yes_no("exits", _("Exits and fire doors are clear and open from inside")),
        yes_no("wiring", _("Wiring and chargers are sound; nothing flammable lies near them")),
        yes_no("doors", _("Doors, windows and locks hold")),
        yes_no("cameras", _("Cameras and burglar alarm work")),
        yes_no("access", _("Only registered people have keys and codes")),
        photo("view", _("Photo of the extinguishers"), required=False),
        text("remarks", _("Remarks"), required=False),
    ),
    signers=(Role.WAREHOUSE_KEEPER, Role.STORE_MANAGER),
    owner=Role.STORE_MANAGER,
    opened=_MONTHLY,
    watched=_WATCH,
    due=days_after_opening(6, "18:00"),
    case_days=7,
    clauses=["SCM-2.2-10"],
)

sheet(
    "warehouse_opening",
    title=_("Opening check"),
    area="inventory",
    scope="warehouse",
    scopes=places.active_ids,
    items=(
        yes_no("lock", _("The lock shows nothing unusual")),
        yes_no("goods", _("No goods are missing or moved")),
    ),
    signers=(Role.WAREHOUSE_KEEPER,),
    owner=Role.STORE_MANAGER,
    watchers=(Role.OPERATIONS_DIRECTOR,),
    opened=_DAILY,
    watched=_WATCH,
    due=same_day("08:45"),
    case_days=1,
    clauses=["SCM-2.2-09"],
)

sheet(
    "warehouse_closing",
    title=_("Closing check"),
    area="inventory",
    scope="warehouse",
    scopes=places.active_ids,
    items=(
        yes_no("locked", _("Doors and windows are locked")),
        yes_no("power", _("Power and sources of fire are off")),
        yes_no("visitors", _("No visitor is left inside")),
        yes_no("flammables", _("Flammable goods are kept apart")),
    ),
    signers=(Role.WAREHOUSE_KEEPER,),
    owner=Role.STORE_MANAGER,
    watchers=(Role.OPERATIONS_DIRECTOR,),
    opened=_DAILY,
    watched=_WATCH,
    due=same_day("21:00"),
    case_days=1,
    clauses=["SCM-2.2-15"],
)
