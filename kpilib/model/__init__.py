"""The CRM model: the tables (what is stored) and the panels (what KPIs read)."""
