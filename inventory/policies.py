"""Who may look at suppliers, and what stored fields of stock give away."""

from dataclasses import replace

from ops.engines.identity.policies import SEE_COST
from ops.engines.kernel.classified import DataClass, classify
from ops.engines.kernel.policy import may

# A supplier belongs to no warehouse; whoever works with prices of goods deals with them.
SEE_SUPPLIERS = replace(may("inventory", "V"), roles=SEE_COST.roles)

classify("inventory.Move", DataClass.COST, "unit_cost", "value")
classify("inventory.Stock", DataClass.COST, "avg_cost", "value")
classify("inventory.HistoryLine", DataClass.COST, "unit_cost")
classify("inventory.PurchaseLine", DataClass.COST, "unit_cost", "amount")
classify("inventory.ReceiptLine", DataClass.COST, "unit_cost")
classify("inventory.DayClose", DataClass.COST, "value_in", "value_out")
classify("inventory.MonthClose", DataClass.COST, "value")
classify("inventory.MonthBalance", DataClass.COST, "value")
classify("inventory.StockCount", DataClass.COST, "book_value")
classify("inventory.CountLine", DataClass.COST, "value")
classify("inventory.ReceiptDiscrepancy", DataClass.COST, "value")
classify("inventory.StockDisposal", DataClass.COST, "value")
# How a business is reached, for everybody who deals with it; no private person's.
classify("inventory.Supplier", DataClass.INTERNAL, "phone", "email")
