"""Fixtures of the journeys: the small company, and what the ledger says."""

from __future__ import annotations

import pytest
from django.utils import timezone

from tests.support import company as companies
from tests.support.company import Company


@pytest.fixture
def company(db: None) -> Company:
    """Return the small company as of now."""
    return companies.build(at=timezone.now())
