"""Words of listings: where they stand, what pictures show, why goods leave the shelf."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class ListingStage(TextChoices):
    """Where a listing stands at a moment: it follows from its versions, requests and shelf."""

    DRAFT = "draft", _("draft")
    CONTENT_REVIEW = "content_review", _("content review")
    QUALITY_REVIEW = "quality_review", _("quality review")
    FINAL_REVIEW = "final_review", _("final review")
    APPROVED = "approved", _("approved, not on the shelf yet")
    ON_SHELF = "on_shelf", _("on the shelf")
    OFF_SHELF = "off_shelf", _("off the shelf")
    RETIRED = "retired", _("retired")


class ShelfHow(TextChoices):
    """How goods came onto the shelf of a channel."""

    LISTED = "listed", _("listed by approval")
    OPENING = "opening", _("taken over at go-live")


class Angle(TextChoices):
    """What a picture shows; several different ones are asked for (CAT-4.3-03)."""

    FRONT = "front", _("front")
    BACK = "back", _("back")
    SIDE = "side", _("side")
    TOP = "top", _("top")
    DETAIL = "detail", _("detail")
    IN_USE = "in_use", _("in use")
    SIZE = "size", _("size beside something known")
    LABEL = "label", _("label or certificate")
    PACKAGE = "package", _("packaging")


class TermKind(TextChoices):
    """How a listed word is treated (CAT-4.3-02)."""

    BANNED = "banned", _("banned")
    SUPERLATIVE = "superlative", _("superlative: needs evidence")


class BanKind(TextChoices):
    """What an entry of the forbidden goods is compared with (CAT-4.3-05)."""

    TERM = "term", _("word")
    CATEGORY = "category", _("category")
    BRAND = "brand", _("brand")
    PICTURE = "picture", _("picture")


class ReviewResult(TextChoices):
    """What a quality review says."""

    PASS = "passed", _("passed")
    FAIL = "failed", _("failed")


class DelistingReason(TextChoices):
    """Why goods leave the shelf (CAT-4.3-08)."""

    SOLD_OUT = "sold_out", _("sold out for good")
    SEASON = "season", _("season is over")
    SLOW = "slow", _("does not sell")
    QUALITY = "quality", _("quality problem")
    FORBIDDEN = "forbidden", _("forbidden or infringing")
    CREDENTIAL = "credential", _("paper expired")
    INFORMATION = "information", _("wrong information")
    REPLACED = "replaced", _("replaced by other goods")
    UNSTATED = "unstated", _("to be stated within a day")


class DelistingKind(TextChoices):
    """Whether goods may come back."""

    OFF = "off", _("take off the shelf")
    RETIRE = "retire", _("retire for good")


class DelistingState(TextChoices):
    """Life of a delisting request."""

    SUBMITTED = "submitted", _("submitted")
    RETURNED = "returned", _("returned")
    WITHDRAWN = "withdrawn", _("withdrawn")
    APPROVED = "approved", _("approved")
    AT_ONCE = "at_once", _("at once, by compliance")


class TaskKind(TextChoices):
    """Why a listing needs work (CAT-4.3-01, CAT-4.3-09)."""

    INCOMPLETE = "incomplete", _("fell below complete")
    STALE = "stale", _("not verified for long")
    CONTRADICTS = "contradicts", _("contradicts stock, price or facts")


class TaskOutcome(TextChoices):
    """What came of upkeep."""

    VERIFIED = "verified", _("verified, nothing to change")
    CHANGED = "changed", _("changed")


class Truth(TextChoices):
    """What the reviewer of pictures attests, each line by itself (CAT-4.3-03)."""

    CLEAR = "clear", _("The goods are sharp and well lit.")
    REAL = "real", _("The pictures show these very goods, not others.")
    COLOUR = "colour", _("Colours are those of the goods in daylight.")
    UNTOUCHED = "untouched", _("Nothing was retouched that a buyer would miss on arrival.")
    RIGHTS = "rights", _("We may use the pictures.")


class FieldName(TextChoices):
    """What people call the fields of a listing."""

    TITLE = "title", _("Title")
    SPECIFICATION = "specification", _("Specification")
    MATERIAL = "material", _("Material")
    FUNCTION = "function", _("Function")
    USE = "use", _("Use")
    AFTER_SALES = "after_sales", _("After-sales service")
    KEYWORDS = "keywords", _("Search words")
    SEARCH_TITLE = "search_title", _("Title for search")
    SEARCH_TEXT = "search_text", _("Description for search")
    IMAGES = "images", _("Angles of pictures")
    PICTURES = "pictures", _("Pictures")
    PRICE = "price", _("Price")
    STOCK = "stock", _("Stock")
    QUALITY = "quality", _("Quality review")
    CATEGORY = "category", _("Category")
    BRAND = "brand", _("Brand")
