# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a module finds the cluster: the options of the Kubernetes collections, plus time limits."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
requirements:
  - python >= 3.11
  - kubernetes >= 29.0.0
options:
  kubeconfig:
    description:
      - File with the cluster and the credentials. Without it, E(K8S_AUTH_KUBECONFIG), E(KUBECONFIG), C(~/.kube/config), or the account of the pod that
        the play runs in.
      - Nothing is ever written to it.
    type: path
  context:
    description:
      - Context of the file to use. Without it, E(K8S_AUTH_CONTEXT), what the zone map says in C(zoneops_region.kubernetes.context), else its current one.
    type: str
  host:
    description: Address of the API, for example V(https://api.example.org:6443). Without it, E(K8S_AUTH_HOST), else that of the file.
    type: str
  api_key:
    description: Token to sign in with. Without it, E(K8S_AUTH_API_KEY), else the credentials of the file.
    type: str
  username:
    description: User to sign in as, with O(password), if the API accepts basic authentication. Without it, E(K8S_AUTH_USERNAME).
    type: str
  password:
    description: Password of O(username). Without it, E(K8S_AUTH_PASSWORD). A token in O(api_key) comes first.
    type: str
  validate_certs:
    description: Whether the certificate of the API is verified. Without it, E(K8S_AUTH_VERIFY_SSL), else what the file says, else V(true).
    type: bool
    aliases: [verify_ssl]
  ca_cert:
    description: File with the certificates of the authorities to trust. Without it, E(K8S_AUTH_SSL_CA_CERT), else those of the file.
    type: path
    aliases: [ssl_ca_cert]
  client_cert:
    description: File with a client certificate. Without it, E(K8S_AUTH_CERT_FILE), else that of the file.
    type: path
    aliases: [cert_file]
  client_key:
    description: File with the key of O(client_cert). Without it, E(K8S_AUTH_KEY_FILE), else that of the file.
    type: path
    aliases: [key_file]
  proxy:
    description: Address of an HTTP proxy to the API. Without it, E(K8S_AUTH_PROXY), else that of the file.
    type: str
  no_proxy:
    description: Hosts, domains and networks that are reached without the proxy, with commas. Without it, E(K8S_AUTH_NO_PROXY).
    type: str
  proxy_headers:
    description: Headers for the proxy.
    type: dict
    suboptions:
      proxy_basic_auth:
        description: User and password for the proxy, with a colon. Without it, E(K8S_AUTH_PROXY_HEADERS_PROXY_BASIC_AUTH).
        type: str
      basic_auth:
        description: User and password in the header C(authorization), with a colon. Without it, E(K8S_AUTH_PROXY_HEADERS_BASIC_AUTH).
        type: str
      user_agent:
        description: What to send as C(user-agent). Without it, E(K8S_AUTH_PROXY_HEADERS_USER_AGENT).
        type: str
  impersonate_user:
    description: User to impersonate in every request. Without it, E(K8S_AUTH_IMPERSONATE_USER).
    type: str
  impersonate_groups:
    description: Groups of O(impersonate_user). Without it, E(K8S_AUTH_IMPERSONATE_GROUPS), with commas.
    type: list
    elements: str
  connect_timeout:
    description: Seconds to wait for a connection to the API.
    type: float
    default: 10
  api_timeout:
    description: Seconds to wait for the next byte of the API's answer, and for the answer of the kubeconfig's exec plugin.
    type: float
    default: 60
  timeout:
    description:
      - Seconds after which the whole run ends, even if a request is still waiting. No request begins after it, and none waits beyond it.
      - The result has what is known by then.
    type: float
    default: 600
"""
