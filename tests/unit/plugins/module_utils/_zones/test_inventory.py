# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is the same on all hosts is no problem; what differs is named with its values and hosts, secrets excepted."""

from __future__ import annotations

from ansible_collections.zoneops.openstack.plugins.module_utils._zones.inventory import NOT_SET, differences, plain


def test_equal_values_are_no_problem() -> None:
    assert differences("zoneops_region", {"az1": {"zones": ["az1"]}, "az2": {"zones": ["az1"]}}) == []
    assert differences("zoneops_allow", {"az1": NOT_SET, "az2": NOT_SET}) == []


def test_the_key_that_differs_is_named_with_values_and_hosts() -> None:
    regions = {f"az{number}": {"cloud": "a", "zones": []} for number in range(1, 6)}
    regions["az6"] = {"cloud": "b", "zones": []}
    (problem,) = differences("zoneops_region", regions)
    assert (problem.zone, problem.path) == ("", "cloud")
    assert problem.rule.startswith("differs between zones ('a' on az1, az2, az3 and 2 more; 'b' on az6)")


def test_a_missing_key_and_a_missing_variable_differ() -> None:
    (problem,) = differences("zoneops_region", {"az1": {"cloud": "a"}, "az2": {}})
    assert "'a' on az1; not set on az2" in problem.rule
    (problem,) = differences("zoneops_region", {"az1": {"cloud": "a"}, "az2": NOT_SET})
    assert problem.path == "zoneops_region"
    assert "not set on az2" in problem.rule


def test_one_and_true_are_not_the_same() -> None:
    assert differences("zoneops_purge_hosts", {"az1": 1, "az2": True})


def test_secrets_are_not_shown() -> None:
    (problem,) = differences("zoneops_region", {"az1": {"password": "hunter2"}, "az2": {"password": "other"}})
    assert "hunter2" not in str(problem)


class Tagged(str):
    """Text as newer ansible-core hands it out."""

    __slots__ = ()


def test_plain_data_have_plain_types() -> None:
    found = plain({Tagged("a"): [Tagged("b"), (1, None)]})
    assert found == {"a": ["b", [1, None]]}
    assert [type(key) for key in found] == [str]
    assert found["a"][0].__class__ is str
