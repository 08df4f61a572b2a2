# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sphinx: the Markdown pages of the repository and, below docs/collection, what antsibull-docs makes of the plugins and roles."""

from __future__ import annotations

project = "zoneops.openstack"
author = "zoneops.openstack contributors"
extensions = ["myst_parser", "sphinx_antsibull_ext"]
root_doc = "contents"
html_theme = "sphinx_ansible_theme"
html_show_sourcelink = False
myst_heading_anchors = 4
# Labels of the ansible-core documentation are not here, nor are files that are no pages (tests/packaging checks every link).
suppress_warnings = ["ref.ref", "myst.xref_missing"]
