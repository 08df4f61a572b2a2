# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Make the databases of a new lab: schemas, keys, the catalog, users, cells, a flavor and a share type.

Each project's part is one function, run in a process of its own (they all own a global configuration), all at once.
"""

from __future__ import annotations

import sys
import uuid
from typing import TYPE_CHECKING, Any

from zonelab.catalog import types
from zonelab.config.common import database_url
from zonelab.config.files import conf_file
from zonelab.lab import PASSWORD, REGION

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from zonelab.lab import Lab
    from zonelab.options import Options

DOMAIN = "default"


def keystone(lab: Lab) -> None:
    """Schema, keys, the administrator; the service users; a plain member; the catalog."""
    sys.argv = ["keystone"]
    from keystone import server
    from keystone.cmd.bootstrap import Bootstrapper
    from keystone.cmd.cli import FernetSetup
    from keystone.common import provider_api
    from keystone.common.sql import upgrades

    server.configure(config_files=[conf_file(lab, "keystone")])
    upgrades.offline_sync_database_to_version()
    FernetSetup.initialize_fernet_repository(None, None, "fernet_tokens")
    first = Bootstrapper()
    first.admin_username = first.admin_project_name = first.project_name = first.admin_role_name = "admin"
    first.admin_password = PASSWORD
    first.region_id = REGION
    first.bootstrap()

    providers = provider_api.ProviderAPIs
    service_project = new_project(providers, "service")
    for user in types(lab).keys() - {"keystone"}:
        grant(providers, new_user(providers, user), service_project, first.admin_role_id, first.service_role_id)
    grant(providers, new_user(providers, "member"), new_project(providers, "demo"), first.member_role_id)
    for name, kind in types(lab).items():
        service = new_service(providers, name, kind)
        for interface in ("public", "internal"):
            number = uuid.uuid4().hex
            endpoint = {"id": number, "interface": interface, "service_id": service, "region_id": REGION}
            unset = {"url": "http://127.0.0.1/", "enabled": True}  # written on each start, see zonelab.catalog
            providers.catalog_api.create_endpoint(number, {**endpoint, **unset})


def new_project(providers: Any, name: str) -> str:
    """A project of the default domain."""
    number = uuid.uuid4().hex
    providers.resource_api.create_project(
        number, {"id": number, "name": name, "domain_id": DOMAIN, "enabled": True, "description": ""}
    )
    return number


def new_user(providers: Any, name: str) -> str:
    """A user of the default domain."""
    user = {"name": name, "password": PASSWORD, "domain_id": DOMAIN, "enabled": True}
    made: str = providers.identity_api.create_user(user)["id"]
    return made


def new_service(providers: Any, name: str, kind: str) -> str:
    """An entry of the catalog."""
    number = uuid.uuid4().hex
    providers.catalog_api.create_service(number, {"id": number, "type": kind, "enabled": True, "name": name})
    return number


def grant(providers: Any, user: str, project: str, *roles: str) -> None:
    """Roles of a user in a project."""
    for role in roles:
        providers.assignment_api.add_role_to_user_and_project(user, project, role)


def placement(lab: Lab) -> None:
    """The schema."""
    from placement.cmd import manage

    sys.argv = ["placement-manage", "--config-file", conf_file(lab, "placement"), "db", "sync"]
    check(manage.main())


def nova(lab: Lab) -> None:
    """Both schemas, two cells, and the flavor m1.tiny."""
    sys.argv = ["nova-manage"]
    from nova.cmd import manage  # isort: skip - first, as it forbids eventlet

    from nova import config, context, objects

    config.parse_args([*sys.argv, "--config-file", conf_file(lab, "nova")])
    objects.register_all()
    cells = manage.CellV2Commands()
    check(manage.ApiDbCommands().sync())
    check(cells.map_cell0(database_connection=database_url(lab, "nova_cell0")))
    check(manage.DbCommands().sync())
    check(cells.create_cell("cell1", database_connection=database_url(lab, "nova_cell1"), transport_url="fake://"))
    objects.Flavor(
        context.get_admin_context(),
        name="m1.tiny",
        flavorid="1",
        memory_mb=64,
        vcpus=1,
        root_gb=1,
        ephemeral_gb=0,
        swap=0,
        rxtx_factor=1.0,
        is_public=True,
        disabled=False,
    ).create()


def glance(lab: Lab) -> None:
    """The schema."""
    from glance.cmd import manage

    sys.argv = ["glance-manage", "--config-file", conf_file(lab, "glance"), "db_sync"]
    check(manage.main())


def cinder(lab: Lab) -> None:
    """The schema, with the type __DEFAULT__."""
    from cinder.cmd import manage

    sys.argv = ["cinder-manage", "--config-file", conf_file(lab, "cinder"), "db", "sync"]
    check(manage.main())


MANILA_UNIQUE = {  # constraints that only the migrations hold
    "share_types": "name, deleted",
    "project_share_type_quotas": "share_type_id, resource, deleted, project_id",
    "share_instance_export_locations_metadata": "export_location_id, key, deleted",
}


def manila(lab: Lab) -> None:
    """The models' tables, as manila's own tests make them: its migrations fail on sqlite. And a default share type."""
    sys.argv = ["manila"]
    from manila import context
    from manila.common import config  # noqa: F401 - registers the options
    from manila.db import migration
    from manila.db.sqlalchemy import api, models
    from manila.share import share_types
    from oslo_config import cfg
    from oslo_log import log

    log.register_options(cfg.CONF)
    cfg.CONF(["--config-file", conf_file(lab, "manila")], project="manila")
    models.BASE.metadata.create_all(api.get_engine())
    with api.get_engine().begin() as connection:
        for table, columns in MANILA_UNIQUE.items():
            connection.exec_driver_sql(f"CREATE UNIQUE INDEX lab_uc_{table} ON {table} ({columns})")
    migration.stamp("head")
    specs = {
        "driver_handles_share_servers": "False",
        "snapshot_support": "True",
        "create_share_from_snapshot_support": "True",
    }
    share_types.create(context.get_admin_context(), "default", specs)


def neutron(lab: Lab) -> None:
    """The models' tables: its migrations change constraints, which sqlite cannot."""
    import sqlalchemy
    from neutron.db.migration import cli
    from neutron.db.migration.models import head

    engine = sqlalchemy.create_engine(database_url(lab, "neutron"))
    head.get_metadata().create_all(engine)
    engine.dispose()
    sys.argv = ["neutron-db-manage", "--config-file", conf_file(lab, "neutron"), "stamp", "heads"]
    check(cli.main())


def masakari(lab: Lab) -> None:
    """The schema."""
    from masakari.cmd import manage

    sys.argv = ["masakari-manage", "--config-file", conf_file(lab, "masakari"), "db", "sync"]
    check(manage.main())


def check(result: object) -> None:
    """The management commands return a number other than 0 when they fail, or None."""
    if result:
        raise SystemExit(f"{sys.argv[0]}: failed with {result}")


STEPS = {step.__name__: step for step in (keystone, nova, cinder, manila, glance, placement)}


def steps(options: Options) -> Mapping[str, Callable[[Lab], None]]:
    """By name, those of the services that the lab has."""
    extra = {neutron: options.neutron, masakari: options.masakari}
    return {**STEPS, **{step.__name__: step for step, asked in extra.items() if asked}}
