"""The figures of "What changed, and why", for any page: A against B, why a KPI changed, how the pipeline did.

What they draw stands in `versus_slices`, `change_parts` and `pipeline_steps`; what a notebook needs is offered here.
"""

from kpilib.figures.changing import measures

from .change_parts import dimensions, parts
from .pipeline_steps import dues, steps
from .versus_slices import sides, versus

__all__ = ["dimensions", "dues", "measures", "parts", "sides", "steps", "versus"]
