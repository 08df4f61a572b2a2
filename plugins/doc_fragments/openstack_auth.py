# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a module finds the cloud: the options of the OpenStack ecosystem, plus time limits."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
requirements:
  - python >= 3.11
  - openstacksdk >= 4.2.0
options:
  cloud:
    description:
      - Name of a cloud in C(clouds.yaml).
      - That file is searched in C(~/.config/openstack) and C(/etc/openstack), or named by E(OS_CLIENT_CONFIG_FILE).
      - A file next to the inventory is not found, because modules run in the folder of the playbook.
      - Without it, the cloud comes from E(OS_CLOUD), else from the E(OS_AUTH_URL) family of variables.
      - A mapping is a complete configuration, with what an entry of C(clouds.yaml) has. Files and the environment add nothing to it, and the options O(auth),
        O(auth_type), O(region_name), O(interface), O(validate_certs), O(ca_cert), O(client_cert) and O(client_key) have to be left out.
    type: raw
  auth:
    description:
      - Credentials for the authentication plugin O(auth_type), for example C(auth_url), C(username), C(password),
        C(project_name), C(user_domain_name) and C(project_domain_name).
      - All its values are secret, so each is masked wherever it appears in the output, also where a project's name is the beginning of a host's.
      - Prefer C(clouds.yaml) or a credential of the automation controller, so that no secret is in a playbook.
    type: dict
  auth_type:
    description: Name of a keystoneauth plugin, for example V(password), V(v3applicationcredential) or V(token).
    type: str
  region_name:
    description: Region to work in. Without it, the region of the cloud's entry in C(clouds.yaml).
    type: str
  interface:
    description: Which endpoints of the catalog to use. Without it, what the cloud's entry says, else V(public).
    type: str
    choices: [public, internal, admin]
    aliases: [endpoint_type]
  validate_certs:
    description: Whether the certificates of the API are verified. Without it, what the cloud's entry says, else V(true).
    type: bool
    aliases: [verify]
  ca_cert:
    description: File with the certificates of the authorities to trust.
    type: path
    aliases: [cacert]
  client_cert:
    description: File with a client certificate.
    type: path
    aliases: [cert]
  client_key:
    description: File with the key of O(client_cert).
    type: path
    aliases: [key]
  connect_timeout:
    description: Seconds to wait for a connection to an API.
    type: float
    default: 10
  api_timeout:
    description: Seconds to wait for the next byte of an API's answer.
    type: float
    default: 60
  timeout:
    description:
      - Seconds after which the whole run ends, even if a request is still waiting. No request begins after it, and none waits beyond it.
      - The result has what is known by then.
    type: float
    default: 600
"""
