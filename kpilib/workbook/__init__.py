"""What a team chose for its workbook, without touching a notebook: `workbook.toml`, read and checked.

The file is optional, and so is each of its tables; `docs/workbook.md` explains them.
"""

from .chosen import ENVIRONMENT, FILE, OVERVIEW, Aim, Alerting, Mail, Reporting, Settings, Webhook, settings

__all__ = [
    "ENVIRONMENT", "FILE", "OVERVIEW", "Aim", "Alerting", "Mail", "Reporting", "Settings", "Webhook", "settings",
]  # fmt: skip
