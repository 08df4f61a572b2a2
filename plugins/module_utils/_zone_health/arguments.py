# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The arguments of the event source. ansible-rulebook hands them over unchecked, and as text where a rulebook has a template."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .._plan.errors import ZoneopsError
from .._plan.limits import refuse_wrong_seconds
from .._plan.text.near import nearest, refuse_unknown
from .hysteresis import Patience
from .judge import SERVICES

#: Those that only say which cloud, and how to sign in.
OF_CLOUD = (
    *("cloud", "auth", "auth_type", "region_name", "interface"),
    *("validate_certs", "ca_cert", "client_cert", "client_key"),
)
INTERFACES = ("public", "internal", "admin")
_NO_TEXT = {"cloud", "auth", "validate_certs"}
OF_CLUSTER = ("kubeconfig", "context")
SECONDS = {"interval": 10.0, "timeout": 30.0, "connect_timeout": 10.0, "api_timeout": 20.0}
LOOKS = {"confirm": 3, "recover": 3}
MOST_LOOKS = 1000
DEFAULT_SIGHT = "default"
#: What ansible-rulebook itself adds, or takes from the arguments.
_NOT_OURS = {"feedback", "eda_feedback_queue"}
_KNOWN = (*OF_CLOUD, *OF_CLUSTER, *SECONDS, *LOOKS, "services", "seen_from", "inventory_names")


@dataclass(frozen=True)
class Arguments:
    """Checked.

    :ivar cloud: what `connect` takes.
    :ivar cluster: the same for Kubernetes; None where nodes are not watched.
    """

    cloud: Mapping[str, Any]
    cluster: Mapping[str, Any] | None
    services: tuple[str, ...]
    patience: Patience
    interval: float
    seen_from: str
    names: Mapping[str, str] = field(default_factory=dict)

    @property
    def timeout(self) -> float:
        """Seconds that one look may take."""
        return float(self.cloud["timeout"])


def arguments_of(given: Mapping[str, Any]) -> Arguments:
    """Raises ZoneopsError for what cannot be meant."""
    for name in given:
        if name not in {*_KNOWN, *_NOT_OURS}:
            raise ZoneopsError(f"zone_health has no argument '{name}'{nearest(str(name), _KNOWN)}.")
    # An empty text is what a template makes of a variable that is not set.
    said = {name: value for name, value in given.items() if value is not None and value != ""}
    seconds = {name: _number(name, said.get(name, default)) for name, default in SECONDS.items()}
    refuse_wrong_seconds(seconds, seconds)
    looks = {name: _looks(name, said.get(name, default)) for name, default in LOOKS.items()}
    limits = {name: seconds[name] for name in SECONDS if name != "interval"}
    cloud = {name: said[name] for name in OF_CLOUD if name in said}
    _refuse_wrong_cloud(cloud)
    if "validate_certs" in cloud:
        cloud["validate_certs"] = _truth("validate_certs", cloud["validate_certs"])
    cluster = {name: str(said[name]) for name in OF_CLUSTER if name in said}
    if "context" in cluster and "kubeconfig" not in cluster:
        raise ZoneopsError("argument 'context' needs 'kubeconfig': name the file too.")
    return Arguments(
        cloud={**cloud, **limits},
        cluster={**cluster, **limits} if cluster else None,
        services=_services(said.get("services", SERVICES)),
        patience=Patience(**looks),
        interval=seconds["interval"],
        seen_from=str(said.get("seen_from", DEFAULT_SIGHT)),
        names=_names(said.get("inventory_names", {})),
    )


def _refuse_wrong_cloud(cloud: Mapping[str, Any]) -> None:
    """Without the values: any of them may be a secret in the wrong place."""
    for name, value in cloud.items():
        mapping = isinstance(value, Mapping)
        if name == "auth" and not mapping:
            raise ZoneopsError(
                "argument 'auth' is no mapping: give what the authentication plugin takes, or use a clouds.yaml."
            )
        if name == "cloud" and not mapping and not isinstance(value, str):
            raise ZoneopsError("argument 'cloud' is neither the name of a cloud in clouds.yaml nor a mapping.")
        if name not in _NO_TEXT and not isinstance(value, str):
            raise ZoneopsError(f"argument '{name}' is no text.")
    if cloud.get("interface", INTERFACES[0]) not in INTERFACES:
        raise ZoneopsError(
            f"argument 'interface' names no kind of endpoints{nearest(cloud['interface'], INTERFACES)}: choose from {', '.join(INTERFACES)}."
        )


def _number(name: str, value: Any, unit: str = "seconds") -> float:
    try:
        return float(value if not isinstance(value, bool) else "")
    except (TypeError, ValueError):
        raise ZoneopsError(f"argument '{name}' is not a number: give {unit}.") from None


def _looks(name: str, value: Any) -> int:
    found = _number(name, value, "how many looks")
    if not 1 <= found <= MOST_LOOKS or found != int(found):
        raise ZoneopsError(f"argument '{name}' is {found:g}: it must be a number of looks, from 1 to {MOST_LOOKS}.")
    return int(found)


def _truth(name: str, value: Any) -> bool:
    words = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
    found = words.get(str(value).lower())
    if found is None:
        raise ZoneopsError(f"argument '{name}' is neither true nor false.")
    return found


def _services(value: Any) -> tuple[str, ...]:
    listed = [one.strip() for one in value.split(",")] if isinstance(value, str) else value
    if not isinstance(listed, (list, tuple)) or not listed:
        raise ZoneopsError(f"argument 'services' is no list: choose from {', '.join(SERVICES)}.")
    if "" in listed:
        raise ZoneopsError("argument 'services' has an empty name: separate names by single commas.")
    names = tuple(dict.fromkeys(str(one) for one in listed))
    refuse_unknown("'services'", "service", names, SERVICES)
    return names


def _names(value: Any) -> dict[str, str]:
    if not isinstance(value, Mapping):
        raise ZoneopsError(
            "argument 'inventory_names' is no mapping: give the inventory name of each availability zone that has another one there."
        )
    return {str(zone): str(name) for zone, name in value.items()}
