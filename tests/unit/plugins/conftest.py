# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A cloud that stands in, and an environment without the clouds, proxies and credentials of whoever runs the tests."""

from __future__ import annotations

import os
from collections.abc import Iterator
from copy import copy
from pathlib import Path

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.text.scrub import SCRUBBER
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._openstack.stand_in import (
    StandIn,
    standing_in,
)
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._plan.pure_plans import watching


@pytest.fixture(scope="session", autouse=True)
def plans_are_pure() -> Iterator[None]:
    """Whatever a test makes a reconciler plan changes nothing but what it returns."""
    with watching(twice=False):
        yield


@pytest.fixture(autouse=True)
def no_secrets_of_other_tests() -> Iterator[None]:
    """A process knows the secrets of one call; that of the tests would mask words of a later one."""
    kept = {name: copy(value) for name, value in vars(SCRUBBER).items()}
    yield
    vars(SCRUBBER).update(kept)


def _clear(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    for name in os.environ:
        if (
            name.startswith(("OS_", "K8S_AUTH_", "KUBE"))
            or name.lower().endswith("_proxy")
            or name.endswith("_CA_BUNDLE")
        ):
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("OS_CLIENT_CONFIG_FILE", str(home / "clouds.yaml"))
    # openstacksdk 4.2 adds the file of the environment to this list for good, so that the next test would see it.
    monkeypatch.setattr("openstack.config.loader.CONFIG_FILES", [])


@pytest.fixture
def nobodys_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """clouds.yaml is the one in `tmp_path`."""
    _clear(monkeypatch, tmp_path)


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[StandIn]:
    """A stand-in with all the services that this collection knows."""
    _clear(monkeypatch, tmp_path)
    with standing_in() as running:
        yield running


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Retries do not wait; the waits that they asked for are the value."""
    waits: list[float] = []
    monkeypatch.setattr("keystoneauth1.session.time.sleep", waits.append)
    return waits
