"""What stored fields of money give away."""

from ops.engines.kernel.classified import DataClass, classify
from ops.engines.kernel.policy import may

# Whoever matches payments needs the payer's account; the channel cuts it short before we get it.
classify(
    "finance.SettlementLine",
    DataClass.PERSONAL,
    "counterparty",
    readers=may("finance", "V"),
)
