# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The HTML report: what it shows is what its data says, names do nothing, and everybody can read it. In a browser: tests/look."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._findings.audit import Report
from ansible_collections.zoneops.openstack.plugins.module_utils._findings.outputs.html.palette import (
    DARK,
    LIGHT,
    SHAPES,
    TEXTS,
    contrast,
)
from ansible_collections.zoneops.openstack.plugins.module_utils._findings.outputs.html.render import html
from ansible_collections.zoneops.openstack.plugins.module_utils._findings.outputs.html.view import view
from ansible_collections.zoneops.openstack.plugins.module_utils._latency.pairs import pairs_of
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.errors import ZoneopsError

from .pages import Element, data, page, table
from .regions import NOW
from .sample import sample
from .test_reports import report

EVIL = "<script>alert(1)</script>{{{{ 7 * 7 }}}}{{% x %}}\"'&amp;--></style>\u202e\u0000\x1b[31m😀\ud83d{}"
SECTIONS = ["zones", "capacity", "findings", "accepted", "changes", "images", "latency"]


def test_every_number_is_that_of_the_data() -> None:
    one = sample()
    shown = page(html(one))
    found = data(shown)
    assert found == view(one)
    assert [item.text for item in next(shown.all("ul", class_="counts")).all("li")] == [
        f"{found['counts']['critical']} critical",
        f"{found['counts']['warning']} warnings",
        f"{found['counts']['note']} notes",
        "1 muted",
        "0 not evaluated",
    ]
    assert table(shown, "c-capacity") == [
        [
            zone["name"],
            _used(zone["vcpus"], zone["vcpus_free"], ""),
            _used(zone["memory_mb"] // 1024, zone["memory_free_mb"] // 1024, " GiB"),
            "fits" if zone["loss_fits"] else "does not fit",
            *(str(zone[f"loss_{word}"]) for word in ("moves", "waits", "restore", "no_room")),
            f"{zone['loss_headroom_percent']} %",
        ]
        for zone in found["zones"]
    ]
    assert table(shown, "c-images") == [
        [row["name"], *("yes" if there else "no" for there in row["in"])] for row in found["images"]["rows"]
    ]
    assert table(shown, "c-latency") == [["az1", "", "3.7", "7"], ["az2", "3.7", "", "3.7"], ["az3", "7", "3.7", ""]]


def _used(total: int, free: int, unit: str) -> str:
    return f"{total - free} of {total}{unit}" if total else "none usable"


def test_a_zone_is_a_card() -> None:
    shown = page(html(sample()))
    cards = {one.one("h3").text: one for one in shown.one("section", id="zones").one("ul", class_="zones").all("li")}
    assert list(cards) == ["az1", "az2", "az3"]
    assert [card.attributes["class"] for card in cards.values()] == ["card up", "card degraded", "card maintenance"]
    drawn = cards["az2"].one("svg")
    assert drawn.attributes["aria-label"] == "12 hosts: 10 up, 2 down"
    assert [use.one("title").text for use in drawn.all("use", href="#down")] == [
        "compute-az2-3: down",
        "compute-az2-4: down",
    ]
    facts = dict(
        zip((one.text for one in cards["az2"].all("dt")), (one.text for one in cards["az2"].all("dd")), strict=True)
    )
    assert facts["Backup services"] == "0 of 1"
    assert facts["Pods ready"] == "7 of 8"
    assert "Maintenance until 31 January 2030, 18:00 UTC" in cards["az3"].text


def test_what_is_found_stands_with_what_to_do() -> None:
    one = sample()
    shown = page(html(one))
    rules = {
        entry.attributes["id"]: entry.text
        for entry in shown.one("section", id="findings").all("li")
        if "id" in entry.attributes
    }
    assert "az2 host compute-az2-3 : nova-compute is down" in rules["critical-host-down"]
    assert "What to do: start nova-compute; if the host is lost" in rules["critical-host-down"]
    assert "muted: broken mainboard, ticket 4711 (until 2030-03-31)" in shown.one("section", id="accepted").text
    lines = {row[0]: row[1:] for row in table(shown, "c-changes")}
    assert ["up → down", "compute-az2-3, compute-az2-4"] in [row[1:] for row in table(shown, "c-changes")]
    assert lines["critical host-down"] == ["new: 2", "compute-az2-3, compute-az2-4"]
    assert lines["state in the map"] == ["active → maintenance", "az3"]


def test_mutes_that_mute_nothing_are_named() -> None:
    one = sample()
    assert list(page(html(one)).one("section", id="findings").all("div", class_="notice")) == []
    noted = replace(one, outcome=replace(one.outcome, mute_notes=("the mute for <b>x</b> mutes nothing",)))
    (notice,) = page(html(noted)).one("section", id="findings").all("div", class_="notice")
    assert notice.text == "the mute for <b>x</b> mutes nothing"


def test_names_do_nothing() -> None:
    text = html(sample(3, 3, 3, name=EVIL))
    text.encode("utf-8")
    shown = page(text)
    assert [one.attributes for one in shown.all("script")] == [{"type": "application/json", "id": "data"}]
    assert "<script>alert(1)</script>{{ 7 * 7 }}{% x %}" in shown.one("main").text
    assert not re.search("[\x00-\x08\x0b-\x1f\ud800-\udfff]", text)
    # What turns the direction of text does so in its own element only.
    assert {one.tag for one in _holding(shown.one("body"), "\u202e")} == {"bdi"}


def _holding(of: Element, what: str) -> list[Element]:
    found = [of] if any(isinstance(one, str) and what in one for one in of.children) else []
    return found + [deep for one in of.children if isinstance(one, Element) for deep in _holding(one, what)]


@pytest.mark.parametrize("name", ["{}", EVIL])
def test_it_needs_nothing_from_elsewhere(name: str) -> None:
    text = html(sample(name=name))
    shown = page(text)
    assert {value for one in shown.all() for key, value in one.attributes.items() if key in ("src", "href")} <= {
        *(f"#{one}" for one in (*SECTIONS, "content", "up", "down", "disabled", "maintenance"))
    }
    style = shown.one("style").text
    assert not re.search(r"url\(|@import|expression", style)
    assert not [key for one in shown.all() for key in one.attributes if key.startswith("on")]
    policy = shown.one("meta", **{"http-equiv": "Content-Security-Policy"}).attributes["content"]
    assert policy == "default-src 'none'; style-src 'unsafe-inline'"


def test_thirty_zones_are_less_than_a_megabyte() -> None:
    text = html(sample(30, 30, 500))
    assert len(text.encode()) < 1_000_000
    shown = page(text)
    assert len(list(shown.all("use"))) > 900
    assert "the first 120 of all are shown" in shown.one("section", id="images").text
    assert re.search(r"and \d+ more, in the audit's JSON", shown.one("section", id="findings").text)


def test_everybody_finds_their_way() -> None:
    shown = page(html(sample()))
    assert shown.one("html").attributes["lang"] == "en"
    assert [len(list(shown.all(tag))) for tag in ("h1", "header", "main", "footer", "nav")] == [1] * 5
    sections = list(shown.all("section"))
    assert [one.attributes["id"] for one in sections] == SECTIONS
    ids = [one.attributes["id"] for one in shown.all() if "id" in one.attributes]
    assert len(ids) == len(set(ids))
    for one in sections:
        assert one.one("h2").attributes["id"] == one.attributes["aria-labelledby"]
    for one in shown.all("table"):
        assert next(one.all("caption")).text
        assert all(head.attributes["scope"] in ("col", "row") for head in one.all("th"))
        assert all(next(row.all("th"), None) is not None for row in one.all("tr"))
    for one in shown.all("div", class_="scroll"):
        assert (one.attributes["tabindex"], one.attributes["role"]) == ("0", "region")
        assert one.attributes["aria-labelledby"] in ids
    assert next(shown.one("body").all("a")).attributes["href"] == "#content"
    assert all({"aria-label", "aria-hidden"} & one.attributes.keys() for one in shown.all("svg"))


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
def test_colours_can_be_told_from_what_is_behind_them(colours: dict[str, str]) -> None:
    assert LIGHT.keys() == DARK.keys()
    assert {
        pair: contrast(colours[pair[0]], colours[pair[1]])
        for pair in TEXTS
        if contrast(colours[pair[0]], colours[pair[1]]) < 4.5
    } == {}
    assert {
        pair: contrast(colours[pair[0]], colours[pair[1]])
        for pair in SHAPES
        if contrast(colours[pair[0]], colours[pair[1]]) < 3
    } == {}


def test_contrast_is_that_of_wcag() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


def test_what_could_not_be_read_is_not_known() -> None:
    one = report()
    shown = page(html(one))
    assert "Not known: capacity, because placement does not answer" in shown.one("header").text
    assert {row[3] for row in table(shown, "c-capacity")} == {"not known"}
    assert "3 rules could not be evaluated" in shown.one("section", id="findings").text
    assert "changes" not in [entry.attributes["id"] for entry in shown.all("section")]
    silent = page(html(report(unread={"compute": "nova is silent", "block_storage": "cinder is silent"})))
    card = next(silent.one("section", id="zones").all("li"))
    assert card.attributes["class"] == "card unknown"
    assert "Its hosts are not known." in card.text
    assert "Volume services not known" in card.text


def test_nothing_found_is_said() -> None:
    one = sample()
    quiet = replace(
        one, outcome=replace(one.outcome, findings=()), changes={"new": [], "gone": []}, before=_as_now(one)
    )
    shown = page(html(quiet))
    assert "Nothing found." in shown.one("section", id="findings").text
    assert "Nothing changed." in shown.one("section", id="changes").text


def _as_now(one: Report) -> dict[str, Any]:
    return {"taken": NOW.strftime("%Y-%m-%dT%H:%M:%SZ"), "unread": {}, "snapshot": one.snapshot}


@pytest.mark.parametrize(
    ("time", "shown"), [(0.4, "0.4"), (12.34, "12.3"), (15.0, "15"), (15.2, "15.2, too long"), (None, "no answer")]
)
def test_round_trip_times(time: float | None, shown: str) -> None:
    pairs = [{"from_zone": "az1", "to_zone": "az2", "milliseconds": time}]
    rows = table(page(html(replace(sample(), latency=pairs))), "c-latency")
    assert rows == [
        ["az1", "", shown, "not measured"],
        ["az2", shown, "", "not measured"],
        ["az3", *["not measured"] * 2, ""],
    ]


def test_what_is_no_pair_is_refused() -> None:
    good = {"from_zone": "az1", "to_zone": "az2", "milliseconds": None}
    assert pairs_of([good]) == [good]
    for wrong in ({"from_zone": "az1"}, {**good, "milliseconds": "fast"}):
        with pytest.raises(ZoneopsError, match="is no pair of latency_info"):
            pairs_of([wrong])
