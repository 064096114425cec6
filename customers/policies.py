"""Who may look at personal texts, and who decides to which tier a buyer belongs."""

from ops.engines.identity.choices import Role
from ops.engines.kernel.classified import DataClass, classify, guard
from ops.engines.kernel.policy import may

REVEAL = may(
    "customers",
    "V",
    Role.OPERATIONS_SPECIALIST,
    Role.OPERATIONS_SUPERVISOR,
    Role.CUSTOMER_SERVICE_AGENT,
    Role.COMPLIANCE_OFFICER,
    Role.AUDITOR,
)
# A tier opens prices: who decides on them in the order book decides on it.
TIERS = may("customers", "A", Role.OPERATIONS_DIRECTOR, Role.OPERATIONS_SUPERVISOR)
guard(DataClass.PERSONAL, REVEAL)
classify(
    "customers.Customer",
    DataClass.PERSONAL,
    "name_enc",
    "phone_enc",
    "address_enc",
    "phone_index",
)
classify("customers.Order", DataClass.PERSONAL, "recipient_enc")
