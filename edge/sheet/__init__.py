"""`edge-engage privacy`: the data-protection sheet of the configuration in force."""

from edge.sheet.facts import Sheet, sheet_of
from edge.sheet.words import markdown

__all__ = ["Sheet", "markdown", "sheet_of"]
