# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""manila's dummy driver, whose shares are exported in the zone's own storage network, and which can be made to fail."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from manila import exception
from manila.tests.share.drivers import dummy
from oslo_config import cfg

from zonelab.failing import Failing

if TYPE_CHECKING:
    from collections.abc import Callable

OPTIONS = [cfg.StrOpt("lab_export_network", help="The first three numbers of the back end's addresses.")]
ADMIN, PRIMARY, SECONDARY = 11, 10, 20


def touches_storage(name: str) -> Callable[..., Any]:
    """The dummy driver's method, which fails while the back end was told to fail."""
    method = getattr(dummy.DummyDriver, name)

    @functools.wraps(method)
    def guarded(self: ZoneShareDriver, *args: Any, **kwargs: Any) -> Any:
        if complaint := self.failing.complaint("share-backend", self.configuration.config_group):
            raise exception.ShareBackendException(msg=complaint)
        return method(self, *args, **kwargs)

    return guarded


class ZoneShareDriver(dummy.DummyDriver):
    """The NFS gateway of one zone: an address for users, a second one, and one for administrators."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Know the zone's network."""
        super().__init__(*args, **kwargs)
        self.configuration.append_config_values(OPTIONS)
        self.failing = Failing.of_this_process()

    def _generate_export_locations(self, mountpoint: str, share_server: Any = None) -> list[Any]:
        network = self.configuration.lab_export_network
        return [
            self._get_export(mountpoint, f"{network}.{ADMIN}", True, False),
            self._get_export(mountpoint, f"{network}.{PRIMARY}", False, True),
            self._get_export(mountpoint, f"{network}.{SECONDARY}", False, False),
        ]

    create_share = touches_storage("create_share")
    create_share_from_snapshot = touches_storage("create_share_from_snapshot")
    delete_share = touches_storage("delete_share")
    create_snapshot = touches_storage("create_snapshot")
    delete_snapshot = touches_storage("delete_snapshot")
    update_access = touches_storage("update_access")
    extend_share = touches_storage("extend_share")
    shrink_share = touches_storage("shrink_share")
    _update_share_stats = touches_storage("_update_share_stats")
