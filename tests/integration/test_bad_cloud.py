# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each way in which a cloud can fail to be used, for what writes (site) and what reads (import): a clear error, no write."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import yaml
from zonelab.client import LabClient

from .harness import inventory
from .harness.cloud import Cloud
from .harness.clouds_file import add_cloud
from .harness.golden import SECRETS, said, steady
from .harness.inventory import ZONES
from .harness.play import SAME, Player, Run

SITE = "zoneops.openstack.site"
IMPORT = "zoneops.openstack.import"


@dataclass(frozen=True)
class Case:
    """A cloud, what is broken with it, and the whole messages of site (for all zones) and import."""

    site: str
    imported: str
    cloud: str | None = "lab"
    fault: Mapping[str, Any] = field(default_factory=dict)
    environ: Mapping[str, str] = field(default_factory=dict)


INCOMPLETE = "Nothing was written, because the region could not be read in full:\n"
REFUSED = (
    "keystone refused the credentials: The request you have made requires authentication. (HTTP 401) (Request-ID: req-…) "
    "Check user, password and project of the cloud."
)
NO_TOKEN = "keystone refused the token: {} (HTTP 404) (Request-ID: req-…) Get a new one; it may have expired."
# What clouds.yaml is called, and what it has, stands here as <clouds>.
NO_CLOUD = "cloud 'nowhere': Cloud nowhere was not found. Known clouds come from clouds.yaml: <clouds>."
NOT_SET = (
    "cloud 'from the environment': Auth plugin requires parameters which were not given: auth_url. "
    "Give the option 'cloud', set OS_CLOUD, or give 'auth'."
)
REACHABLE = "Is the service running, and reachable from here?"
NO_CONNECTION = f"Unable to establish connection to http://127.0.0.1:1{{}}: [Errno 111] Connection refused. {REACHABLE}"
KEYSTONE_DOWN = f"identity (keystone) API: POST token: {NO_CONNECTION.format('/v3/auth/tokens')}"
NOVA_DOWN = f"compute API: GET /: {NO_CONNECTION.format('/v2.1/')}"
NOVA_CLOSES = (
    "compute API: GET /: Unable to establish connection to <nova>/v2.1/: ('Connection aborted.', "
    f"RemoteDisconnected('Remote end closed connection without response')). {REACHABLE}"
)
OVERLOADED = "compute API: GET /: 503 The lab was told to answer 503 here."
RIGHTS = "(request req-…) The user lacks the right: this needs the admin role, or a policy that permits it."
FORBIDDEN = f"{{}} API: GET {{}}: 403 Policy doesn't allow {{}} to be performed. {RIGHTS}"
DENIED = f"shared-file-system API: GET {{}}: 403 Access was denied to this resource. {RIGHTS}"
NO_AGGREGATES = FORBIDDEN.format("compute", "/os-aggregates", "os_compute_api:os-aggregates:index")
FOR_ADMINS = {
    "cinder pools": FORBIDDEN.format(
        "block-storage", "/scheduler-stats/get_pools", "scheduler_extension:scheduler_stats:get_pools"
    ),
    "cinder services": FORBIDDEN.format("block-storage", "/os-services", "volume_extension:services:index"),
    "manila backends": DENIED.format("/scheduler-stats/pools/detail"),
    "manila services": DENIED.format("/services"),
    "nova aggregates": NO_AGGREGATES,
    "nova services": FORBIDDEN.format("compute", "/os-services", "os_compute_api:os-services:list"),
}
TOO_OLD = (
    "compute API: this cloud offers microversions up to 2.52, at least 2.53 is needed. "
    "The service is too old for this collection."
)
NO_REGION = (
    "compute API: GET version document: the catalog of this cloud and region has no endpoint for 'compute' "
    "(public endpoint for compute service in RegionTwo region not found)."
)


def all_of_nova(message: str) -> str:
    """What import says when nothing can be had from nova."""
    return f"{INCOMPLETE}nova aggregates, nova availability_zones, nova services: {message}"


CASES = {
    "wrong password": Case(cloud="wrong-password", site=REFUSED, imported=REFUSED),
    "invalid token": Case(
        cloud="invalid-token",
        site=NO_TOKEN.format("Could not recognize Fernet token"),
        imported=NO_TOKEN.format("Could not recognize Fernet token"),
    ),
    "expired token": Case(
        cloud="expired-token",
        site=NO_TOKEN.format("Failed to validate token"),
        imported=NO_TOKEN.format("Failed to validate token"),
    ),
    "unknown cloud": Case(cloud="nowhere", site=NO_CLOUD, imported=NO_CLOUD),
    "no cloud": Case(cloud=None, environ={"OS_CLIENT_CONFIG_FILE": "/nonexistent"}, site=NOT_SET, imported=NOT_SET),
    "unknown region": Case(
        cloud="wrong-region", site=NO_REGION, imported=f"{INCOMPLETE}this cloud and region have no nova"
    ),
    "keystone is down": Case(cloud="keystone-down", site=KEYSTONE_DOWN, imported=KEYSTONE_DOWN),
    "nova is down": Case(cloud="nova-down", site=NOVA_DOWN, imported=all_of_nova(NOVA_DOWN)),
    "nova closes connections": Case(
        fault={"kind": "drop-before", "service": "nova"}, site=NOVA_CLOSES, imported=all_of_nova(NOVA_CLOSES)
    ),
    "nova is overloaded": Case(
        fault={"kind": "status", "service": "nova", "status": 503}, site=OVERLOADED, imported=all_of_nova(OVERLOADED)
    ),
    "plain member": Case(
        cloud="lab-member",
        site=NO_AGGREGATES,
        imported=INCOMPLETE
        + "\n".join(
            sorted((f"{what}: {why}" for what, why in FOR_ADMINS.items()), key=lambda line: line.partition(": ")[2])
        ),
    ),
    "too old": Case(cloud="too-old", site=TOO_OLD, imported=all_of_nova(TOO_OLD)),
}


class OldNova(BaseHTTPRequestHandler):
    """The version document of a nova before 2.53, and nothing else."""

    def do_GET(self) -> None:
        links = [{"rel": "self", "href": f"http://{self.headers['Host']}/v2.1/"}]
        version = {"id": "v2.1", "status": "CURRENT", "version": "2.52", "min_version": "2.1", "links": links}
        body = json.dumps({"version": version}).encode()
        self.send_response(200 if self.path.rstrip("/") == "/v2.1" else 404)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module", autouse=True)
def more_clouds(play: Player, lab: LabClient, operator: Cloud) -> Iterator[None]:
    """A cloud with a token that was good once, and one whose nova is old."""
    url = operator.region.config["auth"]["auth_url"]
    expired = Cloud(lab.clouds_file).region.get_session().get_token()
    revoked = operator.region.get_session().delete(f"{url}/auth/tokens", headers={"X-Subject-Token": expired})
    assert revoked.status_code == 204
    auth = {"auth_url": url, "token": expired, "project_name": "admin", "project_domain_name": "Default"}
    add_cloud(play.clouds, "expired-token", auth_type="v3token", auth=auth)
    with ThreadingHTTPServer(("127.0.0.1", 0), OldNova) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        add_cloud(play.clouds, "too-old", compute_endpoint_override=f"http://127.0.0.1:{server.server_port}/v2.1")
        yield
        server.shutdown()


@dataclass(frozen=True)
class Attempt:
    """What became of a case."""

    site: Run
    imported: Run
    folder: Path


@pytest.fixture(scope="module")
def attempt(
    play: Player, lab: LabClient, operator: Cloud, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str], Attempt]:
    """Runs site and import side by side, once for each case: neither writes, so they cannot disturb each other."""
    operator.empty()

    @cache
    def run(name: str) -> Attempt:
        case, folder = CASES[name], tmp_path_factory.mktemp("case")
        wanted = inventory.write(folder / "inventory", inventory.lab_zones(), {"cloud": case.cloud})
        cloud = ("-e", f"zoneops_cloud={case.cloud}") if case.cloud else ()
        target = ("-e", f"zoneops_import_dir={folder / 'imported'}")
        if case.fault:
            lab.add_fault(**case.fault)
        with ThreadPoolExecutor(2) as pool:
            site = pool.submit(play, SITE, wanted, environ=case.environ)
            imported = pool.submit(play, IMPORT, "localhost,", *cloud, *target, environ=case.environ)
        lab.clear_faults()
        return Attempt(site.result(), imported.result(), folder / "imported")

    return run


every_case = pytest.mark.parametrize("case", CASES)


def whole(message: str, play: Player) -> str:
    """The message with the file that the clouds come from, and their names."""
    names = ", ".join(yaml.safe_load(play.clouds.read_text())["clouds"])
    return message.replace("<clouds>", f"{play.clouds} has {names}")


@every_case
def test_site(attempt: Callable[[str], Attempt], lab: LabClient, play: Player, case: str) -> None:
    run, message = attempt(case).site, whole(CASES[case].site, play)
    assert run.rc != 0
    assert run.written == []
    # Said once, below the table, and whole in the result of the call for all zones.
    assert said(run, lab.ports) == dict.fromkeys(ZONES, message)
    assert run.shown_failures == dict.fromkeys(ZONES, SAME)
    assert any(message in steady(one.msg, lab.ports) for one in run.results if one.outcome == "ok")
    lines = [steady(line, lab.ports) for line in run.output.splitlines()]
    assert f"all {len(ZONES)} zones: wrong: {message}" in lines
    assert {zone: cells[0] for zone, cells in run.table.items()} == dict.fromkeys(ZONES, "FAILED")
    assert (run.stats["zoneops_changed_zones"], run.stats["zoneops_failed_zones"]) == ([], [*ZONES])
    assert [secret for secret in SECRETS if secret in run.output or secret in repr(run.results)] == []


@every_case
def test_import(attempt: Callable[[str], Attempt], lab: LabClient, play: Player, case: str) -> None:
    run = attempt(case).imported
    assert run.rc != 0
    assert run.written == []
    assert said(run, lab.ports) == {"localhost": whole(CASES[case].imported, play)}
    assert not attempt(case).folder.exists()
    assert [secret for secret in SECRETS if secret in run.output or secret in repr(run.results)] == []
