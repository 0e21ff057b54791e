"""The style of every piece: tokens, figures, tiles, tables. Part of each saved notebook, so kept small.

Colours follow JupyterLab's theme where there is one, else the page's ``data-theme``, else the system. What only a
living page has (lists, menus, dialogs) is in ``web/live.css``; the frame of a page, in the application's template.
"""

CSS = """
:where(:root){--kpi-paper:var(--jp-layout-color1,light-dark(#fff,#1a2029));
--kpi-ink:var(--jp-content-font-color1,light-dark(#1c2430,#e6eaf0));--kpi-ground:light-dark(#f4f6f9,#12161c);
--kpi-soft:light-dark(#566172,#a6b1c0);--kpi-line:light-dark(#dde2e9,#333d4b);--kpi-edge:light-dark(#8d97a5,#707c8d);
--kpi-accent:light-dark(#00629b,#6db9ec);--kpi-tint:light-dark(#e8f2f9,#1d3547);
--kpi-alert:light-dark(#a83200,#ff9d73);
--kpi-better:light-dark(#00629b,#7cc3f2);--kpi-worse:light-dark(#a84300,#ffa873);
--kpi-font:system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,"Liberation Sans",sans-serif;
--kpi-mono:ui-monospace,"SF Mono",Menlo,Consolas,"Liberation Mono",monospace}
:is(.kpi,.kpi-dialog){color-scheme:light dark;box-sizing:border-box;color:var(--kpi-ink);font-family:var(--kpi-font);
font-size:.9375rem;line-height:1.45}
[data-theme=light] :is(.kpi,.kpi-dialog),body[data-jp-theme-light=true] :is(.kpi,.kpi-dialog){color-scheme:light}
[data-theme=dark] :is(.kpi,.kpi-dialog),body[data-jp-theme-light=false] :is(.kpi,.kpi-dialog){color-scheme:dark}
.kpi *,.kpi-dialog *{box-sizing:border-box}
.kpi{background:var(--kpi-paper);border:1px solid var(--kpi-line);border-radius:10px;padding:1rem 1.25rem;
max-width:68rem;container-type:inline-size}
.kpi .kpi-head{display:flex;flex-flow:row wrap;align-items:flex-start;justify-content:space-between;gap:.25rem 1rem}
.kpi.kpi.kpi h3.kpi-question{flex:1 1 16rem;font-size:1.125rem;line-height:1.35;margin:0;font-weight:650;
text-wrap:balance}
.kpi .kpi-finding{font-size:1rem;line-height:1.5;margin:.25rem 0 .875rem;max-width:44rem;text-wrap:pretty}
.kpi .kpi-body{display:flex;flex-wrap:wrap;gap:1rem 2rem;align-items:flex-start}
.kpi .kpi-chart{position:relative;flex:1 1 22rem;min-width:0;max-width:550px;margin:0}
.kpi .kpi-chart.kpi-chart-alone{flex-basis:100%;max-width:880px}.kpi .kpi-chart-alone .kpi-narrow{max-width:550px}
@container (min-width:42rem){.kpi .kpi-narrow{display:none}.kpi .kpi-wide{display:block!important}}
.kpi .kpi-numbers{flex:0 1 auto;min-width:0;max-width:100%}.kpi .kpi-numbers:has(>details){flex:0 0 100%}
.kpi .kpi-scroll{min-width:0;max-width:100%;overflow-x:auto}
.kpi [data-slot]:empty,.kpi .kpi-chips:empty{display:none}
.kpi :is(a,button,input,select,summary,.kpi-scroll):focus-visible{outline:2px solid var(--kpi-accent);
outline-offset:2px;border-radius:4px}
.kpi-table.kpi-table{border-collapse:collapse;margin:0;font-size:.875rem;border:0;font-variant-numeric:tabular-nums}
.kpi-table caption{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
.kpi-table.kpi-table.kpi-table :is(th,td){padding:.3125rem .75rem .3125rem 0;text-align:left;border:0;
border-bottom:1px solid var(--kpi-line);background:none;color:inherit;max-width:24rem;overflow-wrap:anywhere;
white-space:normal;vertical-align:top}
.kpi-table.kpi-table.kpi-table th[scope=row]{font-weight:400;min-width:7.25rem}
.kpi-table td:not(.kpi-number){min-width:6.75rem}.kpi .kpi-table td.kpi-prose{min-width:15rem}
.kpi-table.kpi-table.kpi-table thead th{overflow-wrap:normal;vertical-align:bottom;color:var(--kpi-soft);
font-size:.8125rem;font-weight:600;border-bottom-color:var(--kpi-edge)}
.kpi .kpi-table thead th.kpi-number{max-width:6.5rem}.kpi .kpi-table thead th.kpi-long{min-width:5.5rem}
.kpi .kpi-table.kpi-table.kpi-table tr>:last-child{padding-right:0}
.kpi-table.kpi-table.kpi-table .kpi-number{text-align:right}
.kpi-table.kpi-table.kpi-table td.kpi-number{white-space:nowrap}
.kpi .kpi-note,.kpi .kpi-foot,.kpi-dialog .kpi-note{color:var(--kpi-soft);font-size:.8125rem;margin:.5rem 0 0;
line-height:1.4;border:0;padding:0;max-width:46rem}
.kpi summary{cursor:pointer;font-size:.8125rem}.kpi code{font-family:var(--kpi-mono);font-size:.75rem;padding:0;
overflow-wrap:anywhere;white-space:pre-wrap;background:none;color:inherit}
.kpi pre{white-space:pre-wrap;margin:.25rem 0;font-family:var(--kpi-mono);font-size:.8125rem}
.kpi .kpi-refused{color:var(--kpi-alert);font-weight:600;margin:.25rem 0;line-height:1.4}
.kpi.kpi-tiles{background:none;border:0;padding:0}
.kpi .kpi-grid{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,12.75rem),1fr));gap:0 .75rem;
margin-bottom:-.75rem}
.kpi .kpi-fours{grid-template-columns:repeat(auto-fill,minmax(max(min(100%,12.75rem),calc(25% - .6rem)),1fr))}
.kpi .kpi-tile{position:relative;display:grid;grid-template-rows:subgrid;grid-row:span 8;row-gap:0;
margin-bottom:.75rem;min-width:0;padding:.75rem .875rem;background:var(--kpi-paper);
border:1px solid var(--kpi-line);border-radius:10px}
.kpi-tile>.kpi-value{grid-row:2}.kpi-tile>.kpi-interval{grid-row:3}.kpi-tile>.kpi-doubt{grid-row:4}
.kpi-tile>.kpi-change{grid-row:5}.kpi-tile>.kpi-target{grid-row:6}.kpi-tile>.kpi-spark{grid-row:7}
.kpi-tile>.kpi-rows{grid-row:8}
.kpi-tile>.kpi-why{grid-row:2/-1}
.kpi .kpi-grid .kpi-tile h3{font-size:.8125rem;line-height:1.35;font-weight:600;margin:0;
color:var(--kpi-soft)}
.kpi .kpi-tile p{margin:0;text-wrap:pretty;font-size:.8125rem;line-height:1.4;color:var(--kpi-soft)}
.kpi .kpi-tile .kpi-value{font-size:1.75rem;line-height:1.25;font-weight:600;letter-spacing:-.015em;
color:var(--kpi-ink);font-variant-numeric:tabular-nums}
.kpi .kpi-tile-head{display:flex;align-items:flex-start;justify-content:space-between;gap:.25rem;min-height:1.5rem}
.kpi-tile [data-dir],.kpi-change[data-dir]{color:var(--kpi-soft)}
.kpi .kpi-tile :is(.kpi-change,.kpi-target){margin-top:.125rem}
.kpi .kpi-tile .kpi-doubt{justify-self:start;margin:.125rem 0;padding:.0625rem .375rem;
border:1px dashed var(--kpi-edge);
border-radius:6px;color:var(--kpi-ink);font-size:.75rem}
:is(.kpi,.kpi-card) [data-dir=better]{color:var(--kpi-better)!important}
:is(.kpi,.kpi-card) [data-dir=worse]{color:var(--kpi-worse)!important}
.kpi .kpi-spark{margin:0 0 .25rem;padding-top:.5rem;align-self:end;
color:var(--kpi-accent)}.kpi .kpi-spark svg{display:block;
width:100%;height:auto;max-width:14rem;overflow:visible}
.kpi.kpi-asked{display:grid;gap:1.25rem}.kpi-asked>div{border-top:1px solid var(--kpi-line);padding-top:1rem}
.kpi.kpi-asked .kpi-head{justify-content:flex-start;align-items:baseline}
.kpi.kpi.kpi.kpi-asked h3.kpi-question{flex:0 1 auto}
@container (min-width:52rem){.kpi.kpi-asked>div{display:grid;grid-template-columns:21rem 1fr;
grid-template-rows:auto auto 1fr;column-gap:2rem}
.kpi.kpi-asked>div>*{grid-column:1}.kpi.kpi-asked>div>.kpi-asked-tiles{grid-column:2;grid-row:1/-1}}
.kpi .kpi-state{font-size:.8125rem;font-weight:600;color:var(--kpi-soft);border:1px solid currentColor;
border-radius:99px;padding:0 .5rem;white-space:nowrap}.kpi .kpi-deeper{margin:.75rem 0 0;font-size:.875rem}
.kpi .kpi-deeper a{color:var(--kpi-accent)}
.kpi .kpi-tile-off{background:none;border-style:dashed}
.kpi dl{margin:.25rem 0 0}.kpi.kpi dt{float:none;width:auto;font-weight:600}.kpi dd{margin:0 0 .25rem}
.kpi-found dl{margin:.5rem 0 0;max-width:46rem}.kpi-found.kpi dd{margin:0 0 .75rem}
.kpi-found.kpi dd.kpi-why{color:var(--kpi-soft)}
.kpi.kpi-filters{container-type:normal;display:flex;flex-flow:row wrap;gap:.25rem 1rem;align-items:baseline}
.kpi-filters>*{flex:0 0 100%}
.kpi-filters>.kpi-shown,.kpi-filters>[data-slot=shown],.kpi-filters>.kpi-sql:not([open]){flex:0 1 auto}
.kpi-filters [data-slot=shown]{margin:0}.kpi .kpi-shown strong{font-weight:600}
@media (forced-colors:active){.kpi [data-dir]{color:CanvasText!important}}
@media print{.kpi-table.kpi-table{font-size:.75rem}.kpi .kpi-grid{grid-template-columns:repeat(5,minmax(0,1fr));
gap:0 .375rem}
.kpi .kpi-fours{grid-template-columns:repeat(4,minmax(0,1fr))}
.kpi .kpi-tile{padding:.375rem .5rem}.kpi .kpi-tile .kpi-value{font-size:1.25rem}.kpi-drawn svg{height:auto}
.kpi{border-color:#bbb;padding:.5rem .75rem;color-scheme:light!important;--kpi-ink:#000;--kpi-soft:#333;
--kpi-paper:#fff}
.kpi-figure,.kpi-tile,.kpi-chart,.kpi-found dt,.kpi-table tr{break-inside:avoid}
.kpi h3,.kpi-finding,.kpi-found dt{break-after:avoid}
.kpi .kpi-scroll{overflow:visible}.kpi .kpi-tools,.kpi .kpi-info,.kpi-sql{display:none!important}}
"""

#: The block as HTML; the filter bar carries it, once a page.
BLOCK = f"<style>{CSS}</style>"
