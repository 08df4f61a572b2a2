# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tasks: what is made or looked at, by whom, and how the cloud shows that it is done."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from benchmark.storage.cloud import IMAGES, Storage
from benchmark.storage.ways import Play, Shell, Way, backups, images, region, same, types

OURS, OTHER, CLIENTS = "zoneops", "openstack.cloud", "clients"
NAMES = " ".join(IMAGES)


@dataclass(frozen=True)
class Task:
    """What is measured.

    :ivar done: whether the cloud is as wanted; always, where a task only looks.
    :ivar drop: takes it all away; None where a task only looks.
    """

    name: str
    ways: tuple[Way, ...]
    done: Callable[[Storage], bool] = lambda _storage: True
    drop: Callable[[Storage], None] | None = None


TASKS = (
    Task(
        "volume types",
        (
            Play(OURS, "zoneops.openstack.volume_types", types("volume_types", "volume_backend_name")),
            Play(
                OTHER,
                "openstack.cloud.volume_type",
                same(
                    name="{{ item }}-gold",
                    is_public=True,
                    extra_specs={"RESKEY:availability_zones": "{{ item }}", "volume_backend_name": "{{ item }}"},
                ),
                loops=True,
            ),
        ),
        Storage.has_volume_types,
        Storage.drop_volume_types,
    ),
    Task(
        "share types",
        (
            Play(OURS, "zoneops.openstack.share_types", types("share_types", "share_backend_name")),
            Play(
                OTHER,
                "openstack.cloud.share_type",
                same(
                    name="{{ item }}-gold",
                    is_public=True,
                    driver_handles_share_servers=False,
                    extra_specs={"availability_zones": "{{ item }}", "share_backend_name": "{{ item }}"},
                ),
                loops=True,
            ),
        ),
        Storage.has_share_types,
        Storage.drop_share_types,
    ),
    Task(
        "images",
        (
            Play(OURS, "zoneops.openstack.images", images),
            Shell(
                CLIENTS,
                look=f"for name in {NAMES}; do openstack image show -c properties $name; done",
                make=f"""for name in {NAMES}; do
openstack image create --disk-format raw --container-format bare --public --file {{file}} $name > /dev/null
openstack image import --method copy-image --all-stores $name > /dev/null
while openstack image show -f json $name | grep -q os_glance_import_task; do sleep 2; done
done""",
            ),
        ),
        Storage.has_images,
        Storage.drop_images,
    ),
    Task(
        "block storage services",
        (
            Play(OURS, "zoneops.openstack.block_storage_services_info", region),
            Shell(
                CLIENTS,
                look="""openstack volume service list
openstack volume backend pool list --long
openstack availability zone list --volume
openstack availability zone list --compute
openstack volume type list --default""",
            ),
        ),
    ),
    Task(
        "share services",
        (
            Play(OURS, "zoneops.openstack.share_services_info", region),
            Shell(
                CLIENTS,
                look="""openstack share service list
openstack share pool list --detail
openstack share availability zone list
openstack availability zone list --compute""",
            ),
        ),
    ),
    Task(
        "backups",
        (
            Play(OURS, "zoneops.openstack.volume_backups", backups),
            Play(
                OTHER,
                "openstack.cloud.volume_backup",
                same(display_name="nightly-{{ item }}", volume="data-{{ item }}", state="present", timeout=600),
                loops=True,
            ),
        ),
        Storage.has_backups,
        Storage.drop_backups,
    ),
)
