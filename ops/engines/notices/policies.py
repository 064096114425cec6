"""What notices keep that is not for everybody."""

from __future__ import annotations

from ops.engines.kernel.classified import DataClass, classify

# Kept sealed; only its owner sees it, on the page of wishes for mail.
classify("notices.MailPreference", DataClass.INTERNAL, "address")
