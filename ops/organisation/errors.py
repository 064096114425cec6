"""What the organisation may refuse."""

from ops.engines.kernel.errors import Conflict, Forbidden, NotFound


class ReviewMissing(NotFound):
    """No such review or line, or not one of yours."""


class ReviewAnswered(Conflict):
    """The line was answered or its review closed."""


class NotYourReview(Forbidden):
    """Somebody else answers this line."""
