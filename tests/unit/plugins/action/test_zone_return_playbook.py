# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbook zone_return for a zone with a Kubernetes side: what is asked there, and what becomes of the answer."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from .playing import bulk, verdict
from .standing_in import Playbook

NAME = "zoneops.openstack.zone_return"
CALLED = ("confirm_plan", "instance_ha", "node_maintenance", "pod_placement_info", "pod_spread", "zone_return")
PODS = {
    **bulk(az1=verdict("a pod is not ready", failed=True)),
    "quorum": {"etcd": {"size": 3, "members": {}}},
    "uneven": ["CinderAPI cinder-api: 2-1-0"],
}
GOOD = {
    "confirm_plan": {"changed": False, "msg": "confirmed"},
    "node_maintenance": bulk(az1=verdict(changed=True, plan=[{"text": "work"}])),
    "pod_placement_info": PODS,
    "pod_spread": bulk(az1=verdict(changed=True, plan=[{"text": "work"}])),
    "zone_return": {**bulk(az1=verdict(changed=True, plan=[{"text": "work"}])), "away": ["az2"]},
    "instance_ha": bulk(az1=verdict(changed=True, plan=[{"text": "work"}])),
}
FAILED = bulk(az1=verdict("no way", failed=True))
RETURN = ("zone_return", False)
RUN = [("node_maintenance", False), ("pod_placement_info", False), RETURN, ("instance_ha", False)]


def test_what_kubernetes_says_is_handed_on(playbook: Playbook) -> None:
    """The module judges it: what the call about pods calls a failure is not all in the way."""
    guests = {"c1": ["a"]}
    done = playbook(zoneops_allow=["thaw", "host_moves"], zoneops_return_guests=guests)
    assert (done.code, done.order) == (0, RUN), done.output
    options = done.calls[-2][2]
    assert (options["limit"], options["allow"], options["guests"]) == (["az1"], ["thaw"], guests)
    assert options["pods"]["quorum"] == PODS["quorum"]
    assert options["pods"]["zones"]["az1"]["failed"]
    assert not {"hosts", "canary_server", "journal", "saved_plan"} & options.keys()
    refused = playbook(answers={"zone_return": FAILED})
    assert (refused.code != 0, refused.order, "no way" in refused.output) == (True, RUN, True)


def test_a_cluster_that_does_not_answer_is_one_of_the_reasons(playbook: Playbook) -> None:
    silent = {"pod_placement_info": {"failed": True, "msg": "no answer in time"}}
    run = playbook(answers={**silent, "zone_return": FAILED})
    assert (run.code != 0, run.order) == (True, RUN)
    assert "pods" not in run.calls[-2][2]
    assert "no answer in time" in run.output
    assert "no way" in run.output
    allowed = playbook(answers=silent, zoneops_allow=["pods"])
    assert (allowed.code, allowed.order) == (0, RUN[2:]), allowed.output
    assert not {"nodes", "pods"} & allowed.calls[0][2].keys()


def test_nodes_take_pods_before_pods_are_looked_at(playbook: Playbook) -> None:
    """What is refused there is handed on, and the zone fails for it as well."""
    done = playbook()
    assert (done.calls[0][2]["state"], done.calls[0][2]["limit"]) == ("unfence", ["az1"])
    assert not done.calls[-2][2]["nodes"]["zones"]["az1"]["failed"]
    # Texts on ansible-core 2.16: the module's own options make numbers of them.
    assert [float(done.calls[1][2][name]) for name in ("wait", "wait_timeout", "timeout")] == [True, 600, 1200]
    own = playbook(zoneops_return_pods_timeout=0, zoneops_deadline=90)
    assert [float(own.calls[1][2][name]) for name in ("wait", "timeout")] == [False, 90]
    fenced = playbook(answers={"node_maintenance": FAILED})
    assert (fenced.code != 0, fenced.order, "no way" in fenced.output) == (True, RUN, True)
    assert fenced.calls[-2][2]["nodes"]["zones"]["az1"]["failed"]
    silent = playbook(answers={"node_maintenance": {"failed": True, "msg": "no answer in time"}})
    assert (silent.code != 0, "no answer in time" in silent.output) == (True, True)
    assert silent.calls[-2][2]["nodes"]["msg"] == "no answer in time"


def test_instance_ha_is_switched_on_last(playbook: Playbook) -> None:
    """Which zones are away, it is told: it also says what keeps it off."""
    done = playbook()
    options = done.calls[-1][2]
    assert (options["limit"], options["state"], options["away"]) == (["az1"], "end", ["az2"])
    broken = playbook(answers={"zone_return": {"failed": True, "msg": "401"}})
    assert (broken.code != 0, broken.order) == (True, RUN[:3])
    silent = playbook(answers={"instance_ha": {"failed": True, "msg": "no answer in time"}})
    assert (silent.code != 0, "no answer in time" in silent.output) == (True, True)
    left = playbook(zoneops_maintenance_instance_ha=False)
    assert (left.code, left.order, left.calls[-1][2]["masakari"]) == (0, RUN[:3], False)


def test_services_are_spread_late_and_only_where_that_is_asked_for(playbook: Playbook) -> None:
    """Instance HA is off while pods are restarted."""
    spread = ("pod_spread", False)
    order = [*RUN[:3], spread, RUN[3]]
    done = playbook(zoneops_return_spread=True, zoneops_return_pods_timeout=0)
    assert (done.code, done.order) == (0, order), done.output
    options = done.calls[3][2]
    assert (options["limit"], int(options["pod_timeout"]), float(options["timeout"])) == (["az1"], 600, 14400)
    # It names what stays uneven.
    assert done.calls[2][2]["pods"]["uneven"] == []
    assert playbook().calls[2][2]["pods"]["uneven"] == PODS["uneven"]
    failed = playbook(zoneops_return_spread=True, answers={"pod_spread": FAILED})
    assert (failed.code != 0, failed.order, "no way" in failed.output) == (True, order, True)
    silent = playbook(zoneops_return_spread=True, answers={"pod_spread": {"failed": True, "msg": "no answer in time"}})
    assert (silent.code != 0, "no answer in time" in silent.output) == (True, True)
    away = playbook(zoneops_return_spread=True, answers={"zone_return": FAILED})
    assert (away.code != 0, away.order) == (True, RUN)
    plan = str(playbook.folder / "plan.yml")
    saved = playbook("--check", zoneops_return_spread=True, zoneops_plan=plan)
    assert (saved.code, saved.order[3]) == (0, ("pod_spread", True)), saved.output
    assert Path(plan).read_text().count("text: work") == 4
    assert playbook(zoneops_return_spread=True, zoneops_plan=plan).calls[3][2]["saved_plan"] == plan
    asked = playbook(zoneops_return_spread=True, zoneops_confirm=True)
    assert (asked.code, asked.order[:5]) == (0, [(name, True) for name, _check in order]), asked.output


@pytest.mark.parametrize(("given", "handed"), [(0, 600), (29, 600), (30, 30), (900, 900)])
def test_a_pod_has_the_time_to_be_replaced(playbook: Playbook, given: int, handed: int) -> None:
    """The module refuses a time in which no pod can be."""
    done = playbook(zoneops_return_spread=True, zoneops_return_pods_timeout=given)
    assert (done.code, int(done.calls[3][2]["pod_timeout"])) == (0, handed), done.output


def test_services_that_are_not_spread_are_named(playbook: Playbook) -> None:
    """Nobody who has asked for it takes it for done."""
    allowed = playbook(zoneops_return_spread=True, zoneops_allow=["pods"])
    assert (allowed.code, allowed.order) == (0, RUN[2:]), allowed.output
    assert "services are not spread over the zones, although zoneops_return_spread is true" in words(allowed.output)
    away = playbook(zoneops_return_spread=True, answers={"zone_return": FAILED})
    assert "CinderAPI cinder-api: 2-1-0: spread by the run that returns the zone." in words(away.output)
    for done in (playbook(zoneops_return_spread=True), playbook(zoneops_allow=["pods"])):
        assert "spread" not in done.output.replace("pods of spread services", "")


def words(output: str) -> str:
    """Ansible breaks the lines of its warnings."""
    return " ".join(output.split())


def test_a_zone_has_nothing_of_what_is_done_in_another_one(playbook: Playbook) -> None:
    """Two zones in one play, of which one is not back: it is not spread, and that call says nothing about it."""
    zone = {"zone_state": "maintenance", "kubernetes": {}}
    hosts = {f"az{number}": {"zoneops_zone": {**zone, "compute": {"hosts": [f"c{number}"]}}} for number in (1, 2, 3)}
    del hosts["az3"]["zoneops_zone"]["kubernetes"]
    inventory = {"zones": {"hosts": hosts, "vars": {"zoneops_region": {"zones": list(hosts)}}}}
    (playbook.folder / "hosts.json").write_text(json.dumps(inventory))
    three = {
        name: bulk(az1=verdict(), az2=verdict(), az3=verdict())
        for name in ("node_maintenance", "pod_placement_info", "instance_ha")
    }
    three["zone_return"] = bulk(az1=verdict(), az2=verdict("no way", failed=True), az3=verdict())
    for spread, failures in (
        (bulk(az1=verdict("evicted", changed=True), az3=verdict()), {"az2": "no way"}),
        ({"failed": True, "msg": "no answer in time"}, {"az1": "no answer in time", "az2": "no way"}),
    ):
        (playbook.folder / "record").write_text("")
        answers = {**three, "pod_spread": spread}
        done = playbook("-l", "az1,az2,az3", zoneops_return_spread=True, answers=answers)
        assert done.calls[3][2]["limit"] == ["az1", "az3"]
        lines = map(json.loads, (playbook.folder / "record").read_text().splitlines())
        found = {one["host"]: one for one in lines if one["task"].endswith("Verify that the zone is back")}
        assert {host: one["result"]["msg"] for host, one in found.items() if one["outcome"] == "failed"} == failures
        assert [host for host, one in found.items() if one["result"]["changed"]] == ["az1"] * ("zones" in spread)


def test_a_person_is_asked_and_a_plan_is_saved(playbook: Playbook) -> None:
    looks = [(name, True) for name, _check in RUN]
    done = playbook(zoneops_confirm=True)
    assert (done.code, done.order) == (0, [*looks, ("confirm_plan", False), *RUN]), done.output
    no = playbook(zoneops_confirm=True, answers={"confirm_plan": {"failed": True, "msg": "not confirmed"}})
    assert (no.code != 0, no.order) == (True, [*looks, ("confirm_plan", False)])
    plan = str(playbook.folder / "plan.yml")
    saved = playbook("--check", zoneops_plan=plan)
    assert (saved.code, saved.order) == (0, looks), saved.output
    assert Path(plan).read_text().count("text: work") == 3
    given = {name: options.get("saved_plan") for name, _check, options in playbook(zoneops_plan=plan).calls}
    assert given == {name: None if name == "pod_placement_info" else plan for name, _check in RUN}
