"""Tables of sheets."""

from ops.engines.sheets.models.sheets import Answer, Case, Draw, Sheet, Signature
from ops.engines.sheets.models.templates import Template, TemplateVersion

__all__ = ["Answer", "Case", "Draw", "Sheet", "Signature", "Template", "TemplateVersion"]
