# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The loader of the package `kubernetes`, with plugins that keep the run's limits and with the file's secrets never shown."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import Any

from ..._plan.deadline import Deadline
from ..._plan.text.scrub import SCRUBBER
from ..errors import KubernetesError
from .exec_plugin import credentials

try:
    from kubernetes.client import Configuration
    from kubernetes.config import ConfigException, kube_config
    from kubernetes.config.dateutil import parse_rfc3339
    from kubernetes.config.kube_config import KubeConfigLoader
except ImportError:  # reported by module.run before anything here is used
    KubeConfigLoader = object  # type: ignore[assignment, misc]

# Of a user in the file. What of an auth-provider's settings is no secret the scrubber knows.
_SECRETS = ("token", "password", "client-key-data", "auth-provider")
# What signs in where an auth-provider gives nothing.
_OTHERS = ("token", "tokenFile", "exec", "username", "client-certificate", "client-certificate-data")


def load(found: Configuration, given: str | None, context: str | None, deadline: Deadline, seconds: float) -> None:
    """Fill the configuration from a kubeconfig; several files may be given as in the variable KUBECONFIG.

    :param seconds: how long a plugin may take.
    """
    # Nothing is written back (a refreshed token): in check mode, too, that would be a change on the control node.
    merged = kube_config.KubeConfigMerger(given or kube_config.KUBE_CONFIG_DEFAULT_LOCATION)
    if merged.config is None:
        raise ConfigException("Invalid kube-config file. No configuration found.")
    _Loader(merged.config, context, deadline, seconds).load_and_set(found)


class _Loader(KubeConfigLoader):
    def __init__(self, config: Any, context: str | None, deadline: Deadline, seconds: float) -> None:
        super().__init__(config_dict=config, active_context=context, config_base_path=None)
        self._deadline = deadline
        self._seconds = seconds
        user = _plain(self._user)
        if isinstance(user, Mapping):
            SCRUBBER.remember({key: user.get(key) for key in _SECRETS})

    def _load_auth_provider_token(self) -> str | None:
        """A provider may ask a server for a token, which the package does without a limit; and it goes on without credentials where that fails."""
        user = _plain(self._user)
        if "auth-provider" not in user:
            return None
        what = f"auth-provider {_plain(user['auth-provider']).get('name')}"
        self._deadline.check(f"the kubeconfig's {what}")
        seconds = min(self._seconds, self._deadline.remaining())
        found: str | None = _within(seconds, what, super()._load_auth_provider_token)
        if not found and not any(user.get(key) for key in _OTHERS):
            raise KubernetesError(
                f"{what} gave no token. Sign in again with kubectl, or name an exec plugin in its place, such as kubelogin."
            )
        return found

    def _load_from_exec_plugin(self) -> bool | None:
        """Called when the file is read, and again when what the plugin gave has expired."""
        user = _plain(self._user)
        if "exec" not in user:
            return None
        self._deadline.check("the kubeconfig's exec plugin")
        folder = self._get_base_path(getattr(self._cluster, "path", None))
        asked = user["exec"]
        for key in ("command", "apiVersion"):
            if not asked.get(key):
                raise ConfigException(f"exec of the user has no '{key}'")
        status = credentials(asked, _plain(self._cluster), folder, min(self._seconds, self._deadline.remaining()))
        if status.get("token"):
            self.token = f"Bearer {status['token']}"
        for key, attribute in (("clientCertificateData", "cert_file"), ("clientKeyData", "key_file")):
            if status.get("clientCertificateData") and status.get(key):
                file = kube_config.FileOrData(status, None, key, folder, base64_file_content=False)
                setattr(self, attribute, file.as_file())
        if status.get("expirationTimestamp"):
            self.expiry = parse_rfc3339(status["expirationTimestamp"])
        return True


def _plain(node: Any) -> Any:
    """What a node of the package holds."""
    return getattr(node, "value", node)


def _within(seconds: float, what: str, call: Callable[[], Any]) -> Any:
    """What a call returns or raises, as long as it ends in time. One that does not is left behind; it keeps no process from ending."""
    done: list[Any] = []
    failed: list[BaseException] = []

    def run() -> None:
        try:
            done.append(call())
        except BaseException as error:  # noqa: BLE001 - raised below, in the thread that waits
            failed.append(error)

    thread = threading.Thread(target=run, name=what, daemon=True)
    thread.start()
    thread.join(max(seconds, 0.01))
    if done:
        return done[0]
    if not failed:
        raise KubernetesError(
            f"{what} gave no token in {seconds:.0f} s. Is its server reachable? Sign in again with kubectl, or raise api_timeout."
        )
    error = failed[0]
    # A mistake in the file has its message where the file is read.
    if isinstance(error, (ConfigException, KubernetesError, AttributeError, KeyError, TypeError)):
        raise error
    raise KubernetesError(
        f"{what} gave no token ({type(error).__name__}: {' '.join(str(error).split())}). Sign in again with kubectl."
    ) from error
