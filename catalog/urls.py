"""Addresses of the catalogue."""

from django.urls import path, re_path
from django.urls.resolvers import URLPattern

from catalog.api.coding import AliasViewSet, CategoryRuleViewSet, CodeRuleViewSet
from catalog.api.content_tasks import ContentTaskViewSet
from catalog.api.display_slots import DisplaySlotView
from catalog.api.feedback import FeedbackViewSet
from catalog.api.festivals import FestivalViewSet
from catalog.api.goods import CategoryViewSet, ChannelViewSet, ProductViewSet, SkuViewSet
from catalog.api.listed_terms import ForbiddenGoodsViewSet, ListedWordViewSet
from catalog.api.listings import ListingViewSet
from catalog.api.patrol import (
    CompetitorPriceViewSet,
    OutlierViewSet,
    PolicyViewSet,
    SuspensionViewSet,
    ViolationViewSet,
)
from catalog.api.patrol_log import (
    PricePatrolViewSet,
    PricePenaltyViewSet,
    PromotionCheckViewSet,
)
from catalog.api.pricing import PriceChangeViewSet, PriceView
from catalog.api.promotions import CouponBatchViewSet, CouponViewSet, PromotionViewSet
from catalog.api.quotes import PriceQuoteView
from catalog.api.ranges import RangeReviewViewSet, RangeRowViewSet
from catalog.api.recommendations import RecommendationSetViewSet, RecommendationView
from catalog.api.search import SearchView
from catalog.api.search_words import MissViewSet, SynonymViewSet
from catalog.api.selection import ProposalViewSet
from catalog.api.shown_figures import ShownFigureViewSet
from catalog.api.shown_stock import ShownStockViewSet, StockLogViewSet
from catalog.views import (
    bulk,
    categories,
    coding,
    competitors,
    content_task_forms,
    content_tasks,
    display_form,
    display_plans,
    feedback,
    goods,
    listed_terms,
    listing_files,
    listing_forms,
    listing_page,
    listing_papers,
    listing_rules,
    listings,
    outliers,
    page_modules,
    patrol,
    patrol_log,
    policies,
    price_form,
    prices,
    products,
    promotion_calendar,
    promotion_form,
    promotion_try,
    promotions,
    ranges,
    ranks,
    recommendations,
    references,
    search,
    selection,
    selection_form,
    shop_page_form,
    shop_pages,
    shop_plans,
    shown_figures,
    shown_stock,
    trade_steps,
)

app_name = "catalog"

urlpatterns: list[URLPattern] = [
    path("skus/", goods.SkuList.as_view(), name="skus"),
    path("skus/<int:sku_id>/", goods.SkuScreen.as_view(), name="sku"),
    path(
        "skus/<int:sku_id>/suggested-price/",
        references.SuggestedPriceForm.as_view(),
        name="suggested_price",
    ),
    path(
        "reference-prices/<int:reference_id>/",
        references.ReferencePriceScreen.as_view(),
        name="reference_price",
    ),
    path("products/", products.ProductList.as_view(), name="products"),
    path("products/<int:product_id>/", products.ProductScreen.as_view(), name="product"),
    path("products/<int:product_id>/life/", products.ProductLife.as_view(), name="product_life"),
    path("product-owners/", products.OwnerList.as_view(), name="product_owners"),
    path("product-owners/new/", products.OwnerForm.as_view(), name="product_owner_new"),
    path("product-feedback/", feedback.FeedbackList.as_view(), name="feedback"),
    path("product-feedback/new/", feedback.FeedbackForm.as_view(), name="feedback_new"),
    path("product-feedback/counts/", feedback.FeedbackCounts.as_view(), name="feedback_counts"),
    path("product-feedback/rule/", feedback.ReplyTimeForm.as_view(), name="feedback_rule"),
    path(
        "product-feedback/<int:feedback_id>/",
        feedback.FeedbackScreen.as_view(),
        name="feedback_item",
    ),
    path("categories/", categories.CategoryList.as_view(), name="categories"),
    path("categories/<int:category_id>/", categories.CategoryScreen.as_view(), name="category"),
    path(
        "categories/<int:category_id>/rule/",
        categories.CategoryRuleForm.as_view(),
        name="category_rule",
    ),
    path("code-rules/", coding.CodeRuleList.as_view(), name="code_rules"),
    path("code-rules/new/", coding.CodeRuleForm.as_view(), name="code_rule_new"),
    path("price-changes/", prices.PriceChangeList.as_view(), name="price_changes"),
    path("price-changes/by-rule/", bulk.RuleForm.as_view(), name="price_change_by_rule"),
    path("price-changes/from-file/", bulk.FileForm.as_view(), name="price_change_from_file"),
    path("price-changes/new/", price_form.PriceChangeForm.as_view(), name="price_change_draft"),
    path("price-changes/<int:change_id>/", prices.PriceChangeScreen.as_view(), name="price_change"),
    path(
        "price-changes/<int:change_id>/edit/",
        price_form.PriceChangeForm.as_view(),
        name="price_change_edit",
    ),
    path("promotions/", promotions.PromotionList.as_view(), name="promotions"),
    path("promotions/new/", promotion_form.PromotionTypes.as_view(), name="promotion_types"),
    path(
        "promotions/new/<slug:kind>/",
        promotion_form.PromotionForm.as_view(),
        name="promotion_draft",
    ),
    path("promotions/<int:promotion_id>/", promotions.PromotionScreen.as_view(), name="promotion"),
    path(
        "promotions/<int:promotion_id>/edit/",
        promotion_form.PromotionForm.as_view(),
        name="promotion_edit",
    ),
    path(
        "promotions/<int:promotion_id>/try/",
        promotion_try.PromotionTry.as_view(),
        name="promotion_try",
    ),
    path("price-policies/", policies.PolicyList.as_view(), name="price_policies"),
    path("price-policies/new/", policies.PolicyForm.as_view(), name="price_policy_draft"),
    path("price-policies/<int:policy_id>/", policies.PolicyScreen.as_view(), name="price_policy"),
    path(
        "price-policies/<int:policy_id>/edit/",
        policies.PolicyForm.as_view(),
        name="price_policy_edit",
    ),
    path("price-violations/", patrol.ViolationList.as_view(), name="price_violations"),
    path(
        "price-violations/<int:case_id>/", patrol.ViolationScreen.as_view(), name="price_violation"
    ),
    path(
        "promotion-calendar/",
        promotion_calendar.PromotionCalendar.as_view(),
        name="promotion_calendar",
    ),
    path(
        "promotion-calendar/<str:month>/",
        promotion_calendar.PromotionCalendar.as_view(),
        name="promotion_month",
    ),
    path("search-ranks/", ranks.KeywordList.as_view(), name="search_ranks"),
    path("search-ranks/<int:keyword_id>/", ranks.KeywordScreen.as_view(), name="search_rank"),
    path("festivals/", promotion_calendar.FestivalList.as_view(), name="festivals"),
    path("festivals/new/", promotion_calendar.FestivalForm.as_view(), name="festival_new"),
    path(
        "festivals/<int:festival_id>/",
        promotion_calendar.FestivalScreen.as_view(),
        name="festival",
    ),
    path(
        "festivals/<int:festival_id>/edit/",
        promotion_calendar.FestivalForm.as_view(),
        name="festival_edit",
    ),
    path("price-patrols/", patrol_log.PatrolLog.as_view(), name="price_patrols"),
    path("price-penalties/", patrol_log.PenaltyList.as_view(), name="price_penalties"),
    path("price-outliers/", outliers.OutlierList.as_view(), name="price_outliers"),
    path(
        "price-outliers/<int:outlier_id>/", outliers.OutlierScreen.as_view(), name="price_outlier"
    ),
    path("competitor-prices/", competitors.CompetitorList.as_view(), name="competitor_prices"),
    path(
        "competitor-prices/new/", competitors.CompetitorForm.as_view(), name="competitor_price_new"
    ),
    path("listings/", listings.ListingList.as_view(), name="listings"),
    path(
        "listings/from-file/",
        listing_files.ListingFileForm.as_view(),
        name="listings_from_file",
    ),
    path("listings/new/", listing_forms.ListingNew.as_view(), name="listing_new"),
    path("listings/<int:listing_id>/", listing_page.ListingScreen.as_view(), name="listing"),
    path(
        "listings/<int:listing_id>/edit/",
        listing_forms.ListingForm.as_view(),
        name="listing_edit",
    ),
    path(
        "listings/<int:listing_id>/picture/",
        listing_papers.PictureForm.as_view(),
        name="listing_picture",
    ),
    path(
        "listings/<int:listing_id>/proof/", listing_papers.ProofForm.as_view(), name="listing_proof"
    ),
    path(
        "listings/<int:listing_id>/paper/", listing_papers.PaperForm.as_view(), name="listing_paper"
    ),
    path(
        "listings/<int:listing_id>/attest/",
        listing_forms.AttestForm.as_view(),
        name="listing_attest",
    ),
    path(
        "listings/<int:listing_id>/delist/",
        listing_forms.DelistForm.as_view(),
        name="listing_delist",
    ),
    path("content-tasks/", content_tasks.TaskBoard.as_view(), name="content_tasks"),
    path("content-tasks/new/", content_task_forms.TaskNew.as_view(), name="content_task_new"),
    path("content-tasks/<int:task_id>/", content_tasks.TaskScreen.as_view(), name="content_task"),
    path(
        "content-tasks/<int:task_id>/assign/",
        content_task_forms.AssignForm.as_view(),
        name="content_assign",
    ),
    path(
        "content-tasks/<int:task_id>/version/",
        content_task_forms.VersionForm.as_view(),
        name="content_version",
    ),
    path("listing-tasks/", listings.TaskList.as_view(), name="listing_tasks"),
    path("listed-words/", listed_terms.WordList.as_view(), name="listed_words"),
    path("listed-words/new/", listed_terms.WordForm.as_view(), name="listed_word_new"),
    path(
        "listed-words/<int:word_id>/end/",
        listed_terms.WordEnd.as_view(),
        name="listed_word_end",
    ),
    path("forbidden-goods/", listed_terms.BanList.as_view(), name="forbidden_goods"),
    path("forbidden-goods/new/", listed_terms.BanForm.as_view(), name="forbidden_goods_new"),
    path(
        "forbidden-goods/<int:ban_id>/end/",
        listed_terms.BanEnd.as_view(),
        name="forbidden_goods_end",
    ),
    path("listing-rules/", listing_rules.RuleList.as_view(), name="listing_rules"),
    path("listing-rules/new/", listing_rules.RuleForm.as_view(), name="listing_rule_new"),
    path("quality-reviews/", listing_rules.ReviewList.as_view(), name="quality_reviews"),
    path("quality-reviews/new/", listing_rules.ReviewForm.as_view(), name="quality_review_new"),
    path(
        "recommendations/",
        recommendations.RecommendationSets.as_view(),
        name="recommendation_sets",
    ),
    path(
        "recommendations/rule/",
        recommendations.RecommendationRuleForm.as_view(),
        name="recommendation_rule",
    ),
    path(
        "recommendations/rules/",
        recommendations.RecommendationRules.as_view(),
        name="recommendation_rules",
    ),
    path(
        "recommendations/<int:set_id>/",
        recommendations.RecommendationSetScreen.as_view(),
        name="recommendation_set",
    ),
    path("display-plans/", display_plans.DisplayPlanList.as_view(), name="display_plans"),
    path(
        "display-plans/<int:page_id>/",
        display_plans.DisplayPlanScreen.as_view(),
        name="display_plan",
    ),
    path(
        "display-plans/<int:page_id>/edit/",
        display_form.DisplayPlanForm.as_view(),
        name="display_plan_edit",
    ),
    path("shown-figures/", shown_figures.ShownFigureList.as_view(), name="shown_figures"),
    path(
        "shown-figures/<int:figure_id>/",
        shown_figures.ShownFigureScreen.as_view(),
        name="shown_figure",
    ),
    path("shop-pages/", shop_pages.ShopPageList.as_view(), name="shop_pages"),
    path("shop-pages/<int:page_id>/", shop_pages.ShopPageScreen.as_view(), name="shop_page"),
    path(
        "shop-pages/<int:page_id>/edit/",
        shop_page_form.ShopPageForm.as_view(),
        name="shop_page_edit",
    ),
    path("page-modules/", page_modules.ModuleList.as_view(), name="page_modules"),
    path("page-modules/new/", page_modules.ModuleNew.as_view(), name="page_module_new"),
    path("page-modules/<int:module_id>/", page_modules.ModuleScreen.as_view(), name="page_module"),
    path(
        "page-modules/<int:module_id>/edit/",
        page_modules.ModuleForm.as_view(),
        name="page_module_edit",
    ),
    path("shop-plans/", shop_plans.ShopList.as_view(), name="shop_plans"),
    path("shop-plans/<int:channel_id>/", shop_plans.ShopScreen.as_view(), name="shop_plan"),
    path(
        "shop-plans/<int:channel_id>/edit/",
        shop_plans.ShopPlanForm.as_view(),
        name="shop_plan_edit",
    ),
    path("trade-steps/", trade_steps.TradeStepList.as_view(), name="trade_steps"),
    path("trade-steps/<int:step_id>/", trade_steps.TradeStepScreen.as_view(), name="trade_step"),
    path(
        "trade-steps/<int:step_id>/edit/",
        trade_steps.TradeStepForm.as_view(),
        name="trade_step_edit",
    ),
    path("search-misses/", search.MissList.as_view(), name="search_misses"),
    path("search-misses/<int:miss_id>/", search.MissScreen.as_view(), name="search_miss"),
    path("search-synonyms/", search.SynonymList.as_view(), name="search_synonyms"),
    path("search-synonyms/new/", search.SynonymForm.as_view(), name="search_synonym_new"),
    path(
        "search-synonyms/<int:synonym_id>/",
        search.SynonymScreen.as_view(),
        name="search_synonym",
    ),
    path("range-reviews/", ranges.ReviewList.as_view(), name="range_reviews"),
    path("range-reviews/<int:review_id>/", ranges.ReviewScreen.as_view(), name="range_review"),
    path("range-reviews/rows/<int:row_id>/", ranges.RowScreen.as_view(), name="range_row"),
    path("selection-proposals/", selection.ProposalList.as_view(), name="selection_proposals"),
    path("selection-proposals/new/", selection_form.ProposalForm.as_view(), name="selection_draft"),
    path(
        "selection-proposals/<int:proposal_id>/",
        selection.ProposalScreen.as_view(),
        name="selection_proposal",
    ),
    path(
        "selection-proposals/<int:proposal_id>/edit/",
        selection_form.ProposalForm.as_view(),
        name="selection_edit",
    ),
    path("shown-stock/", shown_stock.ShownStockList.as_view(), name="shown_stock"),
    path("stock-log/", shown_stock.StockLogList.as_view(), name="stock_log"),
    path("channel-buffers/", shown_stock.BufferList.as_view(), name="channel_buffers"),
    path("channel-buffers/new/", shown_stock.BufferForm.as_view(), name="channel_buffer_new"),
]
api = [
    ("categories", CategoryViewSet, "category"),
    ("channels", ChannelViewSet, "channel"),
    ("products", ProductViewSet, "product"),
    ("skus", SkuViewSet, "sku"),
    ("sku-aliases", AliasViewSet, "sku-alias"),
    ("code-rules", CodeRuleViewSet, "code-rule"),
    ("category-rules", CategoryRuleViewSet, "category-rule"),
    ("price-changes", PriceChangeViewSet, "price-change"),
    ("promotions", PromotionViewSet, "promotion"),
    ("coupon-batches", CouponBatchViewSet, "coupon-batch"),
    ("coupons", CouponViewSet, "coupon"),
    ("price-policies", PolicyViewSet, "price-policy"),
    ("price-violations", ViolationViewSet, "price-violation"),
    ("price-outliers", OutlierViewSet, "price-outlier"),
    ("competitor-prices", CompetitorPriceViewSet, "competitor-price"),
    ("offer-suspensions", SuspensionViewSet, "offer-suspension"),
    ("listings", ListingViewSet, "listing"),
    ("shown-figures", ShownFigureViewSet, "shown-figure"),
    ("shown-stock", ShownStockViewSet, "shown-stock"),
    ("stock-log", StockLogViewSet, "stock-log"),
    ("product-feedback", FeedbackViewSet, "product-feedback"),
    ("recommendation-sets", RecommendationSetViewSet, "recommendation-set"),
    ("selection-proposals", ProposalViewSet, "selection-proposal"),
    ("search-synonyms", SynonymViewSet, "search-synonym"),
    ("search-misses", MissViewSet, "search-miss"),
    ("content-tasks", ContentTaskViewSet, "content-task"),
    ("listed-words", ListedWordViewSet, "listed-word"),
    ("forbidden-goods", ForbiddenGoodsViewSet, "forbidden-goods"),
    ("range-reviews", RangeReviewViewSet, "range-review"),
    ("range-rows", RangeRowViewSet, "range-row"),
    ("promotion-checks", PromotionCheckViewSet, "promotion-check"),
    ("price-patrols", PricePatrolViewSet, "price-patrol"),
    ("price-penalties", PricePenaltyViewSet, "price-penalty"),
    ("festivals", FestivalViewSet, "festival"),
]
api_urlpatterns: list[URLPattern] = [
    re_path(r"^prices/?$", PriceView.as_view(), name="prices"),
    re_path(r"^price-quotes/?$", PriceQuoteView.as_view(), name="price_quotes"),
    re_path(r"^display-slots/?$", DisplaySlotView.as_view(), name="display_slots"),
    re_path(r"^recommendations/?$", RecommendationView.as_view(), name="recommendations"),
    re_path(r"^search/?$", SearchView.as_view(), name="search"),
]
