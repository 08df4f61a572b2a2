# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A cinder volume driver whose volumes are sparse files: no root, no kernel module, and real data."""

from __future__ import annotations

import functools
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cinder import exception, interface
from cinder.image import image_utils
from cinder.volume import configuration, driver, volume_utils
from oslo_config import cfg
from oslo_utils import units

from zonelab import qcow2
from zonelab.failing import Failing
from zonelab.sparse import copy_sparse

if TYPE_CHECKING:
    from collections.abc import Callable

OPTIONS = [cfg.StrOpt("lab_volume_dir", help="Folder of this back end's volumes and snapshots.")]
cfg.CONF.register_opts(OPTIONS, group=configuration.SHARED_CONF_GROUP)
# What a gigabyte of a volume takes in its file at least: a backup reads and hashes all of it, also where it is a hole.
GIGABYTE = 32 * units.Mi


def touches_storage(method: Callable[..., Any]) -> Callable[..., Any]:
    """What fails while the back end was told to fail."""

    @functools.wraps(method)
    def guarded(self: FileVolumeDriver, *args: Any, **kwargs: Any) -> Any:
        if complaint := self.failing.complaint("backend", self.configuration.config_group):
            raise exception.VolumeBackendAPIException(data=complaint)
        return method(self, *args, **kwargs)

    return guarded


@interface.volumedriver
class FileVolumeDriver(driver.VolumeDriver):
    """One file per volume and per snapshot."""

    VERSION = "1.0"
    CI_WIKI_NAME = "none"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Know the folder of this back end."""
        super().__init__(*args, **kwargs)
        self.configuration.append_config_values(OPTIONS)
        self.folder = Path(self.configuration.lab_volume_dir)
        self.failing = Failing.of_this_process()

    def do_setup(self, context: Any) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)

    def check_for_setup_error(self) -> None:
        pass

    def _grow(self, name: str, gigabytes: int) -> None:
        with (self.folder / name).open("ab") as file:
            file.truncate(max(file.tell(), int(gigabytes) * GIGABYTE))

    @touches_storage
    def create_volume(self, volume: Any) -> None:
        self._grow(volume.name, volume.size)

    @touches_storage
    def delete_volume(self, volume: Any) -> None:
        (self.folder / volume.name).unlink(missing_ok=True)

    @touches_storage
    def create_snapshot(self, snapshot: Any) -> None:
        copy_sparse(self.folder / snapshot.volume_name, self.folder / snapshot.name)

    @touches_storage
    def delete_snapshot(self, snapshot: Any) -> None:
        (self.folder / snapshot.name).unlink(missing_ok=True)

    @touches_storage
    def create_volume_from_snapshot(self, volume: Any, snapshot: Any) -> None:
        copy_sparse(self.folder / snapshot.name, self.folder / volume.name)
        self._grow(volume.name, volume.size)

    @touches_storage
    def create_cloned_volume(self, volume: Any, src_vref: Any) -> None:
        copy_sparse(self.folder / src_vref.name, self.folder / volume.name)
        self._grow(volume.name, volume.size)

    @touches_storage
    def extend_volume(self, volume: Any, new_size: int) -> None:
        self._grow(volume.name, new_size)

    def ensure_export(self, context: Any, volume: Any) -> None:
        pass

    def create_export(self, context: Any, volume: Any, connector: Any) -> None:
        pass

    def remove_export(self, context: Any, volume: Any) -> None:
        pass

    @touches_storage
    def initialize_connection(self, volume: Any, connector: Any) -> dict[str, Any]:
        data = {"device_path": str(self.folder / volume.name), "access_mode": "rw"}
        return {"driver_volume_type": "local", "data": data}

    def terminate_connection(self, volume: Any, connector: Any, **kwargs: Any) -> None:
        pass

    @touches_storage
    def clone_image(
        self, context: Any, volume: Any, image_location: Any, image_meta: Any, image_service: Any
    ) -> tuple[dict[str, Any] | None, bool]:
        """A raw image is the volume's content as it is, a plain qcow2 nearly; only others need qemu-img."""
        path = self.folder / volume.name
        if image_meta["disk_format"] == "raw":
            with path.open("wb") as file:
                image_service.download(context, image_meta["id"], file)
        elif image_meta["disk_format"] == "qcow2":
            with tempfile.NamedTemporaryFile(dir=self.folder) as file:
                image_service.download(context, image_meta["id"], file)
                file.flush()
                try:
                    qcow2.expand(file.name, path)
                except qcow2.NotPlainError:
                    return None, False
            if path.stat().st_size > volume.size * units.Gi:
                reason = f"its virtual size is larger than {volume.size} GB"
                raise exception.ImageUnacceptable(image_id=image_meta["id"], reason=reason)
        else:
            return None, False
        self._grow(volume.name, volume.size)
        return None, True

    @touches_storage
    def copy_image_to_volume(
        self, context: Any, volume: Any, image_service: Any, image_id: str, disable_sparse: bool = False
    ) -> None:
        path = str(self.folder / volume.name)
        image_utils.fetch_to_raw(context, image_service, image_id, path, "1M", size=volume.size, run_as_root=False)
        self._grow(volume.name, volume.size)

    @touches_storage
    def copy_volume_to_image(self, context: Any, volume: Any, image_service: Any, image_meta: Any) -> None:
        path = str(self.folder / volume.name)
        volume_utils.upload_volume(context, image_service, image_meta, path, volume, run_as_root=False)

    def get_volume_stats(self, refresh: bool = False) -> dict[str, Any]:
        self._stats: dict[str, Any] = {
            "volume_backend_name": self.configuration.safe_get("volume_backend_name"),
            "vendor_name": "zonelab",
            "driver_version": self.VERSION,
            "storage_protocol": "local",
            "total_capacity_gb": 1000,
            "free_capacity_gb": 900,
            "provisioned_capacity_gb": 0,
            "reserved_percentage": 0,
            "max_over_subscription_ratio": "20.0",
            "thin_provisioning_support": True,
            "multiattach": True,
            "location_info": f"FileVolumeDriver:{self.folder.resolve()}",
            "backend_state": "down" if self.failing.how("backend", self.configuration.config_group) else "up",
        }
        return self._stats
