# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The admission webhooks: a server with the lab's certificate, and what makes the API server ask it. Dry runs ask it too."""

from __future__ import annotations

import base64
import json
import ssl
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

from zonelab.kube import definitions
from zonelab.kube.api import ApiError
from zonelab.operators import admission
from zonelab.operators.defaults import filled, wants_images
from zonelab.operators.world import VERSION, collection
from zonelab.ports import ADDRESS

if TYPE_CHECKING:
    from collections.abc import Callable

    from zonelab.kube.api import KubeApi
    from zonelab.kube.folder import KubeFolder
    from zonelab.operators.informers import Informers
    from zonelab.operators.world import Object, World

VALIDATING: dict[str, Callable[[Object, Object | None, World], admission.Verdict]] = {
    "OpenStackControlPlane": admission.control_plane,
    "OpenStackDataPlaneNodeSet": admission.node_set,
    "OpenStackDataPlaneDeployment": admission.deployment,
    "OpenStackDataPlaneService": admission.service,
}
MUTATING = ("OpenStackControlPlane",)
CONFIGURATIONS = "/apis/admissionregistration.k8s.io/v1"
NAME = "zonelab-operators"
KINDS = {"m": "mutatingwebhookconfigurations", "v": "validatingwebhookconfigurations"}
PROBE = "zonelab-probe"  # an object of this name is always refused: so that one can see whether the webhooks are asked
PATIENCE = 60


class Webhooks(ThreadingHTTPServer):
    """Answers from what the informers see."""

    daemon_threads = True

    def __init__(self, folder: KubeFolder, informers: Informers) -> None:
        """On any free port."""
        super().__init__((ADDRESS, 0), Handler)
        self.informers = informers
        self.images = False
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(folder.pki / "server.crt", folder.pki / "server.key")
        self.socket = context.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)
        self._trusted = base64.b64encode(folder.authority.read_bytes()).decode()

    def start(self, api: KubeApi) -> None:
        """Serve, register, and wait until the API server asks."""
        self.images = wants_images(api.get(f"{definitions.PATH}/openstackcontrolplanes.core.openstack.org"))
        threading.Thread(target=self.serve_forever, name="webhooks", daemon=True).start()
        for letter, plural in KINDS.items():
            chosen = MUTATING if letter == "m" else VALIDATING
            kind = "MutatingWebhookConfiguration" if letter == "m" else "ValidatingWebhookConfiguration"
            body = {
                "apiVersion": "admissionregistration.k8s.io/v1",
                "kind": kind,
                "metadata": {"name": NAME},
                "webhooks": [self._webhook(letter, one) for one in chosen],
            }
            api.apply(f"{CONFIGURATIONS}/{plural}/{NAME}", body, "zonelab", force=True)
        end = time.monotonic() + PATIENCE
        while not is_asked(api) and time.monotonic() < end:
            time.sleep(0.05)

    def _webhook(self, letter: str, kind: str) -> Object:
        group, _slash, version = VERSION[kind].partition("/")
        plural = collection(kind).rpartition("/")[2]
        rule = {
            "apiGroups": [group],
            "apiVersions": [version],
            "resources": [plural],
            "operations": ["CREATE", "UPDATE"],
        }
        url = f"https://{ADDRESS}:{self.server_address[1]}/{letter}/{kind}"
        return {
            "name": f"{letter}{kind.lower()}-v1beta1.kb.io",
            "clientConfig": {"url": url, "caBundle": self._trusted},
            "rules": [rule],
            "failurePolicy": "Fail",
            "sideEffects": "None",
            "admissionReviewVersions": ["v1"],
            "timeoutSeconds": 10,
        }


def remove(api: KubeApi) -> None:
    """Without its server a webhook refuses everything."""
    for plural in KINDS.values():
        api.delete(f"{CONFIGURATIONS}/{plural}/{NAME}")


def is_asked(api: KubeApi) -> bool:
    """Whether the API server knows the webhooks yet."""
    kind = "OpenStackDataPlaneService"
    body = {"apiVersion": VERSION[kind], "kind": kind, "metadata": {"name": PROBE}, "spec": {"playbook": PROBE}}
    try:
        api.call("POST", collection(kind), body, query={"dryRun": "All"})
    except ApiError as error:
        return "denied the request" in str(error)
    return False


class Handler(BaseHTTPRequestHandler):
    """One review per request."""

    protocol_version = "HTTP/1.1"
    server: Webhooks

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
        """Nobody reads it."""

    def do_POST(self) -> None:
        """/m/KIND fills in, /v/KIND judges."""
        review = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        letter, kind = self.path.strip("/").split("?")[0].split("/")
        asked = review["request"]
        own, before = asked["object"], asked.get("oldObject")
        answer: dict[str, Any] = {"uid": asked["uid"], "allowed": True}
        if letter == "m":
            body = filled(own, before, images=self.server.images)
            patch = [{"op": "add", "path": "/spec", "value": body["spec"]}]
            answer |= {"patchType": "JSONPatch", "patch": base64.b64encode(json.dumps(patch).encode()).decode()}
        elif not own["metadata"].get("deletionTimestamp"):
            answer |= judged(kind, own, before, self.server.informers.world())
        reply = json.dumps({"apiVersion": review["apiVersion"], "kind": review["kind"], "response": answer}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(reply)))
        self.end_headers()
        self.wfile.write(reply)


def judged(kind: str, own: Object, before: Object | None, world: World) -> dict[str, Any]:
    """The verdict as the API server wants it."""
    judge = VALIDATING[kind]
    verdict = admission.Verdict(PROBE) if own["metadata"]["name"] == PROBE else judge(own, before, world)
    if not verdict.message:
        return {"warnings": verdict.warnings}
    status = {"code": verdict.code, "message": verdict.message, "reason": admission.REASONS[verdict.code]}
    return {"allowed": False, "status": status, "warnings": verdict.warnings}
