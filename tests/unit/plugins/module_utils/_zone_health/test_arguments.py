# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The arguments of the event source, of which ansible-rulebook checks nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.errors import ZoneopsError
from ansible_collections.zoneops.openstack.plugins.module_utils._zone_health import arguments
from ansible_collections.zoneops.openstack.plugins.module_utils._zone_health.arguments import arguments_of
from ansible_collections.zoneops.openstack.plugins.module_utils._zone_health.hysteresis import Patience
from ansible_collections.zoneops.openstack.plugins.module_utils._zone_health.judge import SERVICES

SOURCE = Path(__file__).parents[5] / "extensions" / "eda" / "plugins" / "event_source" / "zone_health.py"


def test_defaults() -> None:
    found = arguments_of({})
    assert (found.services, found.patience, found.interval) == (("nova", "cinder", "manila"), Patience(3, 3), 10.0)
    assert (found.seen_from, found.cluster, found.timeout) == ("default", None, 30.0)
    assert found.cloud == {"timeout": 30.0, "connect_timeout": 10.0, "api_timeout": 20.0}


def test_what_templates_make_of_variables() -> None:
    """Text, and an empty text of one that is not set."""
    given = {"cloud": "", "interval": "5", "confirm": "2", "services": "nova, cinder", "validate_certs": "False"}
    found = arguments_of({**given, "kubeconfig": "", "eda_feedback_queue": object()})
    assert (found.interval, found.patience.confirm, found.services) == (5.0, 2, ("nova", "cinder"))
    assert found.cloud["validate_certs"] is False
    assert "cloud" not in found.cloud
    assert found.cluster is None


def test_nodes() -> None:
    found = arguments_of({"kubeconfig": "/k", "context": "c"})
    assert found.cluster == {
        "kubeconfig": "/k",
        "context": "c",
        "timeout": 30.0,
        "connect_timeout": 10.0,
        "api_timeout": 20.0,
    }


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"intervall": 5}, "no argument 'intervall' (did you mean interval or interface?)"),
        ({"interval": 0}, "option 'interval' is 0: it must be a number of seconds above 0"),
        ({"timeout": "soon"}, "argument 'timeout' is not a number"),
        ({"timeout": True}, "argument 'timeout' is not a number"),
        ({"confirm": 0}, "argument 'confirm' is 0: it must be a number of looks, from 1 to 1000"),
        ({"recover": 1.5}, "argument 'recover' is 1.5"),
        ({"services": ["nova", "heat"]}, "no service is named heat"),
        ({"services": 3}, "argument 'services' is no list"),
        ({"validate_certs": "maybe"}, "argument 'validate_certs' is neither true nor false"),
        ({"inventory_names": "az1"}, "argument 'inventory_names' is no mapping"),
        ({"confirm": True}, "argument 'confirm' is not a number: give how many looks"),
        ({"services": "nova, cinder,"}, "argument 'services' has an empty name: separate names by single commas"),
        ({"interface": "publc"}, "argument 'interface' names no kind of endpoints (did you mean public?): choose from"),
        ({"cloud": ["lab"]}, "argument 'cloud' is neither the name of a cloud in clouds.yaml nor a mapping"),
        ({"region_name": 1}, "argument 'region_name' is no text"),
        ({5: 1}, "zone_health has no argument '5'"),
        ({"context": "c"}, "argument 'context' needs 'kubeconfig'"),
    ],
)
def test_what_cannot_be_meant(given: dict[str, Any], message: str) -> None:
    with pytest.raises(ZoneopsError) as caught:
        arguments_of(given)
    assert message in caught.value.message


def test_what_may_be_a_secret_is_not_repeated() -> None:
    with pytest.raises(ZoneopsError) as caught:
        arguments_of({"auth": "open sesame"})
    assert caught.value.message.startswith("argument 'auth' is no mapping")
    assert "sesame" not in caught.value.message


def test_the_documentation_has_all_of_them_with_their_defaults() -> None:
    text = SOURCE.read_text().split('r"""')[1].split('"""')[0]
    options = yaml.safe_load(text)["options"]
    assert sorted(options) == sorted(arguments._KNOWN)
    assert tuple(options["interface"]["choices"]) == arguments.INTERFACES
    said = {name: option["default"] for name, option in options.items() if "default" in option}
    numbers = {**arguments.SECONDS, **arguments.LOOKS}
    assert {name: said[name] for name in numbers} == numbers
    assert (tuple(said["services"]), said["seen_from"]) == (SERVICES, arguments.DEFAULT_SIGHT)
