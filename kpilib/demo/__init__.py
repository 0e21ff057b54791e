"""The company that never was: a CRM made from a seed, the same bytes on every machine."""
