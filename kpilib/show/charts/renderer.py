"""The only calls of vl_convert, which starts threads: none of them survives a fork, so none may come before one."""

import json
import os
from typing import Any

import vl_convert

# The process whose renderer has started; 0 before the first call.
_process = 0


def drawn(spec: str, locale: str | None = None) -> str:
    """The SVG text of a Vega specification; `locale` is d3's, as JSON."""
    _started()
    how: dict[str, Any] = {} if locale is None else {"format_locale": json.loads(locale)}
    return str(vl_convert.vega_to_svg(spec, allowed_base_urls=[], **how))


def compiled(spec: dict[str, Any]) -> dict[str, Any]:
    """A Vega-Lite specification in Vega."""
    _started()
    return dict(vl_convert.vegalite_to_vega(spec))


def _started() -> None:
    global _process
    _process = _process or os.getpid()
    if _process != os.getpid():
        # The renderer's threads do not survive a fork: the call would wait for ever.
        raise RuntimeError("A chart was drawn before this process was forked; import before a fork, draw after it.")
