# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What cinder 29 needs to run all its services in one process of native threads, without root."""

from __future__ import annotations

import functools
import threading
from typing import Any

import cinder.privsep
import cinder.utils
import cinder.volume.volume_utils
import eventlet.tpool
from cinder import service
from cinder.backup.manager import BackupManager

from zonelab.shims.privilege import run_unprivileged

#: Seconds that a target may take; one that hangs is set up later.
PATIENCE = 10.0


def install() -> None:
    """Patch the process; after the API is loaded, before any service is made."""
    # cinder calls eventlet's thread pool in threading mode too; its hub never wakes in a second thread.
    eventlet.tpool.execute = lambda function, *args, **kwargs: function(*args, **kwargs)
    eventlet.tpool.Proxy = lambda wrapped, *args, **kwargs: wrapped
    run_unprivileged(cinder.privsep.sys_admin_pctxt)
    cinder.utils.get_root_helper = lambda: "env"  # qemu-img runs as this user
    _ask_about_this_machine_once()
    _give_each_service_its_heartbeat()
    _set_backups_up_before_they_are_announced()


def _ask_about_this_machine_once() -> None:
    """os-brick starts eight programs for each backup to learn what disks this machine could reach, which is always the same: none."""
    ask = functools.cache(cinder.volume.volume_utils.brick_get_connector_properties)
    cinder.volume.volume_utils.brick_get_connector_properties = lambda *args, **kwargs: dict(ask(*args, **kwargs))


def _give_each_service_its_heartbeat() -> None:
    """cinder keeps the service id in a class attribute: without this only the last started service stays up."""
    report_state, lock = service.Service.report_state, threading.Lock()

    def report_own_state(self: Any) -> None:
        with lock:
            service.Service.service_id = self.origin_service_id
            report_state(self)

    service.Service.report_state = report_own_state


def _set_backups_up_before_they_are_announced() -> None:
    """cinder-backup reaches for its target in a thread: announced before that has ended, it takes no backup for a minute."""
    set_up, attempt = BackupManager.setup_backup_backend, BackupManager._setup_backup_driver

    def set_up_and_wait(self: Any, context: Any) -> None:
        self.lab_tried = threading.Event()
        set_up(self, context)
        self.lab_tried.wait(PATIENCE)

    def attempt_and_tell(self: Any, context: Any) -> None:
        try:
            attempt(self, context)
        finally:
            self.lab_tried.set()

    BackupManager.setup_backup_backend = set_up_and_wait
    BackupManager._setup_backup_driver = attempt_and_tell
