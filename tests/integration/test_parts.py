# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tags choose parts of a run; what would run nothing is refused."""

from __future__ import annotations

from .conftest import MakeInventory
from .harness.block_storage import BlockStorage
from .harness.cloud import Cloud
from .harness.inventory import EXAMPLE, ZONES, hosts_of
from .harness.play import Player
from .harness.shares import Shares
from .test_site import CONVERGED, SITE, VERIFY, verdicts

# A part that has something to do in each zone, beside its hosts.
TYPES = {
    "volume_types": [{"name": "{zone}-gold", "volume_backend_name": "{zone}"}],
    "share_types": [{"name": "{zone}-gold", "share_backend_name": "{zone}"}],
}
WHOLE = {
    zone: {
        "compute": {"hosts": hosts_of(zone)},
        "volume_backends": [{"name": zone}],
        "share_backends": [{"name": zone}],
    }
    for zone in ZONES
}


def test_tags_choose_parts(play: Player, cloud: Cloud, make_inventory: MakeInventory) -> None:
    volumes, shares = BlockStorage(cloud), Shares(cloud)
    volumes.empty()
    shares.empty()
    inventory = make_inventory(WHOLE, TYPES)
    run = play(SITE, inventory, "--tags", "availability_zones", "--check")
    assert (run.rc, run.written) == (0, [])
    assert {text for plan in run.plans.values() for text in plan if "type" in text} == set()

    run = play(SITE, inventory, "--tags", "availability_zones")
    assert run.rc == 0
    assert cloud.aggregates() == CONVERGED
    assert verdicts(run) == dict.fromkeys(ZONES, "changed")
    assert [call for call in run.written if "/types" in call] == []

    verify = play(VERIFY, inventory, "--tags", "availability_zones")
    assert (verify.rc, verify.written) == (0, [])
    assert verdicts(verify) == dict.fromkeys(ZONES, "ok")

    verify = play(VERIFY, inventory, "--tags", "block_storage")
    assert verify.rc != 0
    assert verdicts(verify) == dict.fromkeys(ZONES, "FAILED")

    run = play(SITE, inventory, "--skip-tags", "shared_file_systems,images")
    assert run.rc == 0
    assert verdicts(run) == dict.fromkeys(ZONES, "changed")
    assert set(volumes.types()) == {f"{zone}-gold" for zone in ZONES}
    assert [call for call in run.written if call.startswith("manila ")] == []
    volumes.empty()


def test_what_would_run_nothing_is_refused(play: Player, cloud: Cloud) -> None:
    for playbook, options, said in (
        (SITE, ("--tags", "image"), "--tags: the playbook site has no tag image (did you mean images?)"),
        (SITE, ("--tags", "control_plane"), "the tags choose control_plane, which the zone map does not have"),
        (VERIFY, ("--skip-tags", "bloc_storage"), "--skip-tags: the playbook verify has no tag bloc_storage"),
        (
            "zoneops.openstack.zone_remove",
            ("--limit", "az1", "-e", "zoneops_remove=az2"),
            "--limit excludes zone az2",
        ),
        (
            "zoneops.openstack.render",
            ("--limit", "az1", "-e", "zoneops_render_dir=out"),
            "--limit excludes localhost, on which the playbook render runs",
        ),
        (
            "zoneops.openstack.import",
            ("-e", "zoneops_import_overwrite=perhaps"),
            "zoneops_import_overwrite = 'perhaps'",
        ),
    ):
        run = play(playbook, EXAMPLE, *options)
        assert run.rc != 0, playbook
        assert said in run.output, run.output
        assert run.calls("nova") == []
    assert cloud.aggregates() == {}
