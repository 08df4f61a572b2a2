# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a server says in the body of an error, as part of a message: one line, without markup, no longer than a person reads. Pure."""

from __future__ import annotations

import html
import re

LONGEST = 1000
_MARKUP = re.compile(r"\s*<(!doctype|html|head|body|\?xml|h1|p|title|center)\b", re.IGNORECASE)
_UNSEEN = re.compile(r"<(script|style|svg|template)\b.*?</\1\s*>|<!--.*?-->", re.IGNORECASE | re.DOTALL)
_HEADINGS = tuple(re.compile(rf"<{tag}\b[^>]*>(.*?)</{tag}\s*>", re.IGNORECASE | re.DOTALL) for tag in ("h1", "title"))
_HEAD = re.compile(r"<head\b.*?</head\s*>", re.IGNORECASE | re.DOTALL)
_TAG = re.compile(r"<[^>]*>")


def error_text(text: str) -> str:
    """The text of a body; of a page its heading and what is below it."""
    if not _MARKUP.match(text):
        return _brief(text)
    page = _UNSEEN.sub(" ", text)
    found = next((match for heading in _HEADINGS if (match := heading.search(page)) and _words(match[1])), None)
    if found is None:
        return _brief(_words(page))
    heading = _words(found[1])
    rest = _words(_HEAD.sub(" ", page).replace(found[0], " "))
    return _brief(f"{heading}: {rest}" if rest else heading)


def _words(markup: str) -> str:
    return " ".join(html.unescape(_TAG.sub(" ", markup)).split())


def _brief(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
