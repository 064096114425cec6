"""Words that may not be said and goods that may not be sold, with their terms (CAT-4.3-02, -05)."""

from __future__ import annotations

from django.db.models import QuerySet

from catalog.choices.listings import BanKind, TermKind
from catalog.models import ForbiddenGoods, ListedWord
from catalog.selectors import listings as selectors
from catalog.services import listing_rules
from catalog.views.listing_rules import COMPLIANCE, EDITORS
from ops.engines.http import filters
from ops.engines.http.doors import DoorViewSet, Step
from ops.engines.http.serializers import (
    CodeField,
    DayField,
    FlagField,
    IdField,
    MomentField,
    StrictCharField,
    StrictSerializer,
    WordField,
)
from ops.engines.kernel.policy import may

_VIEW = may("catalog", "V")
_NAMED = [one for one in BanKind.choices if one[0] != BanKind.PICTURE]


class ListedWordDraftSerializer(StrictSerializer):
    """A word for the list."""

    text = StrictCharField(max_length=60)
    kind = WordField(choices=TermKind.choices)
    since = DayField()
    reason = StrictCharField(max_length=200)


class ForbiddenGoodsDraftSerializer(StrictSerializer):
    """A word, a category's code or a brand; a hard match refuses, a soft one is looked at."""

    kind = WordField(choices=_NAMED)
    value = StrictCharField(max_length=80)
    is_hard = FlagField()
    since = DayField()
    reason = StrictCharField(max_length=200)
    note = StrictCharField(max_length=120, required=False, allow_blank=True)


class EntryEndSerializer(StrictSerializer):
    """From which day an entry no longer holds."""

    until = DayField()


class _EntrySerializer(StrictSerializer):
    """What every entry with a term says."""

    id = IdField()
    kind = CodeField()
    since = DayField()
    until = DayField(allow_null=True)
    reason = StrictCharField()
    added_at = MomentField()


class ListedWordSerializer(_EntrySerializer):
    """A listed word."""

    text = StrictCharField()


class ForbiddenGoodsSerializer(_EntrySerializer):
    """An entry of the forbidden goods; of a picture the value is its difference hash."""

    value = StrictCharField()
    is_hard = FlagField()
    note = StrictCharField()


class ListedWordViewSet(DoorViewSet):
    """Banned and superlative words, also those no longer listed."""

    serializer_class = ListedWordSerializer
    filters = {"kind": filters.exact("kind"), "text": filters.exact("text")}
    orderings = ("-id", "id")
    key = "word_id"
    read = _VIEW
    make = Step(
        run=listing_rules.list_word,
        policy=EDITORS,
        body=ListedWordDraftSerializer,
        title="Put a word on the list.",
    )
    steps = {
        "end": Step(
            run=listing_rules.end_word,
            policy=EDITORS,
            body=EntryEndSerializer,
            title="Take a word off the list from a day on.",
        )
    }

    def get_queryset(self) -> QuerySet[ListedWord]:
        """Return every word: the list is the house's."""
        return selectors.words()


class ForbiddenGoodsViewSet(DoorViewSet):
    """Goods that may not be sold, also those that may again."""

    serializer_class = ForbiddenGoodsSerializer
    filters = {"kind": filters.exact("kind"), "value": filters.exact("value")}
    orderings = ("-id", "id")
    key = "ban_id"
    read = _VIEW
    make = Step(
        run=listing_rules.forbid,
        policy=COMPLIANCE,
        body=ForbiddenGoodsDraftSerializer,
        title="Enter goods that may not be sold.",
    )
    steps = {
        "end": Step(
            run=listing_rules.end_ban,
            policy=COMPLIANCE,
            body=EntryEndSerializer,
            title="Let goods be sold again from a day on.",
        )
    }

    def get_queryset(self) -> QuerySet[ForbiddenGoods]:
        """Return every entry: the list is the house's."""
        return selectors.bans()
