"""Tables of the organisation."""

from .reviews import AccessReview, AccessReviewLine

__all__ = ["AccessReview", "AccessReviewLine"]
