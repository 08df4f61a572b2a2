# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Forms of a single text outside nova: Kubernetes names, addresses, networks, Ceph, configuration sections."""

from __future__ import annotations

import ipaddress
import re

from .fields import Rule

_LABEL = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?")
_SUBDOMAIN = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")
_LABEL_VALUE = re.compile(r"[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?")
_SECRET_KEY = re.compile(r"[-._A-Za-z0-9]+")
_FSID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_SECTION = re.compile(r"[A-Za-z0-9]([A-Za-z0-9_.-]*[A-Za-z0-9])?")
_OPTION = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.:-]*")
_ANNOTATION = re.compile(rf"({_SUBDOMAIN.pattern}/)?[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?")
_HOST_NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?\.?")
_RESERVED_SECTIONS = {"DEFAULT", "glance_store", "backend_defaults", "os_glance_staging_store", "os_glance_tasks_store"}
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_URL = re.compile(r"https?://[^\s/]+(/\S*)?")
KUBERNETES_NAME_LENGTH = 26
NODE_SET_LENGTH = 53
# Digits by kind.
CHECKSUMS = {"sha512": 128, "sha384": 96, "sha256": 64, "sha1": 40, "md5": 32}


def _kubernetes_name(name: str) -> str:
    if len(name) > KUBERNETES_NAME_LENGTH:
        return (
            f"has {len(name)} characters; with more than {KUBERNETES_NAME_LENGTH} the pods cannot be created; "
            "give a shorter name"
        )
    if not _LABEL.fullmatch(name):
        return "is not a Kubernetes name (lower case letters, digits, '-' inside); give one that is"
    return ""


def _object_name(name: str) -> str:
    if len(name) > 253 or not _SUBDOMAIN.fullmatch(name):
        return "is not the name of a Kubernetes object (lower case letters, digits, '-' and '.' inside); correct it"
    return ""


def _label_name(name: str) -> str:
    if len(name) > 63 or not _LABEL.fullmatch(name):
        return "is not a Kubernetes name (at most 63 lower case letters, digits, '-' inside); correct it"
    return ""


def _node_set(name: str) -> str:
    if len(name) > NODE_SET_LENGTH:
        return f"has {len(name)} characters, and a NodeSet's name at most {NODE_SET_LENGTH}; give a shorter one"
    return _label_name(name)


def _variable(name: str) -> str:
    return "" if _VARIABLE.fullmatch(name) else "is not the name of a variable of Ansible; correct it"


def _label_value(value: str) -> str:
    if len(value) > 63 or not _LABEL_VALUE.fullmatch(value):
        return "is not a label's value (at most 63 letters, digits, '-', '_', '.' inside); correct it"
    return ""


def _annotation(key: str) -> str:
    if len(key) > 317 or not _ANNOTATION.fullmatch(key) or len(key.rpartition("/")[2]) > 63:
        return "is not the key of an annotation, such as metallb.io/address-pool; correct it"
    return ""


def _secret_key(key: str) -> str:
    if len(key) > 253 or not _SECRET_KEY.fullmatch(key):
        return "is not a key of a Kubernetes Secret (letters, digits, '-', '_', '.'); correct it"
    return ""


def _ip(text: str) -> str:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return "is not an IP address; write one such as 172.17.0.81"
    return ""


def _network(text: str) -> str:
    try:
        ipaddress.ip_network(text)
    except ValueError as error:
        return f"is not a network ({_reason(error)}); write one such as 172.18.1.0/24"
    return ""


def _reason(error: ValueError) -> str:
    """What `ipaddress` has against a text, without the text."""
    return "host bits are set" if "host bits" in str(error) else "no such address or mask"


def _fsid(text: str) -> str:
    return "" if _FSID.fullmatch(text) else "is not a Ceph fsid; copy what `ceph fsid` prints"


def _section(name: str) -> str:
    if name in _RESERVED_SECTIONS:
        return "is a section that the service itself uses; choose another"
    if len(name) > 255 or not _SECTION.fullmatch(name):
        return "cannot name a store or back end (letters, digits, '-', '_', '.' inside); choose another"
    return ""


def _option(name: str) -> str:
    return (
        "" if len(name) <= 255 and _OPTION.fullmatch(name) else "is not the name of a configuration option; correct it"
    )


def _line(text: str) -> str:
    if not text:
        return "is empty; give a value or leave the key out"
    return "" if text.isprintable() else "has a line break or a control character; write it on one line"


def _value_line(text: str) -> str:
    return "" if text.isprintable() else "has a line break or a control character; write it on one line"


def _address(text: str) -> str:
    if _ip(text) and not (len(text) <= 253 and _HOST_NAME.fullmatch(text)):
        return "is neither an IP address nor a host name; correct it"
    return ""


def _path(text: str) -> str:
    if text.startswith(("/", "~/")) and text.isprintable():
        return ""
    return "is not an absolute path; begin it with '/', for example by {{ inventory_dir }}"


def _url(text: str) -> str:
    return "" if _URL.fullmatch(text) else "is not an address that glance can fetch (http or https); correct it"


def _checksum(text: str) -> str:
    kind, found, digest = text.partition(":")
    if not found or kind not in CHECKSUMS:
        return f"does not begin with its kind; write KIND:DIGEST with one of {', '.join(CHECKSUMS)}"
    if not re.fullmatch(rf"[0-9a-f]{{{CHECKSUMS[kind]}}}", digest):
        return f"is not a {kind}, which has {CHECKSUMS[kind]} digits 0-9 and a-f; copy all of it"
    return ""


LINE = Rule("one line of text", "", _line)
VALUE_LINE = Rule("one line of text", "INI files of the services", _value_line)
PATH = Rule("the absolute path of a file", "", _path)
URL = Rule("an http or https address", "", _url)
CHECKSUM = Rule("`sha512:`, `sha384:`, `sha256:`, `sha1:` or `md5:`, then the digest in lower case", "", _checksum)
ADDRESS = Rule("an IP address or a host name", "", _address)
IP = Rule("an IP address", "", _ip)
NETWORK = Rule("a network in CIDR form, without host bits", "", _network)
FSID = Rule("a UUID in lower case, as `ceph fsid` prints it", "Ceph", _fsid)
SECTION = Rule("letters, digits, '-', '_', '.'; not a section of the service", "oslo.config", _section)
OPTION = Rule("letters, digits, '-', '_', '.', ':'", "oslo.config", _option)
KUBERNETES_NAME = Rule(
    f"at most {KUBERNETES_NAME_LENGTH} characters `[a-z0-9]([-a-z0-9]*[a-z0-9])?`, any prefix included",
    "operators of RHOSO 18.0-fr6: StatefulSet and finalizer names",
    _kubernetes_name,
)
OBJECT_NAME = Rule("a Kubernetes object's name (RFC 1123 subdomain)", "Kubernetes", _object_name)
LABEL_NAME = Rule("a Kubernetes name (RFC 1123 label)", "Kubernetes", _label_name)
NODE_SET = Rule(f"a Kubernetes name of at most {NODE_SET_LENGTH} characters", "RHOSO: node sets", _node_set)
ANSIBLE_VARIABLE = Rule("letters, digits, '_'", "Ansible", _variable)
LABEL_VALUE = Rule("at most 63 letters, digits, '-', '_', '.'", "Kubernetes", _label_value)
ANNOTATION = Rule("a key as Kubernetes takes it, prefix and '/' included", "Kubernetes", _annotation)
SECRET_KEY = Rule("letters, digits, '-', '_', '.'", "Kubernetes", _secret_key)
