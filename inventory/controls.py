"""What keeps the clauses of the warehouse, and when it last left a trace."""

from __future__ import annotations

from datetime import datetime

from inventory.models import (
    DayClose,
    MonthClose,
    Move,
    RefusedIssue,
    Reservation,
    SafetyEquipment,
    Shipment,
    StockAlert,
)
from inventory.selectors import disposals, verification
from ops.engines.controls.declaring import control
from ops.engines.controls.verification import register
from ops.engines.scorecards import selectors as scorecards
from ops.engines.sheets.selectors import newest_signed


def _last_move() -> datetime | None:
    return Move.objects.order_by("-id").values_list("at", flat=True).first()


def _last_hold() -> datetime | None:
    return Reservation.objects.order_by("-id").values_list("reserved_at", flat=True).first()


def _last_day() -> datetime | None:
    return DayClose.objects.order_by("-id").values_list("closed_at", flat=True).first()


def _last_month() -> datetime | None:
    return MonthClose.objects.order_by("-id").values_list("closed_at", flat=True).first()


def _last_shipment() -> datetime | None:
    return (
        Shipment.objects.filter(state="shipped")
        .order_by("-id")
        .values_list("shipped_at", flat=True)
        .first()
    )


def _last_refusal() -> datetime | None:
    return RefusedIssue.objects.order_by("-id").values_list("at", flat=True).first()


def _last_equipment() -> datetime | None:
    return SafetyEquipment.objects.order_by("-noted_at").values_list("noted_at", flat=True).first()


def _last_alert() -> datetime | None:
    return StockAlert.objects.order_by("-id").values_list("opened_at", flat=True).first()


def _last_score() -> datetime | None:
    return scorecards.newest_decision(key="supplier_evaluation")


control("CAT-4.1-05", "record", "inventory.stockdisposal", disposals.newest)
control("CAT-4.1-05", "constraint", "purchaseline_may_be_bought", disposals.newest)
control("SCM-2.1-03", "job", "supplier_evaluation_run", _last_score)
control("SCM-2.1-03", "constraint", "card_score_adds_up", _last_score)
control("SCM-2.1-03", "constraint", "card_not_confirmed_by_its_marker", _last_score)
control("SCM-2.1-03", "report", "supplier_evaluation", _last_score)
control("SCM-2.2-01", "constraint", "inventory_post", _last_move)
control("SCM-2.2-01", "constraint", "balance_never_negative", _last_move)
control("SCM-2.2-04", "constraint", "shipment_needs_reservation", _last_shipment)
control("SCM-2.2-04", "constraint", "shipment_packed_has_a_label", _last_shipment)
control("SCM-2.2-04", "record", "inventory_refusedissue", _last_refusal)
control("SCM-2.2-09", "constraint", "move_after_opening_check", newest_signed("warehouse_opening"))
control("SCM-2.2-09", "job", "warehouse_check_open", newest_signed("warehouse_opening"))
control("SCM-2.2-10", "job", "inspection_open", newest_signed("warehouse_safety"))
control("SCM-2.2-10", "job", "safety_equipment_watch", _last_equipment)
control("SCM-2.2-15", "job", "warehouse_check_open", newest_signed("warehouse_closing"))
control("SCM-2.2-15", "job", "warehouse_check_watch", newest_signed("warehouse_closing"))
control("SCM-2.3-01", "job", "stock_level_watch", _last_alert)
control("SCM-2.3-01", "constraint", "stock_never_oversold", _last_hold)
control("SCM-2.3-02", "job", "stock_day_close", _last_day)
control("SCM-2.3-02", "job", "stock_month_close", _last_month)
control("SCM-2.3-02", "constraint", "move_day_open", _last_day)
control("SCM-2.3-04", "report", "stock_in_out_onhand", _last_month)
control("SCM-2.4-03", "workflow", "shipment_step_allowed", _last_shipment)

register("stock", verification.differences)
