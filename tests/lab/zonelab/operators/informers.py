# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Watch all kinds, and keep what was seen."""

from __future__ import annotations

import threading
import time
from http.client import HTTPException
from typing import TYPE_CHECKING

from zonelab.kube.api import ApiError
from zonelab.operators.world import VERSION, World, collection

if TYPE_CHECKING:
    from zonelab.kube.api import KubeApi
    from zonelab.operators.world import Object

TURN = 300  # seconds of one watch
PAUSE = 0.5


class Informers:
    """One thread per kind; `changed` is set by every event."""

    def __init__(self, api: KubeApi) -> None:
        """Nothing is watched yet."""
        self._api = api
        self._seen: dict[str, dict[str, Object]] = {}
        self._lock = threading.Lock()
        self.changed = threading.Event()

    def start(self) -> None:
        """Return when every kind was listed."""
        for kind in VERSION:
            version = self._list(kind)
            threading.Thread(target=self._follow, args=(kind, version), name=f"watch-{kind}", daemon=True).start()

    def world(self) -> World:
        """What is seen now."""
        with self._lock:
            return World({kind: dict(found) for kind, found in self._seen.items()})

    def _list(self, kind: str) -> str:
        answer = self._api.get(collection(kind))
        named = {"apiVersion": VERSION[kind], "kind": kind}
        with self._lock:
            self._seen[kind] = {one["metadata"]["name"]: {**one, **named} for one in answer["items"]}
        self.changed.set()
        return str(answer["metadata"]["resourceVersion"])

    def _follow(self, kind: str, version: str) -> None:
        while True:
            try:
                for event in self._api.watch(collection(kind), version, TURN):
                    if event["type"] == "ERROR":  # the version is too old
                        break
                    version = self._take(kind, event)
                version = self._list(kind)
            except (OSError, HTTPException, ApiError, ValueError):  # it is away for a moment, or ended in mid-line
                time.sleep(PAUSE)

    def _take(self, kind: str, event: Object) -> str:
        found = event["object"]
        with self._lock:
            if event["type"] == "DELETED":
                self._seen[kind].pop(found["metadata"]["name"], None)
            else:
                self._seen[kind][found["metadata"]["name"]] = found
        self.changed.set()
        return str(found["metadata"]["resourceVersion"])
