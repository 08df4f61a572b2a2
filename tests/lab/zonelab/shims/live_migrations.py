# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A queue of live migrations for each host.

nova has one for each process, which is one for each host where every nova-compute is a process of its own. Here all hosts
would share it, and a single server of the whole region would move at a time.
"""

from __future__ import annotations

import threading
from typing import Any

from nova import thread_pool_factory
from nova.compute.manager import ComputeManager

LIVE = thread_pool_factory.ExecutorType.LIVE_MIGRATION
_now = threading.local()
_lock = threading.Lock()


def install() -> None:
    """Patch nova-compute of this process."""
    begin, executor = ComputeManager._start_recorded_task, thread_pool_factory.ThreadPoolFactory.get_executor

    def of_host(self: Any, *args: Any, **kwargs: Any) -> Any:
        _now.host = self.host
        try:
            return begin(self, *args, **kwargs)
        finally:
            _now.host = None

    def own(self: Any, kind: Any) -> Any:
        host = getattr(_now, "host", None)
        if kind is not LIVE or host is None:
            return executor(self, kind)
        with _lock:
            if (kind, host) not in self._all_executors:
                size = thread_pool_factory.ExecutorsPoolSize.get(kind)
                self._all_executors[kind, host] = self._new_executor(size, f"{kind.value}.{host}")
            return self._all_executors[kind, host]

    ComputeManager._start_recorded_task = of_host
    thread_pool_factory.ThreadPoolFactory.get_executor = own
