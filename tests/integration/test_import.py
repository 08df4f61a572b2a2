# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The way in for an operator who has zones already: import, and nothing is to be changed."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from .harness.block_storage import BlockStorage
from .harness.cloud import Cloud
from .harness.images import Images
from .harness.inventory import ZONES, hosts_of
from .harness.play import Player, Run
from .harness.shares import Shares

IMPORT = "zoneops.openstack.import"
SITE = "zoneops.openstack.site"
NO_INVENTORY = "localhost,"


def made_by_hand(cloud: Cloud) -> None:
    """Zones as people make them: an aggregate called otherwise, two of one zone, metadata, a name no inventory takes."""
    cloud.add_aggregate("az1", "az1", hosts_of("az1"), {"tier": "gold"})
    cloud.add_aggregate("az1-gpu", "az1", ["compute-az1-1"], {"gpu": "true"})
    cloud.add_aggregate("rack-2", "Zürich Süd/日本", hosts_of("az2"), {"size": "groß", "tier": "silver"})
    cloud.add_aggregate("ssd", None, ["compute-az3-0"], {"ssd": "true"})


def files_of(folder: Path) -> dict[str, str]:
    return {str(path.relative_to(folder)): path.read_text() for path in folder.rglob("*") if path.is_file()}


def imported(play: Player, folder: Path, *arguments: str) -> Run:
    run = play(IMPORT, NO_INVENTORY, "-e", "zoneops_cloud=lab", "-e", f"zoneops_import_dir={folder}", *arguments)
    assert run.written == []
    return run


@pytest.mark.aged
@pytest.mark.edge
def test_imported_zones_need_no_change(play: Player, cloud: Cloud, tmp_path: Path) -> None:
    made_by_hand(cloud)
    folder = tmp_path / "inventory"
    assert imported(play, folder, "--check").rc == 0
    assert not folder.exists()

    assert imported(play, folder).rc == 0
    files = files_of(folder)
    zones = {"Zurich-Sud", "az1"}
    assert set(files) == {"hosts.yml", "group_vars/zones.yml", *(f"host_vars/{zone}.yml" for zone in zones)}
    assert yaml.safe_load(files["host_vars/Zurich-Sud.yml"])["zoneops_zone"] == {
        "availability_zone": "Zürich Süd/日本",
        "compute": {
            "aggregate": "rack-2",
            "hosts": hosts_of("az2"),
            "metadata": {"size": "groß", "tier": "silver"},
        },
    }
    assert "also that of aggregate 'az1-gpu'" in files["host_vars/az1.yml"]
    assert "Compute hosts in no availability zone: compute-az3-0, compute-az3-1." in files["group_vars/zones.yml"]

    site = play(SITE, folder, "--check", "--diff")
    assert (site.rc, site.written) == (0, [])
    assert site.plans == {zone: [] for zone in zones}
    assert site.changed_hosts == set()

    again = imported(play, folder)
    assert (again.rc, again.changed_hosts) == (0, set())
    assert files_of(folder) == files


@pytest.mark.aged
def test_storage_that_is_imported_needs_no_change(play: Player, cloud: Cloud, tmp_path: Path) -> None:
    """Stores, types with who may use them, and that every public image is everywhere."""
    volumes, shares, images = BlockStorage(cloud), Shares(cloud), Images(cloud)
    for found in (volumes, shares, images):
        found.empty()
    for zone in ZONES:
        cloud.add_aggregate(zone, zone, hosts_of(zone))
    volumes.add_type(
        "gold", {"RESKEY:availability_zones": "az1,az2", "a": "b"}, public=False, projects=[volumes.project]
    )
    shares.add_type("gold", {"availability_zones": "az2", "share_backend_name": "az2"})
    images.add("cirros", b"raw", ZONES, visibility="public")
    folder = tmp_path / "inventory"
    assert imported(play, folder).rc == 0
    region = yaml.safe_load((folder / "group_vars" / "zones.yml").read_text())["zoneops_region"]
    assert region["volume_types"] == [
        {
            "name": "gold",
            "zones": ["az1", "az2"],
            "extra_specs": {"a": "b"},
            "public": False,
            "projects": [volumes.project],
        }
    ]
    expected = {"name": "gold", "zones": ["az2"], "share_backend_name": "az2", "driver_handles_share_servers": False}
    assert region["share_types"] == [expected]
    # The lab has a cinder-backup in each zone, and no API tells whether their targets are one.
    assert "backup" not in region
    assert "`backup` was not imported: there is a cinder-backup in every zone" in (
        folder / "group_vars" / "zones.yml"
    ).read_text().replace("\n# ", " ")
    assert region["images"] == [{"name": "public images", "select": "visibility == 'public'"}]
    third = yaml.safe_load((folder / "host_vars" / "az3.yml").read_text())["zoneops_zone"]
    assert third["image_store"] == {}
    assert third["volume_backends"] == third["share_backends"] == [{"name": "az3"}]

    site = play(SITE, folder, "--check", "--diff")
    assert (site.rc, site.written) == (0, [])
    assert site.plans == {zone: [] for zone in ZONES}
    for found in (volumes, shares, images):
        found.empty()


def test_text_that_looks_like_a_template_needs_no_change(play: Player, cloud: Cloud, tmp_path: Path) -> None:
    """What the cloud has is never run on the controller, and is not changed either."""
    volumes, shares = BlockStorage(cloud), Shares(cloud)
    for found in (volumes, shares):
        found.empty()
    touched = tmp_path / "touched"
    hostile = f"{{{{ lookup('pipe', 'touch {touched}') }}}}"
    texts = {"a": hostile, "b": "{% for %}", "c": "{# gone #}", "d": "{zone}", "e": r"\{zone} {{zone}}"}
    text = f"{{zone}} {hostile}"
    cloud.add_aggregate("az1", "az1", hosts_of("az1"), texts)
    cloud.add_aggregate(f"agg {hostile}", f"{{{{ {hostile.replace(':', '')} }}}} {{zone}}", hosts_of("az2"), texts)
    cloud.add_aggregate("az3", "az3", hosts_of("az3"), {"note": "ESC \x1b[31m", "url": "https://u:p4ss@h"})
    volumes.add_type("gold", {"RESKEY:availability_zones": "az1", **texts}, public=False, projects=[volumes.project])
    volumes.add_type("of {zone}", {"RESKEY:availability_zones": "az1,az3", "note": text})
    shares.add_type("gold", {"availability_zones": "az1", **texts})
    shares.add_type("of {zone}", {"availability_zones": "az1,az3", "note": text})
    shares.add_type("plain", {"availability_zones": "az3"}, description=text)
    folder = tmp_path / "inventory"

    run = imported(play, folder)
    assert run.rc == 0, run.output
    assert "\x1b[31m" not in run.output
    assert "p4ss" not in run.output + "".join(files_of(folder).values())
    assert "Metadata 'url' of aggregate 'az3' looks like a secret" in (folder / "host_vars" / "az3.yml").read_text()
    site = play(SITE, folder, "--check", "--diff")
    assert (site.rc, site.written) == (0, []), site.output
    assert [plan for plan in site.plans.values() if plan] == []
    assert len(site.plans) == 3
    assert imported(play, folder).changed_hosts == set()
    assert not touched.exists()
    for found in (volumes, shares):
        found.empty()


def test_files_that_differ_are_not_overwritten(play: Player, cloud: Cloud, tmp_path: Path) -> None:
    cloud.add_aggregate("az1", "az1", hosts_of("az1"))
    assert imported(play, tmp_path).rc == 0
    changed = tmp_path / "host_vars" / "az1.yml"
    changed.write_text(changed.read_text() + "# a remark of the operator's\n")
    (tmp_path / "hosts.yml").unlink()
    files = files_of(tmp_path)

    run = imported(play, tmp_path)
    assert run.rc != 0
    assert (
        f"Nothing was written: {changed} exists and differs from what the cloud has. Move it elsewhere, or overwrite it "
        "with -e zoneops_import_overwrite=true"
    ) in run.failures["localhost"]
    assert files_of(tmp_path) == files

    assert imported(play, tmp_path, "-e", "zoneops_import_overwrite=true").rc == 0
    assert "remark of the operator" not in changed.read_text()


def test_nothing_to_import(play: Player, cloud: Cloud, tmp_path: Path) -> None:
    cloud.add_aggregate("ssd", None, ["compute-az3-0"])
    folder = tmp_path / "inventory"
    run = imported(play, folder)
    assert run.rc != 0
    assert "no host aggregate of the cloud has a zone that can be imported" in run.failures["localhost"]
    assert not folder.exists()
