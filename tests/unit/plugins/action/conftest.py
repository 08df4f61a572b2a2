# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What tests of a playbook begin with: it is the module's NAME, the actions CALLED are stood in for, and answer as GOOD says."""

from __future__ import annotations

from pathlib import Path

import pytest

from .standing_in import Playbook, copied


@pytest.fixture(scope="module")
def collections(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copied(tmp_path_factory.mktemp("collections"), request.module.CALLED)


@pytest.fixture
def playbook(request: pytest.FixtureRequest, tmp_path: Path, collections: Path) -> Playbook:
    return Playbook(request.module.NAME, tmp_path, collections, request.module.GOOD)
