# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The zones as cards, with a drawing of their hosts. States differ in shape as well as in colour."""

from __future__ import annotations

# A host is drawn in a square of 12 by 12.
_SYMBOLS = """<svg width="0" height="0" style="position:absolute" aria-hidden="true" focusable="false">
<symbol id="up" viewBox="0 0 12 12"><rect class="s-up" x="1" y="1" width="10" height="10" rx="2"/></symbol>
<symbol id="down" viewBox="0 0 12 12"><path class="s-down" d="M2 2 10 10M10 2 2 10"/></symbol>
<symbol id="disabled" viewBox="0 0 12 12"><rect class="s-disabled" x="2" y="2" width="8" height="8" rx="1.5"/></symbol>
<symbol id="maintenance" viewBox="0 0 12 12"><path class="s-maintenance" d="M6 .5 11.5 6 6 11.5 .5 6Z"/></symbol>
</svg>
"""

_ZONES = """{% macro row(term, value, class="") %}<dt>{{ term }}</dt><dd{% if class %} class="{{ class }}"{% endif %}>{{ value }}</dd>{% endmacro %}
{% macro service(zone, word, term) %}
{% if word not in zone.services %}{{ row(term, "not known", "warn-text") }}
{% elif zone.services[word].all %}
{% set one = zone.services[word] %}
{{ row(term, one.serving ~ " of " ~ one.all, "bad-text" if not one.serving else "warn-text" if one.serving < one.all else "") }}
{% endif %}
{% endmacro %}
<section id="zones" aria-labelledby="h-zones">
<h2 id="h-zones">Zones</h2>
<ul class="zones">
{% for zone in v.zones %}
<li class="card {{ zone.state }}">
<div class="head"><h3><bdi>{{ zone.name }}</bdi></h3><span class="badge {{ zone.state }}">{{ zone.state }}</span></div>
{% if zone.availability_zone != zone.name %}<p class="soft small">availability zone <bdi>{{ zone.availability_zone }}</bdi></p>{% endif %}
{% if zone.hosts is none %}
<p class="warn-text">Its hosts are not known.</p>
{% else %}
{% set text = zone.hosts | hosts_said %}
{% if zone.each %}
{% set columns = zone.each | columns %}
<svg class="hosts" role="img" aria-label="{{ text }}" viewBox="0 0 {{ columns * 14 }} {{ ((zone.each | length + columns - 1) // columns) * 14 }}"
 preserveAspectRatio="xMinYMin meet">
{% for host in zone.each %}
<use href="#{{ host[1] }}" x="{{ loop.index0 % columns * 14 }}" y="{{ loop.index0 // columns * 14 }}" width="12" height="12"><title>{{
 host[0] }}: {{ host[1] }}</title></use>
{% endfor %}
</svg>
{% endif %}
<p class="small">{{ text }}</p>
{% endif %}
{% if zone.missing_hosts %}<p class="bad-text small">Not in nova: <bdi>{{ zone.missing_hosts[:5] | join(", ") }}</bdi>{%
 if zone.missing_hosts | length > 5 %} and {{ zone.missing_hosts | length - 5 }} more{% endif %}</p>{% endif %}
{% if zone.maintenance_until %}<p class="small">Maintenance until {{ zone.maintenance_until | moment }}</p>{% endif %}
<dl>
{% if zone.servers is none %}{{ row("Servers", "not known", "warn-text") }}
{% else %}{{ row("Servers", zone.servers) }}
{% if zone.pinned_servers %}{{ row("Pinned to it", zone.pinned_servers) }}{% endif %}{% endif %}
{{ service(zone, "volume", "Volume services") }}
{{ service(zone, "backup", "Backup services") }}
{{ service(zone, "share", "Share services") }}
{% if zone.newest_backup_days is not none %}{{
 row("Newest backup", "today" if zone.newest_backup_days == 0 else zone.newest_backup_days ~ " d old") }}{% endif %}
{% if zone.image_store %}{{ row("Image store", zone.image_store ~ {true: "", false: " is missing", none: " (not known)"}[zone.image_store_exists],
 "bad-text" if zone.image_store_exists == false else "") }}{% endif %}
{% if zone.gateways %}{{ row("Gateways", zone.gateways) }}{% endif %}
{% if zone.pods %}{{ row("Pods ready", zone.pods.ready ~ " of " ~ zone.pods.all, "" if zone.pods.ready == zone.pods.all else "warn-text") }}
{% if zone.pods.survives_loss is not none %}{{ row("Majorities without it", "are kept" if zone.pods.survives_loss else "are lost",
 "" if zone.pods.survives_loss else "bad-text") }}{% endif %}{% endif %}
</dl>
{% set found = zone.findings | found_said %}
<p class="small">{% if found %}<a href="#findings">{{ found }}</a>{% else %}<span class="soft">nothing found</span>{% endif %}</p>
</li>
{% endfor %}
</ul>
<ul class="legend" aria-label="Hosts">
{% for state, text in (("up", "up"), ("down", "down"), ("disabled", "disabled"), ("maintenance", "in maintenance")) %}
<li><svg aria-hidden="true" viewBox="0 0 12 12"><use href="#{{ state }}"/></svg>{{ text }}</li>
{% endfor %}
</ul>
</section>
"""

ZONE_CARDS = {"symbols": _SYMBOLS, "zones": _ZONES}
