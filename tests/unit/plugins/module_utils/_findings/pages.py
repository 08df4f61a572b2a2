# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An HTML report as a tree, as far as tests ask: elements with their attributes, and the text of each."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

EMPTY = {"meta", "link", "img", "br", "hr", "input"}


@dataclass
class Element:
    tag: str
    attributes: dict[str, str] = field(default_factory=dict)
    children: list[Element | str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """With one space for each gap, as people see it; without what is drawn."""
        parts = (
            one if isinstance(one, str) else f" {one.text} "
            for one in self.children
            if isinstance(one, str) or one.tag != "svg"
        )
        return " ".join("".join(parts).split())

    def all(self, *tags: str, **attributes: str) -> Iterator[Element]:
        for one in self.children:
            if isinstance(one, Element):
                if (not tags or one.tag in tags) and all(
                    one.attributes.get(key.rstrip("_")) == value for key, value in attributes.items()
                ):
                    yield one
                yield from one.all(*tags, **attributes)

    def one(self, *tags: str, **attributes: str) -> Element:
        (found,) = self.all(*tags, **attributes)
        return found


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open = [Element("document")]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        made = Element(tag, {key: value or "" for key, value in attrs})
        self.open[-1].children.append(made)
        if tag not in EMPTY:
            self.open.append(made)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.open[-1].children.append(Element(tag, {key: value or "" for key, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop().tag == tag, f"</{tag}> ends something else"

    def handle_data(self, data: str) -> None:
        self.open[-1].children.append(data)


def page(text: str) -> Element:
    reader = _Reader()
    reader.feed(text)
    reader.close()
    assert len(reader.open) == 1, f"<{reader.open[-1].tag}> is never closed"
    return reader.open[0]


def table(of: Element, caption: str) -> list[list[str]]:
    """The cells of the table that the caption has as its id, without the head."""
    (found,) = (one for one in of.all("table") if next(one.all("caption")).attributes["id"] == caption)
    rows = found.one("tbody").all("tr")
    return [[cell.text for cell in row.children if isinstance(cell, Element)] for row in rows]


def data(of: Element) -> Any:
    return json.loads("".join(map(str, of.one("script").children)))
