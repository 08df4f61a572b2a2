# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From the module's options to a cluster: kubeconfig, or an address with a token or certificate, or the pod's own account."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..._plan.deadline import Deadline
from ..._plan.limits import TIME_LIMITS, refuse_wrong_seconds
from ..._plan.text.scrub import SCRUBBER, is_address
from ..._plan.text.yaml_problem import problem_of
from ..client import Cluster
from ..errors import KubernetesError
from .kubeconfig import load

try:
    import yaml
    from kubernetes import config
    from kubernetes.client import Configuration
    from urllib3.util import make_headers
except ImportError:  # reported by module.run before anything here is used
    pass

# Options of a module and the client's own name for them.
PASSED = {"host": "host", "ca_cert": "ssl_ca_cert", "client_cert": "cert_file", "client_key": "key_file"}
PROXY = {"proxy": "proxy", "no_proxy": "no_proxy"}
# What needs no credentials of a kubeconfig; a client certificate comes with its key.
SIGNS_IN = ("api_key", "client_cert", "password")
DEFAULT_FILE = "~/.kube/config"


def connect(params: Mapping[str, Any]) -> Cluster:
    """The cluster that the options of a module name. Sends nothing yet; raises KubernetesError when the configuration is unusable."""
    refuse_wrong_seconds(params, TIME_LIMITS)
    deadline = Deadline(params["timeout"])
    user, groups = params.get("impersonate_user"), params.get("impersonate_groups") or []
    if groups and not user:
        raise KubernetesError("option 'impersonate_groups' needs 'impersonate_user': name the user too.")
    limits = (params["connect_timeout"], params["api_timeout"])
    return Cluster(_configuration(params, deadline), deadline, limits, acting_as=(user, groups) if user else None)


def _configuration(params: Mapping[str, Any], deadline: Deadline) -> Configuration:
    # Not Configuration(): the package lets a program set defaults for all of them.
    found: Configuration = type.__call__(Configuration)
    if bool(params.get("username")) != bool(params.get("password")):
        raise KubernetesError("options 'username' and 'password' go together: give both, or neither.")
    if not (params.get("host") and any(params.get(name) for name in SIGNS_IN)):
        _load(found, params, deadline)
    _override(found, params)
    if not is_address(str(found.host)):
        raise KubernetesError(f"'{found.host}' is not an address such as https://api.example.org:6443 (option 'host').")
    return found


def _override(found: Configuration, params: Mapping[str, Any]) -> None:
    """What the options say, over what the kubeconfig says."""
    _set(found, params)
    _remember(found)
    refresh = found.refresh_api_key_hook
    if params.get("api_key") or params.get("password"):
        # The token of an option replaces what the kubeconfig would fetch by itself.
        found.refresh_api_key_hook = None
    elif refresh is not None:

        def refreshed(configuration: Configuration) -> None:
            refresh(configuration)
            # It reads the whole file again, the address too.
            _set(configuration, params)
            _remember(configuration)

        found.refresh_api_key_hook = refreshed


def _remember(found: Configuration) -> None:
    """What signs in is never shown."""
    SCRUBBER.remember(found.password)
    headers = {**found.api_key, **(found.proxy_headers or {})}
    SCRUBBER.remember([str(value).rpartition(" ")[2] for name, value in headers.items() if name != "user-agent"])
    SCRUBBER.remember_address(str(found.host or ""))
    SCRUBBER.remember_address(str(found.proxy or ""))


def _set(found: Configuration, params: Mapping[str, Any]) -> None:
    for option, attribute in {**PASSED, **PROXY}.items():
        if params.get(option):
            setattr(found, attribute, params[option])
    headers = {name: value for name, value in (params.get("proxy_headers") or {}).items() if value}
    if headers:
        found.proxy_headers = make_headers(**headers)
    if params.get("api_key"):
        _sign_in(found, f"Bearer {params['api_key']}")
    elif params.get("password"):
        # The client itself has no use for its `username` and `password`.
        _sign_in(found, make_headers(basic_auth=f"{params['username']}:{params['password']}")["authorization"])
    if params.get("validate_certs") is not None:
        found.verify_ssl = params["validate_certs"]


def _sign_in(found: Configuration, authorization: str) -> None:
    # Releases of the client differ in which of these two names they look at.
    found.api_key = dict.fromkeys(("authorization", "BearerToken"), authorization)


def _load(found: Configuration, params: Mapping[str, Any], deadline: Deadline) -> None:
    given = params.get("kubeconfig") or os.environ.get("KUBECONFIG")
    named = f"kubeconfig {given or DEFAULT_FILE}"
    try:
        if not given and not Path(DEFAULT_FILE).expanduser().exists() and "KUBERNETES_SERVICE_HOST" in os.environ:
            named = "the pod's service account"
            config.load_incluster_config(client_configuration=found)
            return
        load(found, given, params.get("context"), deadline, params["api_timeout"])
    except config.ConfigException as error:
        raise KubernetesError(
            f"{named}: {' '.join(str(error).split()).rstrip('.')}. Give the options 'kubeconfig' and 'context', or 'host' and 'api_key'."
        ) from error
    except KubernetesError as error:
        raise KubernetesError(f"{named}: {error.message}") from error
    except yaml.YAMLError as error:
        raise KubernetesError(f"{named}: it cannot be read: {problem_of(error)}.") from error
    except OSError as error:
        raise KubernetesError(f"{named}: it cannot be read: {error.strerror or error}.") from error
    except (AttributeError, TypeError, ValueError, KeyError) as error:
        # The loader relies on the shape of the file.
        raise KubernetesError(
            f"{named}: it does not have the structure of a kubeconfig. Compare it with 'kubectl config view', or create it again."
        ) from error
