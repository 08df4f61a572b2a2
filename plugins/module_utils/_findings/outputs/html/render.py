# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The HTML report: one file without network and scripts. Pure."""

from __future__ import annotations

import json
import math
import re
import traceback
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from ...._plan.frame import Library
from ...audit import Report
from ...model import counted
from ...snapshot import kinds
from .style import sheet
from .templates import TEMPLATES
from .view import view

error_of_import: str | None = None
try:
    import jinja2
    from markupsafe import Markup
except ImportError:
    error_of_import = traceback.format_exc()
JINJA = Library("jinja2", error_of_import)

# What HTML cannot have, and half characters, which no file in UTF-8 can.
_UNFIT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
# The end of an element must not be found in its text.
_IN_SCRIPT = str.maketrans({"<": "\\u003c", ">": "\\u003e", "&": "\\u0026"})
# Squares in a row, so that few are not drawn huge and many not tiny.
_LEAST, _MOST = 14, 25


def html(report: Report) -> str:
    """The document."""
    return rendered(view(report))


def rendered(shown: Mapping[str, Any]) -> str:
    """The document.

    :param shown: what `view` returns.
    """
    environment = jinja2.Environment(
        loader=jinja2.DictLoader(TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_clean,
    )
    environment.filters |= {
        "amount": _amount,
        "columns": _columns,
        "found_said": _found_said,
        "heat": _heat,
        "hosts_said": _hosts_said,
        "moment": _moment,
        "percent": _percent,
        "words": _words,
    }
    data = Markup(json.dumps(shown, separators=(",", ":")).translate(_IN_SCRIPT))
    return environment.get_template("page").render(v=shown, data=data, style=Markup(sheet()))


def _clean(value: Any) -> Any:
    return (
        _UNFIT.sub("\N{REPLACEMENT CHARACTER}", value)
        if isinstance(value, str) and not isinstance(value, Markup)
        else value
    )


def _amount(number: float) -> str:
    """With three digits at least, and no more behind the point than that."""
    return f"{number:.0f}" if abs(number) >= 100 or float(number).is_integer() else f"{number:.3g}"


def _percent(number: float) -> str:
    return f"{min(100.0, max(0.0, number)):.1f}"


def _columns(hosts: Sequence[Any]) -> int:
    return min(_MOST, max(_LEAST, math.ceil(math.sqrt(3 * len(hosts)))))


def _hosts_said(hosts: Mapping[str, int]) -> str:
    states = ", ".join(
        f"{hosts[state]} {'in ' * (state == kinds.MAINTENANCE)}{state}" for state in kinds.HOST_STATES if hosts[state]
    )
    return f"{counted(hosts['all'], 'host')}{f': {states}' if states else ''}"


def _found_said(found: Mapping[str, int]) -> str:
    words = {"critical": "critical", "warning": "warning", "note": "note"}
    return ", ".join(
        f"{number} critical" if word == "critical" else counted(number, word)
        for severity, word in words.items()
        if (number := found[severity])
    )


def _heat(milliseconds: float, limit: float) -> str:
    """One of four tints up to the limit."""
    return "no" if milliseconds > limit else f"h{min(3, int(4 * milliseconds / limit))}"


def _moment(text: str) -> str:
    """A time of a snapshot as people write it."""
    try:
        when = datetime.fromisoformat(text)
    except ValueError:
        return text
    return f"{when.day} {when:%B %Y, %H:%M} UTC"


def _words(name: str) -> str:
    return name.replace("_", " ")
