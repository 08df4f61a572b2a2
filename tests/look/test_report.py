# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The HTML report in a real Chromium: at three widths, light, dark and on paper, by keyboard, and as a screen reader is given it.

The pictures are left in the folder that ZONEOPS_LOOK names.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._findings.outputs.html.palette import contrast
from ansible_collections.zoneops.openstack.plugins.module_utils._findings.outputs.html.render import html
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._findings.sample import sample

from .browser import Page, browser

EVIL = "<script>alert(1)</script><img src=x onerror=alert(2)>{{{{ 7 * 7 }}}}\"'&amp;\u202e😀{}"
SAMPLES = {"sample": sample(), "names": sample(3, 3, 3, name=EVIL), "thirty": sample(30, 30, 300)}
# Of each text that is seen, its colour and what is behind it.
COLOURS = """
(() => {
  const behind = one => {
    for (let at = one; at; at = at.parentElement) {
      const colour = getComputedStyle(at).backgroundColor;
      if (colour !== 'rgba(0, 0, 0, 0)') return colour;
    }
  };
  const found = new Set();
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const one = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || one.closest('script,svg,.skip')) continue;
    found.add(getComputedStyle(one).color + '|' + behind(one));
  }
  return [...found];
})()
"""


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    with browser() as opened:
        yield opened


@pytest.fixture(params=SAMPLES)
def shown(request: pytest.FixtureRequest, page: Page, tmp_path: Path) -> tuple[str, Page]:
    path = tmp_path / "report.html"
    path.write_text(html(SAMPLES[request.param]), encoding="utf-8")
    page.said.clear()
    page.open(path)
    return request.param, page


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [400, 800, 1600])
def test_nothing_is_cut_off_and_everything_can_be_read(
    shown: tuple[str, Page], width: int, dark: bool, tmp_path: Path
) -> None:
    name, page = shown
    page.show(width, dark=dark)
    assert page.value("document.documentElement.scrollWidth") == width
    # Only tables may be wider, each in a box that scrolls.
    wide = "[...document.body.querySelectorAll('*')].filter(one => !one.closest('.scroll,.skip') && one.getBoundingClientRect().right > innerWidth + 1)"
    assert page.value(f"{wide}.map(one => one.outerHTML.slice(0, 200))") == []
    colours = [tuple(map(_hex, pair.split("|"))) for pair in page.value(COLOURS)]
    assert len(colours) > 5
    assert {pair: contrast(*pair) for pair in colours if contrast(*pair) < 4.5} == {}
    assert page.said == []
    page.picture(Path(os.environ.get("ZONEOPS_LOOK", tmp_path), f"{name}-{width}-{'dark' if dark else 'light'}.png"))


def _hex(colour: str) -> str:
    return "#" + "".join(f"{int(part):02x}" for part in re.findall(r"\d+", colour)[:3])


def test_on_paper_it_is_light_and_complete(shown: tuple[str, Page]) -> None:
    _name, page = shown
    page.show(800, dark=True, media="print")
    assert page.value("getComputedStyle(document.querySelector('.card')).backgroundColor") == "rgb(255, 255, 255)"
    assert page.value(
        "[...document.querySelectorAll('.scroll')].every(one => getComputedStyle(one).overflowX === 'visible')"
    )
    assert page.call("Page.printToPDF")["data"].startswith("JVBER")


def test_a_keyboard_reaches_everything(shown: tuple[str, Page]) -> None:
    _name, page = shown
    page.show(400)
    wanted = page.value("document.querySelectorAll('a[href],[tabindex=\"0\"]').length")
    seen = []
    for _press in range(wanted):
        for kind in ("keyDown", "keyUp"):
            page.call("Input.dispatchKeyEvent", type=kind, key="Tab", code="Tab", windowsVirtualKeyCode=9)
        seen.append(
            page.value(
                "document.activeElement.getAttribute('href') || document.activeElement.getAttribute('aria-labelledby')"
            )
        )
        assert page.value("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    assert seen[0] == "#content"
    assert None not in seen
    assert {"c-capacity", "c-images", "c-latency", "c-changes"} <= set(seen)


def test_a_screen_reader_is_given_landmarks_tables_and_drawings(shown: tuple[str, Page]) -> None:
    _name, page = shown
    page.call("Accessibility.enable")
    nodes = [one for one in page.call("Accessibility.getFullAXTree")["nodes"] if not one.get("ignored")]
    named = [(one["role"]["value"], one.get("name", {}).get("value", "")) for one in nodes]
    roles = [role for role, _text in named]
    assert [roles.count(role) for role in ("banner", "main", "contentinfo", "navigation")] == [1] * 4
    assert ("region", "Findings") in named
    assert ("table", "Which image is in which store") in named
    assert any(role in ("image", "img") and re.fullmatch(r"\d+ hosts: .*", text) for role, text in named)
    assert not [text for role, text in named if role in ("link", "table", "region", "image", "img") and not text]
