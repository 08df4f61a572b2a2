# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The program that a kubeconfig names to get credentials (client-go credential plugins): with a time limit, and its reason where it fails.

The package `kubernetes` runs it without a limit, and goes on without credentials where it fails.
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from ..._plan.text.scrub import SCRUBBER
from ..errors import KubernetesError

# What of the plugin's environment is no secret: profiles, regions, folders. Other values are never shown.
_PUBLIC = re.compile(
    r".*(PROFILE|REGION|ZONE|HOME|PATH|DIR|FILE|CONFIG|MODE|LEVEL|VERSION|NAME|URL|HOST|ENDPOINT|_ID)", re.IGNORECASE
)
_SECRET_ARGUMENT = re.compile(r"--?[\w-]*(?:secret|password|token|key)(?:=(.+))?", re.IGNORECASE)
# What of the cluster a plugin may ask for (ExecCredential.spec.cluster).
_CLUSTER = ("server", "tls-server-name", "insecure-skip-tls-verify", "certificate-authority-data", "proxy-url")
# Under this name a cluster has settings for its plugin, which get it as `config`.
_EXTENSION = "client.authentication.k8s.io/exec"
# How long a plugin that was ended is waited for.
AFTERWARDS_SECONDS = 2.0


def credentials(asked: Mapping[str, Any], cluster: Mapping[str, Any], folder: str, seconds: float) -> dict[str, Any]:
    """What the plugin answers: the status of its ExecCredential, with a token or a certificate and its key.

    :param asked: the `exec` of the kubeconfig's user.
    :param cluster: the kubeconfig's cluster, for a plugin that asks for it.
    :param folder: where it runs.
    :param seconds: how long it may take.
    """
    command, version = str(asked["command"]), asked["apiVersion"]
    what = f"exec plugin {command}"
    code, out, err = _run(_command(asked), _environment(asked, cluster), folder, seconds, what)
    last = next((line.strip() for line in reversed(err.splitlines()) if line.strip()), "")
    said = f" ({last})" if last else ""
    if code:
        ended = f"was ended by signal {-code}" if code < 0 else f"failed with exit code {code}"
        raise KubernetesError(f"{what} {ended}{said or ' without any output'}. Sign in again, or run it by hand.")
    try:
        answer = json.loads(out)
    except ValueError as error:
        raise KubernetesError(f"{what}: its answer is not JSON{said}. Run it by hand.") from error
    answer = answer if isinstance(answer, dict) else {}
    status = answer.get("status")
    if answer.get("kind") != "ExecCredential" or not isinstance(status, dict):
        raise KubernetesError(f"{what}: its answer is not an ExecCredential with a status{said}. Run it by hand.")
    if answer.get("apiVersion") != version:
        raise KubernetesError(
            f"{what}: it answers in {answer.get('apiVersion')}, the kubeconfig says apiVersion {version}. Set the plugin's version there."
        )
    SCRUBBER.remember([status.get("token"), status.get("clientKeyData")])
    texts = {key: status.get(key) for key in ("token", "clientCertificateData", "clientKeyData", "expirationTimestamp")}
    odd = [key for key, value in texts.items() if value is not None and not isinstance(value, str)]
    if odd:
        raise KubernetesError(f"{what}: {odd[0]} of its answer is not text. Run it by hand.")
    if not texts["token"] and not (texts["clientCertificateData"] and texts["clientKeyData"]):
        raise KubernetesError(
            f"{what}: its answer has neither a token nor a client certificate with its key{said}. Sign in again."
        )
    return status


def _run(
    command: list[str], environment: dict[str, str], folder: str, seconds: float, what: str
) -> tuple[int, str, str]:
    """Exit code, standard output and error."""
    try:
        # In a group of its own: what it has started ends with it.
        # run_command needs a module's object, has no time limit, and would take standard input.
        process = subprocess.Popen(  # pylint: disable=ansible-bad-function
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=folder or None,
            env=environment,
            encoding="utf-8",
            errors="replace",
            start_new_session=True,
        )
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "its name or environment has a NUL character"
        raise KubernetesError(f"{what} cannot be run: {reason}. Is it installed, and in PATH?") from error
    try:
        out, err = process.communicate(timeout=max(seconds, 0.01))
    except subprocess.TimeoutExpired as error:
        raise KubernetesError(
            f"{what} gave no answer in {seconds:.0f} s and was ended. Does it wait for input or for a browser? Sign in first, or raise api_timeout."
        ) from error
    finally:
        if process.poll() is None:
            _end(process)
    return process.returncode, out, err


def _end(process: subprocess.Popen[str]) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    with suppress(subprocess.TimeoutExpired):
        process.communicate(timeout=AFTERWARDS_SECONDS)


def _command(asked: Mapping[str, Any]) -> list[str]:
    arguments = [str(argument) for argument in asked.get("args") or []]
    for number, argument in enumerate(arguments):
        found = _SECRET_ARGUMENT.fullmatch(argument)
        if found:
            SCRUBBER.remember([found[1] or next(iter(arguments[number + 1 :]), None)])
    return [str(asked["command"]), *arguments]


def _environment(asked: Mapping[str, Any], cluster: Mapping[str, Any]) -> dict[str, str]:
    given = {str(entry["name"]): str(entry["value"]) for entry in asked.get("env") or []}
    SCRUBBER.remember([value for name, value in given.items() if not _PUBLIC.fullmatch(name)])
    known = {key: cluster[key] for key in _CLUSTER if cluster.get(key) is not None}
    settings = [item.get("extension") for item in cluster.get("extensions") or [] if item.get("name") == _EXTENSION]
    known |= {"config": settings[0]} if settings else {}
    spec = {"interactive": False, **({"cluster": known} if asked.get("provideClusterInfo") else {})}
    info = {"apiVersion": asked["apiVersion"], "kind": "ExecCredential", "spec": spec}
    return {**os.environ, **given, "KUBERNETES_EXEC_INFO": json.dumps(info)}
