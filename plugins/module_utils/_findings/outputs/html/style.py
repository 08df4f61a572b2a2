# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The style sheet of the report: light, dark and on paper. Colours are in `palette`."""

from __future__ import annotations

from collections.abc import Mapping

from .palette import DARK, LIGHT

_RULES = """
*{box-sizing:border-box}
html{font:16px/1.5 system-ui,-apple-system,"Segoe UI","Noto Sans","DejaVu Sans",sans-serif;color:var(--ink);
background:var(--page);-webkit-text-size-adjust:100%}
body{margin:0}
h1,h2,h3,p,ul,dl,dd,table,figure{margin:0;padding:0}
h1{font-size:1.6rem;line-height:1.2;letter-spacing:-.01em}
h2{font-size:1.2rem;line-height:1.3;margin:0 0 .35rem}
h2+ul,h2+div{margin-top:.75rem}
h3{font-size:1rem;line-height:1.35}
a{color:var(--link);text-underline-offset:.15em}
:focus-visible{outline:3px solid var(--link);outline-offset:2px;border-radius:3px}
bdi,.wrap{overflow-wrap:anywhere}
.soft{color:var(--soft)}
.small{font-size:.875rem}
.num{font-variant-numeric:tabular-nums}
.hidden{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
.skip{position:absolute;left:-99rem;background:var(--card);padding:.5rem 1rem}
.skip:focus{left:.5rem;top:.5rem}
header,main,footer{max-width:78rem;margin:0 auto;padding:0 1.25rem}
header{padding-top:2rem}
section{margin:2.25rem 0}
section>p{color:var(--soft);margin:0 0 .9rem;max-width:48rem}
nav ul{display:flex;flex-wrap:wrap;gap:.15rem 1.1rem;list-style:none;margin-top:1.1rem;padding-top:.7rem;border-top:1px solid var(--line)}
.counts{display:grid;grid-template-columns:repeat(auto-fit,minmax(8.2rem,1fr));gap:.75rem;list-style:none;margin-top:1.25rem}
.counts li{background:var(--card);border:1px solid var(--line);border-left:4px solid var(--calm);border-radius:8px;padding:.55rem .9rem}
.counts strong{display:block;font-size:1.7rem;line-height:1.2;font-weight:650;font-variant-numeric:tabular-nums}
.counts .critical{border-left-color:var(--bad)}
.counts .critical.some strong{color:var(--bad)}
.counts .warning{border-left-color:var(--warn)}
.counts .warning.some strong{color:var(--warn)}
.notice{background:var(--warn-tint);color:var(--warn);border-radius:8px;padding:.7rem 1rem;margin-top:1rem}
.card,.rule{background:var(--card);border:1px solid var(--line);border-radius:10px}
.zones{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(17.5rem,100%),1fr));gap:1rem;list-style:none}
.card{padding:1rem 1.1rem;display:flex;flex-direction:column;gap:.7rem;border-top:4px solid var(--calm)}
.card.up{border-top-color:var(--good)}.card.degraded,.card.unknown{border-top-color:var(--warn)}.card.down{border-top-color:var(--bad)}
.card .head{display:flex;justify-content:space-between;align-items:baseline;gap:.75rem}
.card h3{font-size:1.1rem}
.badge{display:inline-block;font-size:.8rem;font-weight:600;border-radius:99px;padding:.05rem .6rem;white-space:nowrap;
background:var(--calm-tint);color:var(--calm)}
.badge.up,.badge.good{background:var(--good-tint);color:var(--good)}
.badge.degraded,.badge.unknown,.badge.warning{background:var(--warn-tint);color:var(--warn)}
.badge.down,.badge.critical,.badge.bad{background:var(--bad-tint);color:var(--bad)}
.hosts{display:block;width:100%;height:auto;max-height:11rem}
.card dl{display:grid;grid-template-columns:auto 1fr;gap:.1rem .9rem;font-size:.9rem}
.card dt{color:var(--soft)}
.card dd{text-align:right;font-variant-numeric:tabular-nums;overflow-wrap:anywhere}
.bad-text{color:var(--bad);font-weight:600}.warn-text{color:var(--warn);font-weight:600}.good-text{color:var(--good);font-weight:600}
.legend{display:flex;flex-wrap:wrap;gap:.2rem 1.2rem;list-style:none;margin-top:.8rem;font-size:.875rem;color:var(--soft)}
.legend svg{width:.85rem;height:.85rem;vertical-align:-.1rem;margin-right:.35rem}
.s-up{fill:var(--good)}
.s-down{fill:none;stroke:var(--bad);stroke-width:2.4}
.s-disabled{fill:none;stroke:var(--warn);stroke-width:1.8}
.s-maintenance{fill:var(--calm)}
.rules{display:grid;gap:.75rem;list-style:none}
.rule{padding:.9rem 1.1rem;border-left:4px solid var(--calm)}
.rule.critical{border-left-color:var(--bad)}.rule.warning{border-left-color:var(--warn)}
.rule .head{display:flex;flex-wrap:wrap;gap:.2rem .7rem;align-items:baseline}
.rule ul{list-style:none;margin:.45rem 0}
.rule li{padding:.12rem 0}
.where{display:inline-block;font-size:.8rem;color:var(--soft);border:1px solid var(--line);border-radius:5px;padding:0 .4rem;margin-right:.4rem}
.remedy{border-top:1px solid var(--line);padding-top:.45rem;margin-top:.45rem}
.scroll{overflow-x:auto;background:var(--card);border:1px solid var(--line);border-radius:10px}
table{border-collapse:collapse;width:100%;font-size:.9rem}
caption{text-align:left;padding:.7rem 1rem;color:var(--soft)}
th,td{padding:.45rem 1rem;text-align:left;border-top:1px solid var(--line);vertical-align:middle}
thead th{font-weight:600;color:var(--soft);white-space:nowrap;vertical-align:bottom}
tbody th{font-weight:600}
.number{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
.bar{display:block;width:100%;min-width:7rem;height:.5rem;margin-top:.2rem}
.track{fill:var(--track)}.fill{fill:var(--used)}
.matrix th,.matrix td{padding:.3rem .6rem}
.matrix td,.matrix thead th{text-align:center}
.matrix thead th:first-child,.matrix tbody th{text-align:left}
.matrix tbody th{min-width:9rem;max-width:22rem;font-weight:500}
.no{color:var(--bad);background:var(--bad-tint);font-weight:600}
.heat{width:auto}.heat td{min-width:4.2rem;font-variant-numeric:tabular-nums}
.h0{background:var(--heat-0)}.h1{background:var(--heat-1)}.h2{background:var(--heat-2)}.h3{background:var(--heat-3)}
footer{padding-bottom:3rem;border-top:1px solid var(--line);padding-top:1rem;color:var(--soft);font-size:.875rem}
@media (max-width:34rem){header,main,footer{padding-left:1rem;padding-right:1rem}th,td{padding:.4rem .7rem}header{padding-top:1.25rem}}
@media print{
@page{margin:14mm}
html{font-size:11px;background:#fff}
nav,.skip{display:none}
*{print-color-adjust:exact;-webkit-print-color-adjust:exact}
.card,.rule,tr,.counts{break-inside:avoid}
h2{break-after:avoid}
.scroll{overflow:visible}
}
@media (forced-colors:active){.s-up,.s-maintenance,.fill{fill:CanvasText}.s-down,.s-disabled{stroke:CanvasText}}
"""


def sheet() -> str:
    """On paper the report is always light."""
    dark = f"@media screen and (prefers-color-scheme:dark){{{_variables(DARK)}}}"
    return f":root{{color-scheme:light dark}}{_variables(LIGHT)}{dark}{_RULES}"


def _variables(colours: Mapping[str, str]) -> str:
    return f":root{{{''.join(f'--{name}:{value};' for name, value in colours.items())}}}"
