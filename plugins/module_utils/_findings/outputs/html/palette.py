# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The colours of the report. They are data, so that a test computes the contrast of each pair that is used. Pure."""

from __future__ import annotations

from collections.abc import Mapping

LIGHT: Mapping[str, str] = {
    "page": "#f5f6f8",
    "card": "#ffffff",
    "ink": "#1a2230",
    "soft": "#545f71",
    "line": "#d6dbe3",
    "track": "#e4e8ee",
    "link": "#1b5a9e",
    "good": "#1a7a44",
    "warn": "#875200",
    "bad": "#b3231a",
    "calm": "#46587a",
    "good-tint": "#e5f4ea",
    "warn-tint": "#fbf0d8",
    "bad-tint": "#fdeae8",
    "calm-tint": "#e9eef6",
    "used": "#5b7fa8",
    "heat-0": "#eef4fb",
    "heat-1": "#d6e6f6",
    "heat-2": "#b5d2ee",
    "heat-3": "#8bb8e2",
}
DARK: Mapping[str, str] = {
    "page": "#11151b",
    "card": "#191f28",
    "ink": "#e6eaf0",
    "soft": "#a4aebe",
    "line": "#333d4c",
    "track": "#2a3340",
    "link": "#84b7f2",
    "good": "#5cc98a",
    "warn": "#e2b354",
    "bad": "#ff8f85",
    "calm": "#a1b5d6",
    "good-tint": "#16301f",
    "warn-tint": "#342910",
    "bad-tint": "#3e1b18",
    "calm-tint": "#222c3d",
    "used": "#6f96c4",
    "heat-0": "#1c2733",
    "heat-1": "#21364c",
    "heat-2": "#274766",
    "heat-3": "#2f5a82",
}
_HEAT = ("heat-0", "heat-1", "heat-2", "heat-3")
#: Text and what is behind it: 4.5 to 1 is the least that WCAG 2.2 asks for (AA).
TEXTS = (
    *((text, behind) for text in ("ink", "soft", "link") for behind in ("page", "card")),
    *((text, f"{text}-tint") for text in ("good", "warn", "bad", "calm")),
    *((text, "card") for text in ("good", "warn", "bad", "calm")),
    *(("ink", behind) for behind in _HEAT),
)
#: Shapes that mean something, and what is behind them: 3 to 1.
SHAPES = (
    *((shape, "card") for shape in ("good", "warn", "bad", "calm", "used")),
    ("used", "track"),
    ("link", "page"),
)


def contrast(one: str, other: str) -> float:
    """The contrast of two colours, as WCAG defines it."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
