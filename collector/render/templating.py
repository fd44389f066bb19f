"""Templates as letters and pages have them: whatever is filled in is escaped, and what is missing is an error."""

from __future__ import annotations

import jinja2

from collector.render.palette import DARK, LIGHT

_BAR_HEIGHT = 44  # pixels of a letter, units of a drawing on a page: of the fullest bar


def read_templates(package: str) -> jinja2.Environment:
    """The templates of a package, with the colours as `light` and `dark`, and the filter `bar_height`."""
    templates = jinja2.Environment(
        loader=jinja2.PackageLoader(package),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        auto_reload=False,  # templates of an update would not fit the program that still runs
        trim_blocks=True,
        lstrip_blocks=True,
    )
    templates.globals |= {"light": LIGHT, "dark": DARK}
    templates.filters["bar_height"] = bar_height
    return templates


def bar_height(share: float) -> int:
    """A bar with a single post can still be seen."""
    return max(2, round(share * _BAR_HEIGHT)) if share else 0
