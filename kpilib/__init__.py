"""The key figures of the customer relation: every KPI defined once, with its interval, on your own CRM data."""

from typing import TYPE_CHECKING, Any

from kpilib.errors import BadInput, CannotAnswer, KpilibError, UnknownName

if TYPE_CHECKING:
    from kpilib.opening import open

__version__ = "0.1.0"
__all__ = ["BadInput", "CannotAnswer", "KpilibError", "UnknownName", "open"]


def __getattr__(name: str) -> Any:
    """`kpilib.open` is loaded when it is first used: naming an error should not import pandas."""
    if name == "open":
        from kpilib.opening import open

        return open
    raise AttributeError(f"module 'kpilib' has no attribute {name!r}")
