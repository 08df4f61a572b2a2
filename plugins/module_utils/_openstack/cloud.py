# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From the module's options to a cloud: openstacksdk reads clouds.yaml, the environment and the options; keystoneauth talks."""

from __future__ import annotations

import copy
import re
from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Any

from .._plan.deadline import Deadline
from .._plan.limits import TIME_LIMITS, refuse_wrong_seconds
from .._plan.text.scrub import SCRUBBER, is_address
from . import lazy_sdk  # noqa: F401  # pylint: disable=unused-import
from .clouds_file import explained, unreadable
from .errors import Answer, CloudError, translated
from .look import Look
from .service import Service
from .session import limit

try:
    import openstack.config
    import yaml
    from keystoneauth1 import exceptions as ksa
    from openstack import exceptions as sdk
    from openstack.config.cloud_region import CloudRegion
except ImportError:  # reported by module.run before anything here is used
    pass

APP = "zoneops.openstack"
# Options of a module that openstacksdk's configuration knows under another name.
RENAMED = {"validate_certs": "verify", "ca_cert": "cacert", "client_cert": "cert", "client_key": "key"}
# What cannot be signed in with when it is there and empty.
NOT_EMPTY = {"auth_url", "password", "token", "application_credential_secret"}
# What says in `auth` which project it is.
OF_PROJECT = ("project_", "tenant_", "domain_", "system_scope")
PASSED = ("auth", "auth_type", "region_name", "interface", *RENAMED)


class Cloud:
    """One region of one cloud, and its services by type."""

    def __init__(self, region: CloudRegion, deadline: Deadline, limits: tuple[float, float]) -> None:
        self.deadline = deadline
        #: Every write that was sent: service, method, path, status and request id (None where no answer came).
        self.writes: list[dict[str, Any]] = []
        self._region = region
        self._limits = limits
        try:
            self._session = region.get_session()
        except sdk.SDKException as error:
            raise CloudError(f"cannot use cloud '{region.name}': {error}") from error
        limit(self._session, deadline, limits)
        self._services: dict[tuple[str, str | None], Service] = {}
        self._answers: dict[Any, Answer] | None = None
        self._look = Look()

    @property
    def place(self) -> tuple[str, ...]:
        """Which region this is, and who signs in: without secrets, to tell whether something that was kept is of the same."""
        auth = self._region.config.get("auth") or {}
        names = ("auth_url", "username", "user_id", "application_credential_id", "project_name", "project_id")
        who = (str(auth.get(name) or "") for name in names)
        return (str(self._region.region_name or ""), str(self._region.get_interface() or ""), *who)

    def remember_reads(self) -> None:
        """Ask nothing twice: for a call that only reads. Has to be said before the first request."""
        self._answers = {}

    def forget_reads(self) -> None:
        """Ask again from now on, also for what was remembered."""
        if self._answers is not None:
            self._answers.clear()

    def one_look(self) -> AbstractContextManager[None]:
        """Inside, what several parts list of a service is asked for once. Whoever waits there says so by `look_again`."""
        return self._look.begun()

    def look_again(self) -> None:
        """Behind a wait in a look: ask again for what it has, also where that was an error."""
        self._look.forget()

    def project_id(self) -> str:
        """The project that the user is signed in to."""
        with translated("identity (keystone)", "POST", "token"):
            found = self._session.get_project_id()
        if not found:
            raise CloudError(f"cloud '{self._region.name}' signs in to no project, and this needs one.")
        return str(found)

    def user_id(self) -> str:
        """The user that is signed in."""
        with translated("identity (keystone)", "POST", "token"):
            return str(self._session.get_user_id() or "")

    def roles(self) -> tuple[str, ...]:
        """The names of the roles that the user has in the project that it is signed in to."""
        auth: Any = self._session.auth
        with translated("identity (keystone)", "POST", "token"):
            return tuple(auth.get_access(self._session).role_names)

    def in_project(self, project: str) -> Cloud:
        """The same cloud, by the same user, signed in to another project. Raises CloudError where keystone does not let it."""
        if project == self.project_id():
            return self
        entry = copy.deepcopy(dict(self._region.config))
        auth = {name: value for name, value in (entry.get("auth") or {}).items() if not name.startswith(OF_PROJECT)}
        if any(name.startswith("application_credential") for name in auth):
            raise CloudError("an application credential is bound to its project: sign in with a password or a token.")
        config = openstack.config.OpenStackConfig(load_yaml_config=False, load_envvars=False, app_name=APP)
        try:
            region = config.get_one(**{**entry, "auth": {**auth, "project_id": project}})
        except (sdk.ConfigException, ksa.MissingRequiredOptions, ksa.NoMatchingPlugin) as error:
            raise CloudError(f"cannot sign in to project {project}: {_sentence(error)}") from error
        found = Cloud(region, self.deadline, self._limits)
        # One account of all writes.
        found.writes = self.writes
        found.project_id()
        return found

    def service(self, service_type: str, version: str | None = None) -> Service:
        """The service of a type such as "compute", found in the catalog at its first request.

        :param version: major version of the API, for services whose catalog entry may lack it.
        """
        key = (service_type, version)
        if key not in self._services:
            self._services[key] = Service(
                service_type,
                session=self._session,
                interface=self._region.get_interface(service_type),
                region_name=self._region.get_region_name(service_type),
                endpoint_override=self._region.get_endpoint(service_type),
                version=version,
                writes=self.writes,
                answers=self._answers,
                look=self._look,
            )
        return self._services[key]


def connect(params: Mapping[str, Any]) -> Cloud:
    """The cloud that the options of a module name. Sends nothing yet; raises CloudError when the configuration is unusable."""
    refuse_wrong_seconds(params, TIME_LIMITS)
    options = {RENAMED.get(name, name): params[name] for name in PASSED if params.get(name) is not None}
    deadline, cloud = Deadline(params["timeout"]), params.get("cloud")
    if cloud is not None and not isinstance(cloud, str):
        named, region = "option 'cloud'", _complete(cloud, params)
    else:
        named = f"cloud '{cloud or 'from the environment'}'"
        region = _named(named, cloud, options)
    SCRUBBER.remember({**(region.config.get("auth") or {}), **_secrets(region.config)})
    auth_url = str(region.config.get("auth", {}).get("auth_url", ""))
    if auth_url and not is_address(auth_url):
        raise CloudError(f"{named}: auth_url is not an address such as https://keystone.example.org/v3.")
    return Cloud(region, deadline, (params["connect_timeout"], params["api_timeout"]))


def _complete(cloud: Any, params: Mapping[str, Any]) -> CloudRegion:
    """From a mapping that is what an entry of clouds.yaml would be: nothing of a file or the environment is mixed into it."""
    if not isinstance(cloud, Mapping):
        raise CloudError("option 'cloud' is neither a name nor a mapping: give one of them.")
    SCRUBBER.remember_cloud(cloud)
    if given := [name for name in PASSED if params.get(name) is not None]:
        raise CloudError(f"option 'cloud' is a complete configuration: leave out {', '.join(given)}, or move it there.")
    if not isinstance(cloud.get("auth"), Mapping):
        raise CloudError("option 'cloud' is a mapping without 'auth': give what an entry of clouds.yaml has.")
    _refuse_empty("option 'cloud'", cloud["auth"])
    entry: dict[str, Any] = {str(name): value for name, value in cloud.items() if name != "cloud"}
    options = {RENAMED.get(name, name): value for name, value in entry.items()}
    try:
        config = openstack.config.OpenStackConfig(load_yaml_config=False, load_envvars=False, app_name=APP)
        return config.get_one(**options)
    except (sdk.ConfigException, ksa.MissingRequiredOptions, ksa.NoMatchingPlugin) as error:
        raise CloudError(f"option 'cloud': {_sentence(error)} Give what an entry of clouds.yaml has.") from error
    except (AttributeError, TypeError, ValueError) as error:
        raise CloudError(f"option 'cloud' cannot be used: {_wrong(error)}") from error


def _named(named: str, name: str | None, options: Mapping[str, Any]) -> CloudRegion:
    """From clouds.yaml, or the environment, with the options over it."""
    try:
        config = openstack.config.OpenStackConfig(app_name=APP)
        written = _raw(config.cloud_config, name or config.default_cloud)
        SCRUBBER.remember(written)
        _refuse_empty(named, {**written, **(options.get("auth") or {})})
        return config.get_one(cloud=name, **options)
    except sdk.ConfigException as error:
        # openstacksdk passes over a file that it cannot read.
        if problem := unreadable():
            raise CloudError(f"{named}: {problem}") from error
        raise CloudError(f"{named}: {_sentence(error)} Known clouds come from clouds.yaml: {explained()}") from error
    except (ksa.MissingRequiredOptions, ksa.NoMatchingPlugin) as error:
        raise CloudError(
            f"{named}: {_sentence(error)} Give the option 'cloud', set OS_CLOUD, or give 'auth'."
        ) from error
    except yaml.YAMLError as error:
        raise CloudError(f"{named}: {explained()}") from error
    except (AttributeError, TypeError, ValueError) as error:
        # openstacksdk relies on the shape of clouds.yaml, and hands unknown keys of `auth` to the plugin's constructor.
        raise CloudError(
            f"{named}: its entry in clouds.yaml or the option 'auth' cannot be used: {_wrong(error)} {explained()}"
        ) from error


def _raw(clouds: Any, name: Any) -> dict[str, Any]:
    """The credentials of an entry of clouds.yaml as they are written; openstacksdk stumbles over empty ones, or leaves them out."""
    entry = clouds.get("clouds") if isinstance(clouds, Mapping) else None
    for key in (name, "auth"):
        entry = entry.get(key) if isinstance(entry, Mapping) else None
    return dict(entry) if isinstance(entry, Mapping) else {}


def _refuse_empty(named: str, auth: Mapping[str, Any]) -> None:
    for name in sorted(NOT_EMPTY & set(auth)):
        value = auth[name]
        if value in (None, "") or not isinstance(value, (str, int, float)):
            wrong = "is empty" if value in (None, "") else "is not text"
            raise CloudError(f"{named}: auth.{name} {wrong}. Correct it in clouds.yaml or the option 'auth'.")


def _wrong(error: Exception) -> str:
    """What openstacksdk stumbled over, where it says so in words of its configuration."""
    unknown = re.search(r"unexpected keyword argument '(\w+)'", str(error))
    if unknown:
        return f"'auth' has the key '{unknown[1]}', which this auth_type does not know."
    # UnicodeDecodeError and the like are ValueErrors, too, with words of their own.
    return (
        _sentence(error)
        if error.__class__ is ValueError
        else "it does not have the structure that openstacksdk documents."
    )


def _secrets(config: Mapping[str, Any]) -> dict[str, Any]:
    """What openstacksdk leaves outside `auth`: an entry of clouds.yaml can have it in either place."""
    return {
        name: value for name, value in config.items() if "password" in name or "passcode" in name or "token" in name
    }


def _sentence(error: Exception) -> str:
    """The error's message on one line, which may or may not end with a full stop."""
    return f"{' '.join(str(error).split()).rstrip('.')}."
