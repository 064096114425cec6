"""What keeps the clauses of the catalogue, and the newest trace of each."""

from __future__ import annotations

from functools import partial

from catalog.selectors import (
    categories,
    coding,
    content_tasks,
    displays,
    feedback,
    festivals,
    listings,
    owners,
    pages,
    patrol,
    penalties,
    policies,
    prices,
    promotions,
    ranges,
    ranks,
    recommendations,
    references,
    search,
    selection,
    shown_figures,
    shown_stock,
)
from ops.engines.approvals import selectors as approvals
from ops.engines.controls import control
from ops.engines.controls.verification import register
from ops.engines.sheets.selectors import newest_signed
from ops.engines.sources import selectors as sources

decided = partial(approvals.newest_decision, flow="price_change")


control("CAT-4.2-01", "workflow", "price_change", evidence=decided)
control("CAT-4.2-01", "job", "price_promo_activate", evidence=prices.newest_start)
control("CAT-4.2-01", "constraint", "catalog_pricerange_needs_price_change")
control("CAT-4.2-01", "constraint", "pricerange_in_window")
control("CAT-4.2-02", "constraint", "pricechangeline_struck_is_proved")
control("CAT-4.2-02", "record", "catalog.referenceprice", evidence=references.newest)
control("CAT-4.2-03", "job", "price_patrol", evidence=penalties.newest_round)
control("CAT-4.2-03", "record", "catalog.pricepatrol", evidence=penalties.newest_round)
control("CAT-4.2-03", "record", "catalog.priceviolation", evidence=patrol.newest_patrol)
control("CAT-4.2-03", "record", "catalog.pricepenalty", evidence=penalties.newest_penalty)
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
control("HR-1.2-02", "record", "catalog.productfeedback", evidence=feedback.newest)
control("HR-1.2-02", "record", "catalog.departmentowner", evidence=owners.newest)
control("HR-1.2-02", "workflow", "listing", evidence=listings.newest_review)
control("HR-1.2-02", "constraint", "catalog_listing_by_its_department")
control("HR-1.2-02", "constraint", "catalog_delisting_by_its_department")
control("HR-1.2-02", "constraint", "catalog_productfeedback_to_its_owner")

promoted = partial(approvals.newest_decision, flow="promotion")

control("CAT-4.4-01", "workflow", "promotion", evidence=promoted)
control("CAT-4.4-01", "constraint", "catalog_promotionrun_needs_promotion")
control("CAT-4.4-01", "constraint", "promotionrun_as_approved")
control("CAT-4.4-01", "job", "price_promo_activate", evidence=promotions.newest_start)
control("CAT-4.4-03", "job", "campaign_calendar_watch")
control("CAT-4.4-03", "record", "catalog.festival", evidence=festivals.newest_written)
control("CAT-4.4-06", "constraint", "promotion_steps_rise")
control("CAT-4.4-04", "job", "price_patrol", evidence=promotions.newest_check)
control("CAT-4.4-04", "record", "catalog.promotioncheck", evidence=promotions.newest_check)
control("CAT-4.4-08", "constraint", "promotioncounter_pieces_within_cap")
control("CAT-4.4-08", "job", "price_promo_activate", evidence=promotions.newest_start)
control("HR-1.2-15", "workflow", "promotion", evidence=promotions.newest_draft)
control("CAT-4.1-04", "record", "catalog.shownfigure", evidence=shown_figures.newest_figure)
control("CAT-4.1-04", "job", "recommendation_build", evidence=recommendations.newest_set)
control("CAT-4.1-04", "constraint", "catalog_recommendationpair_on_sale")
control(
    "CAT-4.1-04",
    "record",
    "catalog.recommendationoutcome",
    evidence=recommendations.newest_outcome,
)

register("promotions", promotions.differences)
planned = partial(approvals.newest_decision, flow="shop_plan")
designed = partial(approvals.newest_decision, flow="page_design")

control("MKT-5.3-09", "workflow", "shop_plan", evidence=planned)
control("CAT-4.1-03", "workflow", "page_design", evidence=designed)
control("CAT-4.1-03", "job", "display_slot_watch")
control("CAT-4.1-03", "constraint", "slotreplacement_one_open")
control("CAT-4.1-03", "record", "catalog.slotreplacement", evidence=displays.newest_replacement)
control("CAT-4.1-03", "record", "catalog.shownfigure", evidence=shown_figures.newest_figure)
control("MKT-5.3-08", "workflow", "page_design", evidence=designed)
control("MKT-5.3-08", "constraint", "publication_needs_approval")
control("MKT-5.3-08", "constraint", "publication_one_live_per_piece")
control("MKT-5.3-10", "constraint", "channel_opens_whole")
control("SCM-2.4-07", "workflow", "page_design", evidence=designed)
control("SCM-2.4-07", "constraint", "channel_opens_whole")
control("CAT-4.3-13", "workflow", "page_design", evidence=designed)
control("CAT-4.3-13", "constraint", "publication_acceptable")
control("SYS-6.2-08", "constraint", "publication_acceptable")
control("SYS-6.2-12", "record", "catalog.pagepreview", evidence=pages.newest_preview)
control("HR-1.2-16", "workflow", "page_design", evidence=designed)
listed = partial(approvals.newest_decision, flow="listing")

control("CAT-4.3-01", "job", "listing_quality_scan", evidence=listings.newest_scan)
control("CAT-4.3-02", "record", "catalog.listedword", evidence=listings.newest_word)
control("CAT-4.3-02", "workflow", "listing", evidence=listed)
control("CAT-4.3-02", "job", "inspection_open", newest_signed("listing_sample"))
control("CAT-4.3-03", "workflow", "listing", evidence=listed)
control("CAT-4.3-03", "record", "catalog.truthcheck", evidence=listings.newest_attestation)
control("CAT-4.3-04", "workflow", "listing", evidence=listed)
control("CAT-4.3-05", "record", "catalog.forbiddengoods", evidence=listings.newest_ban)
control("CAT-4.3-06", "record", "catalog.qualityreview", evidence=listings.newest_review)
control("CAT-4.3-06", "constraint", "listingshelf_passed_review")
control("CAT-4.3-06", "constraint", "publication_acceptable")
control("CAT-4.3-06", "job", "credential_expiry_watch", evidence=listings.newest_review)
control("CAT-4.3-07", "workflow", "listing", evidence=listed)
control("CAT-4.3-07", "constraint", "catalog_listingshelf_needs_listing")
control("CAT-4.3-07", "constraint", "listingshelf_as_approved")
control("CAT-4.3-08", "workflow", "delisting", evidence=listings.newest_delisting)
control("CAT-4.3-08", "constraint", "catalog_delisting_needs_delisting")
control("CAT-4.3-08", "constraint", "listingshelf_ends_by_its_delisting")
control("CAT-4.3-09", "job", "listing_quality_scan", evidence=listings.newest_upkeep)
control("CAT-4.3-14", "workflow", "listing", evidence=listed)
control("CAT-4.3-14", "workflow", "page_design", evidence=designed)
control("CAT-4.3-14", "job", "third_party_import", evidence=sources.newest_read)
control("CAT-4.3-14", "record", "catalog.searchrank", evidence=ranks.newest_kept)
control("CAT-4.3-14", "constraint", "searchrank_counted_once")
control("HR-1.2-15", "workflow", "listing", evidence=listed)
control("SYS-6.2-09", "record", "catalog.searchmiss", evidence=search.newest_decision)
control("SYS-6.2-09", "job", "feedback_digest_build", evidence=search.newest_decision)
control("SYS-6.2-09", "constraint", "searchmiss_holds_no_person")
control("SCM-2.4-02", "workflow", "product_selection", evidence=selection.newest_approval)
control("SCM-2.4-02", "constraint", "purchaseline_may_be_bought")
control("SCM-2.4-02", "record", "catalog.selectionproposal", evidence=selection.newest_approval)

control("CAT-4.3-10", "job", "channel_stock_sync", evidence=shown_stock.newest_push)
control("CAT-4.3-10", "record", "catalog.stocksyncentry", evidence=shown_stock.newest_push)
control("CAT-4.3-10", "constraint", "stocksyncentry_is_right")
control("CAT-4.3-10", "constraint", "catalog_stocksyncentry_append_only")
control("CAT-4.1-05", "job", "range_review_build", evidence=ranges.newest_review)
control("CAT-4.1-05", "workflow", "delisting", evidence=ranges.newest_decision)
control("CAT-4.1-05", "constraint", "catalog_rangedropline_needs_delisting")
control("CAT-4.1-05", "record", "catalog.rangereview", evidence=ranges.newest_decision)
control("CAT-4.1-05", "report", "product_structure", evidence=ranges.newest_review)

control("CAT-4.3-11", "constraint", "contentstep_in_order")
control("CAT-4.3-11", "record", "catalog.contentstep", evidence=content_tasks.newest_step)
control("CAT-4.3-12", "constraint", "contentstep_in_order")
control("CAT-4.3-12", "record", "catalog.contentversion", evidence=content_tasks.newest_version)
control("HR-1.2-27", "constraint", "contentstep_second_person")
control("HR-1.2-27", "record", "catalog.contentstep", evidence=content_tasks.newest_review)
control("HR-1.2-28", "constraint", "contentversion_in_turn")
control("HR-1.2-28", "record", "catalog.contentstep", evidence=content_tasks.newest_step)
control("HR-1.2-29", "constraint", "contenttask_brief_is_whole")
control("HR-1.2-29", "constraint", "contentstep_delivers_as_briefed")
control("HR-1.2-29", "record", "catalog.contentversion", evidence=content_tasks.newest_version)
control("CAT-4.4-05", "constraint", "promotionrun_has_its_material")
control("CAT-4.4-05", "job", "price_promo_activate", evidence=promotions.newest_start)
control("CAT-4.4-05", "record", "catalog.contenttask", evidence=content_tasks.newest_material)
