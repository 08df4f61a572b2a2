# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The zone map, what the control plane object says of the services: the region's shared part and each zone's part."""

from __future__ import annotations

from dataclasses import dataclass

from . import formats
from .common import CONFIG, CONFIG_SECRETS, Sections
from .fields import prop

ARTICLE = "distributed zones: placement of the services"
RELEASES = ("18.0-fr2", "18.0-fr3", "18.0-fr4", "18.0-fr5", "18.0-fr6")
# The map of backup services is in the control plane object from here on.
FIRST_WITH_BACKUPS = "18.0-fr5"
NETWORKS = "Networks that the pods are attached to."
REGIONS = "if they differ from those of the region"


@dataclass(frozen=True, kw_only=True)
class GlanceServices:
    """Glance: one API for all, with every zone's store, and one for each zone."""

    api: str = prop(
        "Key of the API for all, which is in the catalog. It has the stores of all zones, so images are copied through it.",
        default="default",
        rule=formats.KUBERNETES_NAME,
    )
    replicas: int = prop("Pods of the API for all: this number of external and of internal ones.", default=3)
    zone_replicas: int = prop("Pods of each zone's API.", default=2, source=ARTICLE)
    api_timeout: int = prop("Seconds that a request may take. Copies of large images need time.", default=600)
    networks: tuple[str, ...] = prop(NETWORKS, default=("storage",), rule=formats.OBJECT_NAME, unique=True)
    zone_networks: tuple[str, ...] = prop(
        f"{NETWORKS} The zones' APIs, if they differ from those of the API for all.",
        default=(),
        rule=formats.OBJECT_NAME,
        unique=True,
    )
    import_methods: tuple[str, ...] = prop(
        "Methods of importing images. copy-image is required to copy images to the zones.",
        default=("web-download", "copy-image", "glance-direct"),
        choices=("web-download", "copy-image", "glance-direct", "glance-download"),
        unique=True,
    )
    store_connect_timeout: int = prop(
        "Seconds that an rbd store may take to connect. Without a limit the cluster of a lost zone blocks calls of all zones. "
        "A store of the type cinder has glance's own limits, 300 seconds for a volume to be ready "
        "(`cinder_state_transition_timeout`) and 3 repetitions of a call (`cinder_http_retries`), which `options` of the store can change; "
        "the time of a single call has no setting.",
        default=30,
    )
    copy_image_rule: str | None = prop(
        "Who may copy images between stores, as a policy rule such as `role:admin or role:images`. Without it, glance's own rule.",
        default=None,
        rule=formats.LINE,
    )
    config: Sections = prop(
        f"{CONFIG} For the API for all.", default={}, rule=formats.VALUE_LINE, key_rule=formats.OPTION
    )
    config_secrets: tuple[str, ...] = prop(CONFIG_SECRETS, default=(), rule=formats.OBJECT_NAME, unique=True)


@dataclass(frozen=True, kw_only=True)
class CinderServices:
    """Cinder: the parts that all zones share."""

    api_replicas: int = prop("Pods of the API.", default=3, source=ARTICLE)
    scheduler_replicas: int = prop(
        "Pods of the scheduler; more than one is not recommended.", default=1, source=ARTICLE
    )
    backup_replicas: int = prop(
        "Pods of a backup service: of the one in the modes zone and spread, of each zone's in the mode per_zone.",
        default=3,
        source=ARTICLE,
    )
    networks: tuple[str, ...] = prop(
        f"{NETWORKS} Volume and backup services.", default=("storage",), rule=formats.OBJECT_NAME, unique=True
    )
    backup_networks: tuple[str, ...] = prop(
        f"{NETWORKS} Backup services, if they differ from those of volume services.",
        default=(),
        rule=formats.OBJECT_NAME,
        unique=True,
    )
    api_networks: tuple[str, ...] = prop(
        f"{NETWORKS} The API; without it, they are not managed.", default=(), rule=formats.OBJECT_NAME, unique=True
    )
    scheduler_networks: tuple[str, ...] = prop(
        f"{NETWORKS} The scheduler; without it, they are not managed.",
        default=(),
        rule=formats.OBJECT_NAME,
        unique=True,
    )
    config: Sections = prop(
        f"{CONFIG} For all services of cinder: a change restarts them in all zones.",
        default={},
        rule=formats.VALUE_LINE,
        key_rule=formats.OPTION,
    )


@dataclass(frozen=True, kw_only=True)
class ManilaServices:
    """Manila: the parts that all zones share."""

    api_replicas: int = prop("Pods of the API.", default=3, source=ARTICLE)
    scheduler_replicas: int = prop("Pods of the scheduler.", default=3, source=ARTICLE)
    api_networks: tuple[str, ...] = prop(
        f"{NETWORKS} The API.", default=("internalapi",), rule=formats.OBJECT_NAME, unique=True
    )
    networks: tuple[str, ...] = prop(
        f"{NETWORKS} Share services.", default=("storage",), rule=formats.OBJECT_NAME, unique=True
    )
    scheduler_networks: tuple[str, ...] = prop(
        f"{NETWORKS} The scheduler; without it, they are not managed.",
        default=(),
        rule=formats.OBJECT_NAME,
        unique=True,
    )
    load_balancer_address: str | None = prop(
        "Address of the internal API, for hosts outside the cluster; without it, the API has no own address.",
        default=None,
        rule=formats.IP,
    )
    default_share_type: str | None = prop(
        "Share type of shares that are created without a type.", default=None, rule=formats.LINE
    )
    config: Sections = prop(f"{CONFIG} For the API.", default={}, rule=formats.VALUE_LINE, key_rule=formats.OPTION)


@dataclass(frozen=True, kw_only=True)
class NovaServices:
    """Nova: not managed unless something is set here."""

    default_schedule_zone: str | None = prop(
        "Inventory name of the zone for servers that are created without an availability zone. They stay pinned to it, "
        "and none can be created while it is lost. Without it, such servers are placed in any zone and can move.",
        default=None,
    )
    cross_az_attach: bool | None = prop(
        "Whether servers may use volumes of other zones. False also refuses a volume of another zone at boot. The API and "
        "the compute hosts get the same value.",
        default=None,
    )
    api_config: Sections = prop(f"{CONFIG} For the API.", default={}, rule=formats.VALUE_LINE, key_rule=formats.OPTION)
    scheduler_config: Sections = prop(
        f"{CONFIG} For the scheduler.", default={}, rule=formats.VALUE_LINE, key_rule=formats.OPTION
    )


@dataclass(frozen=True, kw_only=True)
class QuorumServices:
    """Services that need a majority: one member in each zone."""

    replicas: int = prop("Members of each; an odd number.", default=3, source=ARTICLE)
    databases: tuple[str, ...] = prop(
        "Keys of `galera` in the control plane object.",
        default=("openstack", "openstack-cell1"),
        rule=formats.LABEL_NAME,
        unique=True,
    )
    message_buses: tuple[str, ...] = prop(
        "Keys of `rabbitmq` in the control plane object.",
        default=("rabbitmq", "rabbitmq-cell1"),
        rule=formats.LABEL_NAME,
        unique=True,
    )
    network_databases: tuple[str, ...] = prop(
        "Keys of `ovn.template.ovnDBCluster` in the control plane object.",
        default=("ovndbcluster-nb", "ovndbcluster-sb"),
        rule=formats.LABEL_NAME,
        unique=True,
    )


@dataclass(frozen=True, kw_only=True)
class MemcachedServices:
    """Memcached."""

    replicas: int = prop("Pods of the memcached for all.", default=3, source=ARTICLE)
    per_zone: bool = prop("Whether each zone also has its own memcached.", default=False)
    zone_replicas: int = prop("Pods of a zone's own memcached.", default=1)


@dataclass(frozen=True, kw_only=True)
class Mount:
    """Files that are mounted into services, in addition to what the collection mounts itself.

    The control plane object has one list of mounts with one owner: mounts that are not in the map are removed from it.
    """

    name: str = prop("Name of the volume in the pods.", rule=formats.LABEL_NAME)
    secret: str | None = prop("Secret with the files; it or a ConfigMap.", default=None, rule=formats.OBJECT_NAME)
    config_map: str | None = prop("ConfigMap with the files.", default=None, rule=formats.OBJECT_NAME)
    path: str = prop("Path at which they are mounted.", rule=formats.PATH)
    sub_path: str | None = prop("Key of the one file that is mounted at `path`.", default=None, rule=formats.SECRET_KEY)
    propagation: tuple[str, ...] = prop(
        "Services with these files: a service, one of its parts such as GlanceAPI, or a key such as a zone's. Without it, all services.",
        default=(),
        rule=formats.LINE,
        unique=True,
    )


@dataclass(frozen=True, kw_only=True)
class RegionServices:
    """The shared part of the control plane object. A service is managed if a zone uses it."""

    release: str = prop(
        "Feature release of RHOSO. Up to 18.0-fr4 there can be only one backup service.",
        default="18.0-fr6",
        choices=RELEASES,
    )
    default_zone: str | None = prop(
        "Inventory name of the zone whose store and availability zone are the default; without it, the region's first.",
        default=None,
    )
    tls: bool = prop("Whether the services inside the cluster use TLS (`tls.podLevel`).", default=True)
    ceph_files_secret: str | None = prop(
        "Secret with conf and keyring of all zones' Ceph clusters, for the services that reach all of them: the glance "
        "API for all, and backups. Needed with rbd stores and Ceph backups.",
        default=None,
        rule=formats.OBJECT_NAME,
    )
    glance: GlanceServices = prop("Glance.", default=GlanceServices)
    cinder: CinderServices = prop("Cinder.", default=CinderServices)
    manila: ManilaServices = prop("Manila.", default=ManilaServices)
    nova: NovaServices = prop("Nova.", default=NovaServices)
    quorum: QuorumServices = prop("Galera, RabbitMQ and the databases of OVN.", default=QuorumServices)
    memcached: MemcachedServices = prop("Memcached.", default=MemcachedServices)
    mounts: tuple[Mount, ...] = prop("Further files in services.", default=())


@dataclass(frozen=True, kw_only=True)
class ZoneServices:
    """The zone's own part of the control plane object."""

    other_stores: tuple[str, ...] = prop(
        "Inventory names of other zones whose stores this zone's glance API also has, for copies without the API for all. "
        "With Ceph the zone's `files_secret` must then have their files too.",
        default=(),
        rule=formats.LINE,
        unique=True,
    )
    annotations: dict[str, str | None] = prop(
        "Further annotations of the zone's glance endpoint, for the load balancer.",
        default={},
        rule=formats.VALUE_LINE,
        key_rule=formats.ANNOTATION,
        as_text=True,
    )
    glance_networks: tuple[str, ...] = prop(
        f"{NETWORKS} The zone's glance API, {REGIONS}.", default=(), rule=formats.OBJECT_NAME, unique=True
    )
    volume_networks: tuple[str, ...] = prop(
        f"{NETWORKS} The zone's volume services, {REGIONS}.",
        default=(),
        rule=formats.OBJECT_NAME,
        unique=True,
    )
    backup_networks: tuple[str, ...] = prop(
        f"{NETWORKS} The zone's backup service, {REGIONS}.",
        default=(),
        rule=formats.OBJECT_NAME,
        unique=True,
    )
    share_networks: tuple[str, ...] = prop(
        f"{NETWORKS} The zone's share services, {REGIONS}.",
        default=(),
        rule=formats.OBJECT_NAME,
        unique=True,
    )
    traffic_policy: str | None = prop(
        "Nodes that answer for the endpoint's address; Local: only nodes that run one of its pods.",
        default=None,
        choices=("Cluster", "Local"),
    )
    memcached: str | None = prop(
        "Key of the zone's own memcached, with `memcached.per_zone`; without it, `memcached-` and the zone's `name`.",
        default=None,
        rule=formats.KUBERNETES_NAME,
    )
    glance_config: Sections = prop(
        f"{CONFIG} For the zone's glance API.", default={}, rule=formats.VALUE_LINE, key_rule=formats.OPTION
    )
    volume_config: Sections = prop(
        f"{CONFIG} For the zone's volume services.", default={}, rule=formats.VALUE_LINE, key_rule=formats.OPTION
    )
    share_config: Sections = prop(
        f"{CONFIG} For the zone's share services.", default={}, rule=formats.VALUE_LINE, key_rule=formats.OPTION
    )
