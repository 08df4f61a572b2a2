# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Changes as events."""

from __future__ import annotations

import json

from ansible_collections.zoneops.openstack.plugins.module_utils._zone_health.events import MOST_SIGNS, Origin, event_of
from ansible_collections.zoneops.openstack.plugins.module_utils._zone_health.hysteresis import Change
from ansible_collections.zoneops.openstack.plugins.module_utils._zone_health.judge import judge
from ansible_collections.zoneops.openstack.plugins.module_utils._zone_health.model import (
    CINDER,
    NOVA,
    Look,
    Member,
    Reading,
    Sight,
    State,
)

HERE = Origin("site a", "mycloud", "RegionOne", {"az2": "second"})
HOSTS = (
    Member("h1", "az2", alive=False, sign="is down"),
    Member("h2", "az2", alive=True),
    Member("h3", "az2", alive=True, enabled=False, sign="is disabled (disk)"),
    Member("h4", "az2", alive=False, planned=True, sign="is down"),
)


def test_a_zone() -> None:
    look = judge(Reading({NOVA: HOSTS, CINDER: (Member("v", "az2", alive=True),)}, {"manila": "no answer"}))
    change = Change("az2", "degraded", "up", 1000.0, 60.4, False, {NOVA: State.DEGRADED, CINDER: State.UP})
    event = event_of(change, look, HERE, 1012.2)
    assert event == {
        "zone_health": {
            "about": "zone",
            "zone": "second",
            "availability_zone": "az2",
            "state": "degraded",
            "before": "up",
            "since": "1970-01-01T00:16:40Z",
            "age_seconds": 12,
            "lasted_seconds": 60,
            "at_start": False,
            "services": {"nova": "degraded", "cinder": "up"},
            "hosts": {"serving": ["h2"], "dead": ["h1"], "disabled": ["h3"], "maintenance": ["h4"]},
            "signs": [
                {"service": "nova", "name": "h1", "sign": "is down"},
                {"service": "nova", "name": "h3", "sign": "is disabled (disk)"},
                {"service": "nova", "name": "h4", "sign": "is down"},
            ],
            "summary": "zone second is degraded, it was up: nova degraded, cinder up. h1 is down, h3 is disabled (disk), h4 is down",
            "unread": {"manila": "no answer"},
            "seen_from": "site a",
            "cloud": "mycloud",
            "region": "RegionOne",
        },
        # What playbooks are limited to.
        "meta": {"hosts": ["second"]},
    }


def test_the_region_limits_no_playbook() -> None:
    look = Look(Sight.ALL_DOWN, suspects=("nova",), unread={"cinder": "no answer"})
    event = event_of(Change(None, "all_down", "sees", 0.0, None, True), look, HERE, 1.0)
    assert event.keys() == {"zone_health"}
    told = event["zone_health"]
    assert (told["about"], told["suspects"], told["at_start"], told["lasted_seconds"]) == (
        "region",
        ["nova"],
        True,
        None,
    )
    assert told["summary"] == (
        "everything is down in the whole region: look at the control plane first, no zone is reported as down for it (nova). cinder: no answer"
    )
    assert "zone" not in told


def test_every_sight_has_words() -> None:
    for sight in Sight:
        assert event_of(Change(None, sight.text, "sees", 0.0, None, False), Look(sight), HERE, 0.0)["zone_health"][
            "summary"
        ]


def test_an_event_of_a_large_zone_is_short() -> None:
    look = judge(
        Reading(
            {
                NOVA: (
                    Member("x", None, alive=True),
                    *(Member(f"h{n}", "az2", alive=False, sign="is down") for n in range(900)),
                )
            }
        )
    )
    told = event_of(Change("az2", "down", "up", 0.0, None, False, {NOVA: State.DOWN}), look, HERE, 0.0)["zone_health"]
    assert len(told["signs"]) == MOST_SIGNS
    assert told["summary"].endswith("and 895 more")


def test_no_text_is_a_template() -> None:
    """Events become extra variables of playbooks, which newer cores take for templates."""
    evil = Member("{{ lookup('pipe', 'id') }}", "az2", alive=False, sign="{% raw %}{#")
    look = judge(Reading({NOVA: (evil, Member("x", None, alive=True))}, {"cinder": "{{{ x }}}"}))
    event = event_of(Change("az2", "down", "up", 0.0, None, False, {NOVA: State.DOWN}), look, HERE, 0.0)
    text = json.dumps(event)
    assert "lookup" in text
    assert not any(mark in text for mark in ("{{ ", "{% ", "{#", "{{{"))
