"""What stored fields of the catalogue give away."""

from ops.engines.kernel.classified import DataClass, classify

classify("catalog.PricePolicy", DataClass.COST, "target_margin", "floor_margin", "ceiling_margin")
classify("catalog.SelectionProposal", DataClass.COST, "unit_cost", "margin")
classify("catalog.SourcingTask", DataClass.COST, "unit_cost")
classify("catalog.RangeReviewRow", DataClass.COST, "margin", "margin_percent")
