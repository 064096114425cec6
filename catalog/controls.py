"""What keeps the clauses of the catalogue, and the newest trace of each."""

from __future__ import annotations

from functools import partial

from catalog.selectors import (
    categories,
    coding,
    patrol,
    policies,
    prices,
    promotions,
    recommendations,
    references,
    search,
    selection,
)
from ops.engines.approvals import selectors as approvals
from ops.engines.controls import control

decided = partial(approvals.newest_decision, flow="price_change")


control("CAT-4.2-01", "workflow", "price_change", evidence=decided)
control("CAT-4.2-01", "job", "price_promo_activate", evidence=prices.newest_start)
control("CAT-4.2-01", "constraint", "catalog_pricerange_needs_price_change")
control("CAT-4.2-01", "constraint", "pricerange_in_window")
control("CAT-4.2-02", "constraint", "pricechangeline_struck_is_proved")
control("CAT-4.2-02", "record", "catalog.referenceprice", evidence=references.newest)
control("CAT-4.2-03", "job", "price_patrol", evidence=patrol.newest_patrol)
control("CAT-4.2-03", "record", "catalog.priceviolation", evidence=patrol.newest_patrol)
control("CAT-4.2-04", "workflow", "price_change", evidence=decided)
control("CAT-4.2-04", "workflow", "price_policy", evidence=policies.newest_approval)
control("CAT-4.2-06", "job", "price_patrol", evidence=patrol.newest_outlier)
control("CAT-4.2-06", "record", "catalog.priceoutlier", evidence=patrol.newest_outlier)
control("CAT-4.2-05", "constraint", "pricerange_never_two_at_once")
control("CAT-4.2-05", "record", "catalog.pricerange", evidence=prices.newest_start)
control("GEN-1.3-02", "workflow", "price_change", evidence=prices.newest_below_floor)
control("HR-1.2-15", "workflow", "price_change", evidence=prices.newest_draft)
control("CAT-4.1-01", "constraint", "catalog_sku_code_key_key")
control("CAT-4.1-01", "constraint", "catalog_sku_issue")
control("CAT-4.1-01", "constraint", "catalog_sku_same_code")
control("CAT-4.1-01", "record", "catalog.coderule", evidence=coding.newest_rule)
control("CAT-4.1-02", "record", "catalog.category")
control("CAT-4.1-02", "record", "catalog.categoryrule", evidence=categories.newest_rule)
control("CAT-4.1-02", "constraint", "catalog_product_in_leaf")

promoted = partial(approvals.newest_decision, flow="promotion")

control("CAT-4.4-01", "workflow", "promotion", evidence=promoted)
control("CAT-4.4-01", "constraint", "catalog_promotionrun_needs_promotion")
control("CAT-4.4-01", "constraint", "promotionrun_as_approved")
control("CAT-4.4-01", "job", "price_promo_activate", evidence=promotions.newest_start)
control("CAT-4.4-06", "constraint", "promotion_steps_rise")
control("CAT-4.4-08", "constraint", "promotioncounter_pieces_within_cap")
control("CAT-4.4-08", "job", "price_promo_activate", evidence=promotions.newest_start)
control("HR-1.2-15", "workflow", "promotion", evidence=promotions.newest_draft)
control("CAT-4.1-04", "job", "recommendation_build", evidence=recommendations.newest_set)
control("CAT-4.1-04", "constraint", "catalog_recommendationpair_on_sale")
control(
    "CAT-4.1-04",
    "record",
    "catalog.recommendationoutcome",
    evidence=recommendations.newest_outcome,
)

control("SYS-6.2-09", "record", "catalog.searchmiss", evidence=search.newest_decision)
control("SYS-6.2-09", "job", "feedback_digest_build", evidence=search.newest_decision)
control("SYS-6.2-09", "constraint", "searchmiss_holds_no_person")
control("SCM-2.4-02", "workflow", "product_selection", evidence=selection.newest_approval)
control("SCM-2.4-02", "constraint", "purchaseline_may_be_bought")
control("SCM-2.4-02", "record", "catalog.selectionproposal", evidence=selection.newest_approval)
