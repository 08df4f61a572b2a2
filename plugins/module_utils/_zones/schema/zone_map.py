# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The zone map. These classes are its only definition: the checker, the normal form and the reference page read them.

A default that comes from another property (`Derived`) has no Python default: whoever builds a zone by hand gives it.
"""

from __future__ import annotations

from dataclasses import dataclass

from . import defaults, formats, names
from .common import CONFIG_SECRETS, OPTIONS, Options
from .data_plane import RegionDataPlane, ZoneDataPlane
from .fields import AllZones, Derived, prop
from .kubernetes import RegionKubernetes, ZoneKubernetes

SCS = "SCS standard scs-0121-v1"
#: What it wants within each zone, the last one it only recommends.
REDUNDANT = ("power", "external_connection", "core_routers", "cooling")
ARTICLE = "distributed zones: one back end per zone"
KUBERNETES_KEY = "Key of this service in the control plane object."


@dataclass(frozen=True, kw_only=True)
class Compute:
    """The zone in nova: a host aggregate with the availability zone. `{}` uses all defaults."""

    aggregate: str = prop("Name of the host aggregate.", default=defaults.AVAILABILITY_ZONE, rule=names.AGGREGATE)
    hosts: tuple[str, ...] = prop(
        "Compute hosts of the zone, as in `openstack compute service list`. A host is in one zone only. "
        "Hosts of the aggregate that are not listed are kept, unless `zoneops_purge_hosts` is true.",
        default=defaults.COMPUTE_HOSTS,
        rule=names.HOST,
        unique=True,
    )
    metadata: dict[str, str | None] = prop(
        "Metadata of the aggregate. Merged with the existing ones; null removes a key. Whole numbers and truth values "
        "become text.",
        default={},
        rule=names.METADATA_VALUE,
        key_rule=names.METADATA_KEY,
        as_text=True,
    )
    cell: str | None = prop(
        "Nova cell of the zone's hosts, if zones have their own cells.", default=None, rule=formats.LINE
    )


@dataclass(frozen=True, kw_only=True)
class Ceph:
    """A Ceph cluster as the services of one zone reach it."""

    fsid: str = prop("The cluster's fsid. It shows whether two zones share a cluster.", rule=formats.FSID)
    name: str = prop("Base name of its files: `/etc/ceph/NAME.conf`.", default=defaults.CEPH_NAME, rule=formats.SECTION)
    user: str = prop("Ceph user of the services.", default="openstack", rule=formats.SECTION)
    files_secret: str | None = prop(
        "Kubernetes Secret with the cluster's conf and keyring.", default=None, rule=formats.OBJECT_NAME
    )


@dataclass(frozen=True, kw_only=True)
class ImageStore:
    """The zone's glance store."""

    name: str = prop("Name of the store.", default=defaults.ZONE_NAME, rule=formats.SECTION)
    type: str | None = prop(
        "Kind of store.",
        default=defaults.STORE_TYPE,
        choices=("rbd", "cinder", "file", "nfs", "s3", "swift"),
        source="glance_store",
    )
    ceph: Ceph | None = prop("Another Ceph cluster than the zone's.", default=None)
    pool: str | None = prop("Ceph pool of an rbd store.", default=defaults.IMAGE_POOL, rule=formats.LINE)
    volume_type: str | None = prop(
        "Volume type of a cinder store; required for that type.", default=None, rule=formats.LINE
    )
    address: str | None = prop(
        "NFS server of an nfs store; required for that type.", default=None, rule=formats.ADDRESS
    )
    path: str | None = prop("Exported path of an nfs store; required for that type.", default=None, rule=formats.LINE)
    description: str | None = prop("Its description in `glance stores-info`.", default=None, rule=formats.LINE)
    options: Options = prop(OPTIONS, default={}, rule=formats.VALUE_LINE, key_rule=formats.OPTION)
    config_secrets: tuple[str, ...] = prop(CONFIG_SECRETS, default=(), rule=formats.OBJECT_NAME, unique=True)


@dataclass(frozen=True, kw_only=True)
class VolumeBackend:
    """A cinder back end of the zone."""

    name: str = prop(
        "Name of the back end's section: the part after '@' in the name of its service. Unique in its zone.",
        default=defaults.ZONE_NAME,
        rule=formats.SECTION,
    )
    volume_backend_name: str = prop(
        "The name that volume types select. May be the same in all zones.",
        default=defaults.OWN_NAME,
        rule=formats.LINE,
    )
    type: str = prop("rbd: Ceph; vendor: anything else.", default=defaults.VOLUME_TYPE, choices=("rbd", "vendor"))
    driver: str | None = prop(
        "Class of the volume driver, for a vendor back end; required with `kubernetes`.",
        default=None,
        rule=formats.LINE,
    )
    ceph: Ceph | None = prop("Another Ceph cluster than the zone's.", default=None)
    address: str | None = prop(
        "Management address of the array. With `pool` it shows whether two zones share an array.",
        default=None,
        rule=formats.ADDRESS,
    )
    pool: str | None = prop("Pool of the cluster or array.", default=defaults.VOLUME_POOL, rule=formats.LINE)
    options: Options = prop(OPTIONS, default={}, rule=formats.VALUE_LINE, key_rule=formats.OPTION)
    config_secrets: tuple[str, ...] = prop(CONFIG_SECRETS, default=(), rule=formats.OBJECT_NAME, unique=True)
    kubernetes_name: str | None = prop(
        f"{KUBERNETES_KEY} (`cinderVolumes`). Unique in the region.",
        default=defaults.SERVICE_KEY,
        rule=formats.KUBERNETES_NAME,
    )


@dataclass(frozen=True, kw_only=True)
class ShareBackend:
    """A manila back end of the zone."""

    name: str = prop(
        "Name of the back end's section. Unique in the region: all share services have the same host name.",
        default=defaults.ZONE_NAME,
        rule=formats.SECTION,
    )
    share_backend_name: str = prop(
        "The name that share types select. May be the same in all zones.", default=defaults.OWN_NAME, rule=formats.LINE
    )
    type: str = prop(
        "cephfs: native CephFS; cephfs_nfs: CephFS through the zone's own NFS-Ganesha; vendor: anything else.",
        default=defaults.SHARE_TYPE,
        choices=("cephfs", "cephfs_nfs", "vendor"),
    )
    driver: str | None = prop(
        "Class of the share driver, for a vendor back end; required with `kubernetes`.", default=None, rule=formats.LINE
    )
    protocols: tuple[str, ...] = prop(
        "Protocols of its shares.",
        default=defaults.SHARE_PROTOCOLS,
        choices=("CEPHFS", "CIFS", "GLUSTERFS", "HDFS", "MAPRFS", "NFS"),
        unique=True,
    )
    ceph: Ceph | None = prop("Another Ceph cluster than the zone's.", default=None)
    filesystem: str | None = prop("CephFS file system (volume).", default=defaults.FILESYSTEM, rule=formats.LINE)
    gateway: str | None = prop(
        "Address of the zone's NFS-Ganesha; required for cephfs_nfs. A gateway in another zone would break the isolation.",
        default=None,
        rule=formats.ADDRESS,
        source=ARTICLE,
    )
    nfs_cluster: str | None = prop(
        "Name of the NFS-Ganesha cluster in Ceph, for cephfs_nfs.", default=None, rule=formats.LINE
    )
    address: str | None = prop(
        "Management address of the array. With `pool` it shows whether two zones share an array.",
        default=None,
        rule=formats.ADDRESS,
    )
    pool: str | None = prop("Pool, aggregate or virtual server on the array.", default=None, rule=formats.LINE)
    driver_handles_share_servers: bool = prop("Whether the driver creates share servers.", default=False)
    options: Options = prop(OPTIONS, default={}, rule=formats.VALUE_LINE, key_rule=formats.OPTION)
    config_secrets: tuple[str, ...] = prop(CONFIG_SECRETS, default=(), rule=formats.OBJECT_NAME, unique=True)
    kubernetes_name: str | None = prop(
        f"{KUBERNETES_KEY} (`manilaShares`). Unique in the region.",
        default=defaults.SERVICE_KEY,
        rule=formats.KUBERNETES_NAME,
    )


@dataclass(frozen=True, kw_only=True)
class BackupTarget:
    """The place to which cinder's backup service writes."""

    type: str | None = prop(
        "Kind of target.", default=defaults.BACKUP_TYPE, choices=("ceph", "nfs", "s3", "swift", "vendor")
    )
    driver: str | None = prop(
        "Class of the backup driver, for a vendor target; required for that type.", default=None, rule=formats.LINE
    )
    ceph: Ceph | None = prop("Another Ceph cluster than the zone's.", default=None)
    pool: str | None = prop("Ceph pool of a ceph target.", default=defaults.BACKUP_POOL, rule=formats.LINE)
    address: str | None = prop(
        "NFS server of an nfs target; required for that type.", default=None, rule=formats.ADDRESS
    )
    path: str | None = prop("Exported path of an nfs target; required for that type.", default=None, rule=formats.LINE)
    options: Options = prop(OPTIONS, default={}, rule=formats.VALUE_LINE, key_rule=formats.OPTION)
    config_secrets: tuple[str, ...] = prop(CONFIG_SECRETS, default=(), rule=formats.OBJECT_NAME, unique=True)
    kubernetes_name: str | None = prop(
        f"{KUBERNETES_KEY} (`cinderBackups`). Without it, the `kubernetes.name` of its zone, or `spread` in the mode spread.",
        default=None,
        rule=formats.KUBERNETES_NAME,
    )


@dataclass(frozen=True, kw_only=True)
class Backup:
    """The volume backups of the region."""

    mode: str = prop(
        "zone: one target in one zone, with the services in that zone; spread: one target outside all zones, with services in "
        "all zones; per_zone: each zone has its own target.",
        default="zone",
        choices=("zone", "spread", "per_zone"),
        source="distributed zones: cinder backup; per_zone from RHOSO 18.0-fr5",
    )
    zone: str | None = prop("Inventory name of the zone that hosts the target; required for mode zone.", default=None)
    target: BackupTarget | None = prop("The target, for the modes zone and spread.", default=None)


@dataclass(frozen=True, kw_only=True)
class Entry:
    """Something of the region that is in several zones; `entries` lists its objects."""

    name: str = prop("Its name.")
    zones: tuple[str, ...] = prop(
        "Inventory names of its zones, or `all`.",
        default=defaults.ALL_ZONES,
        rule=formats.LINE,
        unique=True,
        word=AllZones.WORD,
    )


@dataclass(frozen=True, kw_only=True)
class Type(Entry):
    """What volume types and share types have in common."""

    state: str = prop(
        "absent: delete the type, unless something uses it; of the other properties only `zones` has an effect.",
        default="present",
        choices=("present", "absent"),
    )


@dataclass(frozen=True, kw_only=True)
class VolumeType(Type):
    r"""A volume type, or with `{zone}` in its name one type for each of its zones.

    Every `{zone}` in the entry becomes the zone's inventory name, `\{zone}` the text `{zone}`; such texts need quotes in YAML. The extra spec
    `RESKEY:availability_zones` lists the availability zones of `zones`.
    """

    name: str = prop("Name of the type. `{zone}-gold` is one type for each zone.", rule=names.TYPE)
    volume_backend_name: str | None = prop(
        "The back end that serves it: the `volume_backend_name` of a back end in each of its zones. "
        "Without it, the scheduler chooses among the back ends of the zone.",
        default=None,
        rule=names.SPEC_VALUE,
    )
    extra_specs: dict[str, str | None] = prop(
        "Further extra specs. Merged with the existing ones; null removes a key. Whole numbers and truth values become text.",
        default={},
        rule=names.SPEC_VALUE,
        key_rule=names.VOLUME_SPEC_KEY,
        as_text=True,
    )
    public: bool | None = prop("Whether all projects may use it. New types are public.", default=None)
    projects: tuple[str, ...] = prop(
        "Projects that may use it if it is private, by name or id. Others are kept, unless "
        "`zoneops_purge_projects` is true.",
        default=(),
        rule=formats.LINE,
        unique=True,
    )
    description: str | None = prop(
        "Its description in `openstack volume type show`.", default=None, rule=names.SPEC_VALUE
    )


@dataclass(frozen=True, kw_only=True)
class ShareType(Type):
    r"""A share type, or with `{zone}` in its name one type for each of its zones.

    Every `{zone}` in the entry becomes the zone's inventory name, `\{zone}` the text `{zone}`; such texts need quotes in YAML. The extra spec
    `availability_zones` lists the availability zones of `zones`.
    """

    name: str = prop("Name of the type. `{zone}-gold` is one type for each zone.", rule=names.TYPE)
    share_backend_name: str | None = prop(
        "The back end that serves it: the `share_backend_name` of a back end in each of its zones. "
        "Without it, the scheduler chooses among the back ends of the zone.",
        default=None,
        rule=names.SPEC_VALUE,
    )
    driver_handles_share_servers: bool | None = prop(
        "Whether its back ends create share servers. It cannot change after the type is created. Without it, a new type gets "
        "the value of the back ends of its zones.",
        default=None,
    )
    extra_specs: dict[str, str | None] = prop(
        "Further extra specs. Merged with the existing ones; null removes a key. Whole numbers and truth values become text.",
        default={},
        rule=names.SPEC_VALUE,
        key_rule=names.SHARE_SPEC_KEY,
        as_text=True,
    )
    public: bool | None = prop("Whether all projects may use it. New types are public.", default=None)
    projects: tuple[str, ...] = prop(
        "Projects that may use it if it is private, by name or id. Others are kept, unless "
        "`zoneops_purge_projects` is true.",
        default=(),
        rule=formats.LINE,
        unique=True,
    )
    description: str | None = prop(
        "Its description in `openstack share type show`.", default=None, rule=names.SPEC_VALUE
    )
    zone_local: bool = prop(
        "Whether its shares are meant for their own zone: access rules that reach beyond the zone's networks are "
        "reported. Shares may be used from every zone otherwise.",
        default=False,
        source=ARTICLE,
    )


@dataclass(frozen=True, kw_only=True)
class Image(Entry):
    r"""An image and the zones whose stores have it, or with `select` all existing images that match.

    With `{zone}` in its name it describes one image per zone; `\{zone}` is the text `{zone}`. Properties that are left out stay as they are.
    """

    name: str = prop("Name of the image; with `select` only a name for this entry.", rule=names.IMAGE)
    select: str | None = prop(
        "JMESPath expression that selects images, over the properties in `openstack image show`, "
        "for example `visibility == 'public'`. Only the stores of these images are managed.",
        default=None,
        rule=formats.LINE,
    )
    file: str | None = prop(
        "File on the machine that runs the play, from which the image is created.", default=None, rule=formats.PATH
    )
    url: str | None = prop(
        "Address from which glance itself fetches the image (web-download).", default=None, rule=formats.URL
    )
    checksum: str | None = prop(
        "Checksum of the content, for example `sha512:...`. A changed checksum creates a new image. For a `url` it must be "
        "of the kind that glance stores (sha512 unless configured otherwise).",
        default=None,
        rule=formats.CHECKSUM,
    )
    disk_format: str | None = prop(
        "Format of the disk; required with `file` and `url`.",
        default=None,
        choices=("aki", "ami", "ari", "gpt", "iso", "ploop", "qcow2", "raw", "vdi", "vhd", "vhdx", "vmdk"),
    )
    container_format: str | None = prop(
        "Format of the container; bare for a new image.",
        default=None,
        choices=("aki", "ami", "ari", "bare", "compressed", "docker", "ova", "ovf"),
    )
    visibility: str | None = prop("Who may use it.", default=None, choices=("private", "shared", "community", "public"))
    protected: bool | None = prop("Whether it is protected from deletion.", default=None)
    hidden: bool | None = prop("Whether it is hidden from users' lists.", default=None)
    min_disk: int | None = prop("Least disk size of a server, in gigabytes.", default=None)
    min_ram: int | None = prop("Least memory of a server, in megabytes.", default=None)
    tags: tuple[str, ...] = prop("Its tags. Others are kept.", default=(), rule=names.IMAGE_TAG, unique=True)
    properties: dict[str, str | None] = prop(
        "Further properties. Merged with the existing ones; null removes one. Whole numbers and truth values become text.",
        default={},
        rule=formats.VALUE_LINE,
        key_rule=names.IMAGE_PROPERTY,
        as_text=True,
    )


@dataclass(frozen=True, kw_only=True)
class Region:
    """The properties of all zones: `zoneops_region`."""

    zones: tuple[str, ...] = prop(
        "Inventory names of all zones, in the order of the run. The group `zones` must contain exactly these.",
        rule=formats.LINE,
        unique=True,
    )
    cloud: str | None = prop(
        "Cloud in clouds.yaml; without it the cloud of the environment.", default=None, rule=formats.LINE
    )
    region_name: str | None = prop("Region of the cloud.", default=None, rule=formats.LINE)
    interface: str | None = prop("Endpoints to use.", default=None, choices=("public", "internal", "admin"))
    default_availability_zone: str = prop(
        "nova's `default_availability_zone`, in which nova lists hosts without a zone. No zone may have this name.",
        default="nova",
        rule=names.DEFAULT_ZONE,
    )
    allow_shared_backends: bool = prop(
        "Whether one storage system may serve two zones. If it fails, both zones fail.", default=False, source=ARTICLE
    )
    backup: Backup | None = prop("Volume backups; without it, they are not managed.", default=None)
    volume_types: tuple[VolumeType, ...] = prop("Volume types of the zones.", default=())
    share_types: tuple[ShareType, ...] = prop("Share types of the zones.", default=())
    zone_local_projects: tuple[str, ...] = prop(
        "Projects, by id, whose shares are all for their own zone only, as with `zone_local` of a share type.",
        default=(),
        rule=formats.LINE,
        unique=True,
    )
    images: tuple[Image, ...] = prop("Which image is in the stores of which zones.", default=())
    kubernetes: RegionKubernetes = prop("The Kubernetes side of the region.", default=RegionKubernetes)
    data_plane: RegionDataPlane = prop("What the zones' compute hosts in RHOSO share.", default=RegionDataPlane)


#: The states in which a zone is not expected to work.
AWAY = ("maintenance", "down")


@dataclass(frozen=True, kw_only=True)
class Attested:
    """What no API shows, as you attest it. The audit compares it between zones."""

    fire_zone: str | None = prop(
        "Name of the fire zone that the zone is in. Two zones in one burn together.",
        default=None,
        rule=formats.LINE,
        source=SCS,
    )
    redundant: tuple[str, ...] = prop(
        "What is redundant within the zone.",
        default=(),
        choices=REDUNDANT,
        unique=True,
        source=SCS,
    )


@dataclass(frozen=True, kw_only=True)
class Zone:
    """One zone: `zoneops_zone` of its inventory host."""

    name: str
    availability_zone: str = prop(
        "Name of the availability zone in nova, cinder and manila.",
        default=defaults.ZONE_NAME,
        rule=names.AVAILABILITY_ZONE,
    )
    zone_state: str = prop(
        "Expected state of the zone. active: everything works; new: being added, its hosts stay disabled; "
        "maintenance: being worked on; down: lost, a run waits for nothing in it.",
        default="active",
        choices=("active", "new", "maintenance", "down"),
    )
    kubernetes: ZoneKubernetes | None = prop(
        "The zone in RHOSO; without it, there is no Kubernetes side.", default=None
    )
    data_plane: ZoneDataPlane | None = prop(
        "The zone's compute hosts in RHOSO; without it, they are not managed there.", default=None
    )
    compute: Compute | None = prop(
        "The zone in nova; without it nova is not managed: no aggregate is created or changed.",
        default=Derived(
            "`{}` with `data_plane`, whose nodes are the zone's hosts",
            lambda scope: Compute if scope.zone.get("data_plane") else None,
        ),
    )
    ceph: Ceph | None = prop(
        "The zone's Ceph cluster, for all its stores and back ends without their own cluster.", default=None
    )
    image_store: ImageStore | None = prop("The zone's glance store; without it, not managed.", default=None)
    volume_backends: tuple[VolumeBackend, ...] = prop("The zone's cinder back ends.", default=())
    share_backends: tuple[ShareBackend, ...] = prop("The zone's manila back ends.", default=())
    backup: BackupTarget | None = prop("The zone's own backup target, for the backup mode per_zone.", default=None)
    storage_networks: tuple[str, ...] = prop(
        "Networks of the zone's storage, in CIDR form. Shares of the zone must be exported there.",
        default=(),
        rule=formats.NETWORK,
        unique=True,
    )
    client_networks: tuple[str, ...] = prop(
        "Networks from which the zone's servers mount shares, in addition to `storage_networks`, in CIDR form.",
        default=(),
        rule=formats.NETWORK,
        unique=True,
    )
    attested: Attested | None = prop("What no API shows of the zone.", default=None)

    @property
    def away(self) -> bool:
        """Whether it is expected that the zone cannot be used."""
        return self.zone_state in AWAY

    @property
    def compute_hosts(self) -> tuple[str, ...]:
        """None where the zone's compute side is not managed."""
        return self.compute.hosts if self.compute else ()


@dataclass(frozen=True, kw_only=True)
class ZoneMap:
    """All zones of one region, by inventory name, in the region's order."""

    region: Region
    zones: dict[str, Zone]
