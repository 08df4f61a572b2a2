# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A glance that stands in for the real one, in memory, behind the `Service` object of a cloud. It answers as glance 33.0.0 was seen to.

Imports and copies are done at the next look at their image. Any write can be made to fail, or its answer to get lost.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

from ansible_collections.zoneops.openstack.plugins.module_utils._block_storage.api.model import ImageVolume
from ansible_collections.zoneops.openstack.plugins.module_utils._compute.model import Server
from ansible_collections.zoneops.openstack.plugins.module_utils._image.glance import Glance
from ansible_collections.zoneops.openstack.plugins.module_utils._image.options import Options
from ansible_collections.zoneops.openstack.plugins.module_utils._image.reconcile import Images
from ansible_collections.zoneops.openstack.plugins.module_utils._openstack.errors import ApiError
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.converge import Converge
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.deadline import Deadline
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.verdict import Verdict
from ansible_collections.zoneops.openstack.plugins.module_utils._zones.load import load_map

PROJECT = "me"
REFUSED = "refused"  # the call fails and nothing happens
LOST = "lost"  # the call takes effect and its answer gets lost
ZONES = ("az1", "az2", "az3")


@dataclass
class StandIn:
    """One glance.

    :ivar stores: its stores with their types, the first one is the default.
    :ivar down: stores that cannot be written.
    :ivar web: what is behind addresses.
    :ivar busy: how many looks an import takes.
    :ivar together: imports end only once so many have been at work at a time.
    :ivar most: so many have been.
    :ivar meanwhile: what the next imports run into, each told the image; for what somebody else does at the same time.
    :ivar faults: what becomes of a write, by its number from 0.
    :ivar servers: of nova.
    :ivar volumes: of cinder; None for a cinder that does not answer.
    """

    stores: dict[str, str] = field(default_factory=lambda: dict.fromkeys(ZONES, "file"))
    down: set[str] = field(default_factory=set)
    web: dict[str, bytes] = field(default_factory=dict)
    busy: int = 1
    together: int = 0
    most: int = 0
    meanwhile: list[Callable[[str], ApiError]] = field(default_factory=list)
    faults: dict[int, str] = field(default_factory=dict)
    servers: tuple[Server, ...] = ()
    volumes: tuple[ImageVolume, ...] | None = ()
    images: dict[str, dict[str, Any]] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    writes: list[str] = field(default_factory=list)
    cached: list[list[str]] = field(default_factory=list)
    _made: int = 0
    _staged: dict[str, bytes] = field(default_factory=dict)
    _jobs: dict[str, tuple[int, list[str], bytes | None]] = field(default_factory=dict)

    def add(self, name: str, stores: str = "", content: bytes = b"x", **about: Any) -> str:
        number = f"id{self._made}"
        self._made += 1
        image: dict[str, Any] = {
            "id": number,
            "name": name,
            "status": "queued",
            "owner": PROJECT,
            "visibility": "shared",
            "tags": [],
        }
        image |= {"disk_format": "raw", "container_format": "bare", "os_hidden": False, "protected": False}
        image |= {"min_disk": 0, "min_ram": 0, "created_at": f"{self._made:03}"}
        self.images[number] = image
        if stores:
            self._fill(number, content)
            image["stores"] = stores
        image |= about
        return number

    def holds(self, name: str) -> list[str]:
        """The stores of the images of a name, with those that took another's place last."""
        return [str(image.get("stores", "")) for image in self.images.values() if image["name"] == name]

    def _fill(self, number: str, content: bytes) -> None:
        digests = {"checksum": hashlib.md5(content).hexdigest(), "os_hash_value": hashlib.sha512(content).hexdigest()}
        self.images[number] |= {"status": "active", "size": len(content), "os_hash_algo": "sha512", **digests}

    def request(self, method: str, path: str, body: Any) -> Any:
        self.calls.append(f"{method} {path}")
        fault = None
        if method != "GET":
            fault = self.faults.get(len(self.writes))
            self.writes.append(f"{method} {path}")
        if fault == REFUSED:
            raise ApiError(f"{method} {path}: 503 no", status=503, uncertain=True)
        answer = self._answer(method, path.strip("/").split("?")[0].split("/"), path.partition("?")[2], body)
        if fault == LOST:
            raise ApiError(f"{method} {path}: no answer in time", uncertain=True)
        return answer

    def _answer(self, method: str, parts: list[str], query: str, body: Any) -> Any:
        match (method, *parts):
            case ("GET", "info", "stores", "detail"):
                first = next(iter(self.stores), None)
                listed = [
                    {"id": name, "type": kind, "default": str(name == first)} for name, kind in self.stores.items()
                ]
                return {"stores": listed}
            case ("GET", "images"):
                wanted = {key: values[0] for key, values in parse_qs(query).items()}
                hidden = wanted["os_hidden"] == "true"
                found = [image for image in self.images.values() if image["os_hidden"] == hidden]
                return {"images": [image for image in found if wanted.get("name") in (None, image["name"])]}
            case ("POST", "images"):
                return self.images[
                    self.add(body["name"], **{key: value for key, value in body.items() if key != "name"})
                ]
            case ("DELETE", "stores", store, number):
                return self._remove(number, store)
        return self._of_image(method, parts[1], "/".join(parts[2:]), body)

    def _of_image(self, method: str, number: str, what: str, body: Any) -> Any:
        image = self._known(method, number)
        match method, what:
            case "GET", "tasks":
                failed = {"id": "t", "status": "failure", "message": "Internal Error", "created_at": "0"}
                copying = {"id": "t2", "status": "processing", "message": "Copied 1 MiB", "created_at": "1"}
                return {"tasks": [failed, *([copying] if number in self._jobs else [])]}
            case "GET", _rest:
                self._work(number)
                return dict(image)
            case "DELETE", _rest:
                if image["protected"]:
                    raise ApiError("403 protected", status=403)
                del self.images[number]
            case "PUT", "stage":
                self._stage(image, b"".join(body))
            case "POST", "import":
                self._begin(number, body)
            case "PATCH", _rest:
                _patch(image, body)
        return {}

    def _stage(self, image: dict[str, Any], content: bytes) -> None:
        if image["status"] != "queued":
            raise ApiError("409 transition", status=409)
        self._staged[image["id"]] = content
        image["status"] = "uploading"

    def _known(self, method: str, number: str) -> dict[str, Any]:
        if number not in self.images:
            raise ApiError(f"{method} {number}: 404", status=404)
        return self.images[number]

    def _begin(self, number: str, body: Mapping[str, Any]) -> None:
        image = self.images[number]
        if self.meanwhile:
            raise self.meanwhile.pop(0)(number)
        if "os_glance_import_task" in image:
            raise ApiError("409 Image has active task", status=409)
        kind = body["method"]["name"]
        content = {"glance-direct": self._staged.get(number), "copy-image": b"", "web-download": b""}[kind]
        if kind == "web-download":
            content = self.web.get(body["method"]["uri"])
        assert kind != "copy-image" or image["status"] == "active"
        image["os_glance_failed_import"] = ""
        if kind != "copy-image":
            image["status"] = "importing"
        self.work(number, list(body["stores"]), content)

    def work(self, number: str, stores: list[str], content: bytes | None) -> None:
        """Glance is at work on an image."""
        self.images[number]["os_glance_import_task"] = "t2"
        self._jobs[number] = (self.busy, stores, content)
        self.most = max(self.most, len(self._jobs))

    def finish(self, number: str) -> None:
        """What glance has at work on an image is done at the next look."""
        _left, stores, content = self._jobs[number]
        self._jobs[number] = (0, stores, content)

    def _work(self, number: str) -> None:
        if number not in self._jobs:
            return
        left, stores, content = self._jobs[number]
        if left or self.most < self.together:
            self._jobs[number] = (max(0, left - 1), stores, content)
            return
        del self._jobs[number]
        image = self.images[number]
        written = [store for store in stores if store not in self.down and content is not None]
        failed = [store for store in stores if store not in written]
        held = [store for store in image.get("stores", "").split(",") if store]
        del image["os_glance_import_task"]
        image["os_glance_failed_import"] = ",".join(failed)
        if written or held:
            image["stores"] = ",".join([*held, *written])
        if image["status"] == "importing":
            if written and content is not None:
                self._fill(number, content)
            else:
                image["status"] = "queued"

    def _remove(self, number: str, store: str) -> Any:
        held = self.images[number]["stores"].split(",")
        if held == [store]:
            raise ApiError("403 only store", status=403)
        self.images[number]["stores"] = ",".join(name for name in held if name != store)
        return {}


def _patch(image: dict[str, Any], steps: Iterable[Mapping[str, Any]]) -> None:
    for step in steps:
        key = step["path"].lstrip("/")
        if step["op"] == "remove":
            del image[key]
        else:
            image[key] = step["value"]


@dataclass
class StandInService:
    """Has the methods of `_openstack.service.Service` that the reconciler calls."""

    glance: StandIn

    def get(self, path: str, *, params: Mapping[str, Any] | None = None, once: bool = False) -> Any:
        del once
        query = "&".join(f"{key}={value}" for key, value in (params or {}).items())
        return self.glance.request("GET", f"{path}?{query}" if query else path, None)

    def post(self, path: str, body: Any) -> Any:
        return self.glance.request("POST", path, body)

    def patch(self, path: str, body: Any, _content_type: str) -> Any:
        return self.glance.request("PATCH", path, body)

    def upload(self, path: str, content: Iterable[bytes], _limits: tuple[float, float]) -> None:
        self.glance.request("PUT", path, content)

    def delete(self, path: str) -> None:
        self.glance.request("DELETE", path, None)


@dataclass
class Nova:
    """Servers, aggregates and the call that caches images."""

    glance: StandIn

    def servers(self) -> tuple[tuple[Server, ...], tuple[str, ...]]:
        self.glance.calls.append("nova servers")
        return self.glance.servers, ()

    def aggregates(self) -> Iterator[Any]:
        @dataclass
        class Named:
            name: str
            id: int = 1

        return iter([Named(zone) for zone in ZONES])

    def cache_images(self, _aggregate: int, images: Iterable[str]) -> None:
        self.glance.cached.append(list(images))


@dataclass
class Cinder:
    """Volumes that were made from images."""

    glance: StandIn

    def image_volumes(self) -> list[ImageVolume]:
        self.glance.calls.append("cinder volumes")
        if self.glance.volumes is None:
            raise ApiError("block-storage: no answer")
        return list(self.glance.volumes)


def region(*images: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    return {"zones": list(ZONES), "images": list(images), **more}


def reconciler(glance: StandIn, *images: Mapping[str, Any], **options: Any) -> Images:
    states, deadline = options.pop("states", {}), options.pop("deadline", None) or Deadline(60)
    report = options.pop("report", lambda *_step: None)
    compute = options.pop("compute", {"compute": {}})
    zones = {
        zone: {"image_store": options.pop(zone, {}), "zone_state": states.get(zone, "active"), **compute}
        for zone in ZONES
    }
    zone_map = load_map(zones, region(*images))
    asked = Options(**{"only": ZONES, "parallel": 1, **options})
    service: Any = StandInService(glance)
    nova: Any = Nova(glance)
    cinder: Any = Cinder(glance)
    return Images(Glance(service), nova, cinder, zone_map, asked, deadline, report, lambda: PROJECT)


def run(glance: StandIn, *images: Mapping[str, Any], check: bool = False, **options: Any) -> dict[str, Verdict]:
    options["deadline"] = deadline = options.get("deadline") or Deadline(60)
    saved = options.pop("saved", None)
    flow = Converge(reconciler(glance, *images, **options), check=check, deadline=deadline, settle=0, saved=saved)
    return flow.run()


def texts(verdicts: Mapping[str, Verdict]) -> dict[str, list[str]]:
    return {zone: [change.text for change in verdict.plan] for zone, verdict in verdicts.items() if verdict.plan}
