"""The one style block: JupyterLab's theme where there is one, else the reader's light or dark preference."""

CSS = """
.kpi,.kpi-filters,.kpi-choice-line,.kpi-chosen{
--kpi-ink:var(--jp-content-font-color1,#1c1c1c);--kpi-soft:var(--jp-content-font-color2,#595959);
--kpi-line:var(--jp-border-color2,#d0d0d0);--kpi-ground:var(--jp-layout-color1,#fff);--kpi-alert:#b04a00;
color:var(--kpi-ink);font-family:system-ui,-apple-system,"Segoe UI",Roboto,sans-serif;font-size:15px;line-height:1.45}
@media (prefers-color-scheme:dark){body:not([data-jp-theme-light]) .kpi,body:not([data-jp-theme-light]) .kpi-filters,
body:not([data-jp-theme-light]) .kpi-choice-line,body:not([data-jp-theme-light]) .kpi-chosen{
--kpi-ink:#ececec;--kpi-soft:#b4b4b4;--kpi-line:#4a4a4a;
--kpi-ground:#161616;--kpi-alert:#ff9d5c;color-scheme:dark}}
body[data-jp-theme-light=false] .kpi,body[data-jp-theme-light=false] .kpi-filters,
body[data-jp-theme-light=false] .kpi-chosen{--kpi-alert:#ff9d5c}
body.kpi-page .kpi,body.kpi-page .kpi-filters,body.kpi-page .kpi-choice-line,body.kpi-page .kpi-chosen{
--kpi-ink:inherit;--kpi-soft:inherit;--kpi-line:inherit;--kpi-alert:inherit}
.kpi,.kpi-chosen{background:var(--kpi-ground);padding:.625rem .875rem .75rem;max-width:72rem;border-radius:6px;
box-sizing:border-box}
.kpi.kpi.kpi h3.kpi-question{font-size:1.2rem;line-height:1.3;margin:.25rem 0 .25rem;font-weight:600}
.kpi .kpi-finding{font-size:1rem;margin:0 0 .75rem;max-width:46rem}
.kpi .kpi-body{display:flex;flex-wrap:wrap;gap:.75rem 2rem;align-items:flex-start;container-type:inline-size}
.kpi .kpi-chart{flex:1 1 22rem;min-width:0;max-width:550px;margin:0}
.kpi .kpi-chart.kpi-chart-alone{flex-basis:100%;max-width:760px}.kpi .kpi-chart-alone .kpi-narrow{max-width:550px}
@container (min-width:40rem){.kpi .kpi-narrow{display:none}.kpi .kpi-wide{display:block!important}}
.kpi .kpi-scroll{flex:0 1 auto;min-width:0;max-width:100%;overflow-x:auto}
.kpi .kpi-body>details{flex:0 0 100%;min-width:0;overflow-x:auto}
.kpi .kpi-body>details[open]>summary{margin-bottom:.5rem}
.kpi .kpi-scroll:focus-visible,.kpi summary:focus-visible{outline:2px solid currentColor;outline-offset:2px}
.kpi .kpi-table.kpi-table{border-collapse:collapse;margin:0;font-size:.875rem;border:0;
font-variant-numeric:tabular-nums}
.kpi .kpi-table caption{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
.kpi .kpi-table.kpi-table th,.kpi .kpi-table.kpi-table td{padding:.25rem .75rem .25rem 0;text-align:left;border:0;
border-bottom:1px solid var(--kpi-line);background:none;color:inherit;max-width:24rem;
overflow-wrap:anywhere;white-space:normal}
.kpi .kpi-table.kpi-table th[scope=row]{font-weight:normal;min-width:7.25rem}
.kpi .kpi-table td:not(.kpi-number){min-width:6.75rem}
.kpi .kpi-table.kpi-table thead th{overflow-wrap:normal;vertical-align:bottom}
.kpi .kpi-table.kpi-table thead th.kpi-number{max-width:6.5rem}
.kpi .kpi-table.kpi-table thead th.kpi-long{min-width:5.5rem}
.kpi .kpi-table.kpi-table tr>:last-child{padding-right:0}
.kpi .kpi-table.kpi-table .kpi-number{text-align:right}.kpi .kpi-table td.kpi-number{white-space:nowrap}
.kpi .kpi-note,.kpi .kpi-foot,.kpi-filters .kpi-note{color:var(--kpi-soft);font-size:.8125rem;
margin:.5rem 0 0;line-height:1.4}
.kpi .kpi-foot{border:0;padding:0}
.kpi .kpi-grid{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,9.5rem),1fr));gap:.75rem}
.kpi .kpi-fours{grid-template-columns:repeat(auto-fill,minmax(max(9.5rem,calc(25% - .6rem)),1fr))}
.kpi .kpi-tile{border:1px solid var(--kpi-line);border-radius:6px;padding:.625rem .75rem;min-width:0}
.kpi .kpi-tile{display:flex;flex-direction:column}
.kpi .kpi-grid .kpi-tile h3{font-size:.8125rem;line-height:1.35;font-weight:600;margin:0 0 .125rem}
.kpi .kpi-tile p{margin:0}.kpi .kpi-tile .kpi-value{font-size:1.75rem;line-height:1.2;font-variant-numeric:tabular-nums}
.kpi .kpi-interval,.kpi .kpi-rows,.kpi .kpi-why,.kpi .kpi-tile details{font-size:.8125rem;color:var(--kpi-soft)}
.kpi .kpi-tile-off{border-style:dashed}
.kpi .kpi-tile details{margin-top:auto;padding-top:.5rem}
.kpi dl{margin:.25rem 0 0}.kpi dt{font-weight:600}.kpi dd{margin:0 0 .25rem}
.kpi code,.kpi-filters code{font-size:.75rem;overflow-wrap:anywhere;white-space:pre-wrap;background:none;color:inherit}
.kpi summary,.kpi-filters summary,.kpi-choice-line summary{cursor:pointer;font-size:.8125rem}
.kpi-filters{overflow:visible!important}
.kpi-filters .kpi-filter-row{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,15rem),1fr));
gap:.5rem 1rem;overflow:visible}
.kpi-filters .kpi-filter-times{overflow:visible}
.kpi-filters .kpi-filter{display:flex;flex-direction:column;align-items:stretch;height:auto;
width:auto;margin:0 0 .25rem;min-width:0}
.kpi-filters .kpi-filter>label{width:auto;height:auto;text-align:left;font-weight:600;
font-size:.8125rem;line-height:1.5}
.kpi-filters .kpi-filter.kpi-filter.kpi-filter select{width:100%;flex:none;height:2rem;font-size:.875rem}
.kpi-filters .kpi-filter.kpi-filter.kpi-filter select[multiple]{height:auto;font-size:.8125rem;padding:2px 0}
.kpi-filters .kpi-filter select[multiple] option{padding:1px 6px;overflow:hidden;text-overflow:ellipsis}
.kpi-filters .kpi-reset{width:auto;align-self:flex-start;margin:.25rem 0 0;min-height:2rem}
.kpi-choice-line p{margin:.25rem 0}.kpi-choice-line pre{white-space:pre-wrap;margin:.25rem 0;font-size:.8125rem}
.kpi-chosen.kpi-chosen{display:flex;flex-flow:row wrap;gap:0 1rem;align-items:flex-start;margin:0;width:100%;
overflow:visible}
.kpi-chosen>.kpi-live,.kpi-chosen>.kpi-live>.widget-html-content,.kpi-chosen .kpi-figure{display:contents}
.kpi-chosen .kpi-figure>*{order:2;flex:0 0 100%;min-width:0}
.kpi-chosen.kpi-chosen .kpi-figure>h3.kpi-question{order:0;flex:1 1 20rem}
.kpi-chosen .kpi-figure>.kpi-finding{flex-basis:min(100%,46rem)}
.kpi-choices{order:1;flex:0 1 auto;display:flex;flex-flow:row wrap;gap:.25rem 1rem;margin:0 0 .5rem;height:auto;
overflow:visible}
.kpi-choices.kpi-choices>.kpi-filter{flex:0 1 auto;flex-direction:row;align-items:center;gap:.5rem;margin:0}
.kpi-choices.kpi-choices>.kpi-filter>label{font-weight:400;color:var(--kpi-soft);margin:0}
.kpi-choices.kpi-choices>.kpi-filter.kpi-filter select{width:auto;min-width:9rem;max-width:16rem}
.kpi-found dl{margin:.25rem 0 0;max-width:46rem}.kpi-found dd{margin:0 0 .75rem}
.kpi-refused{color:var(--kpi-alert);font-weight:600;margin:.25rem 0;line-height:1.4}
.kpi-live,.kpi-live>.widget-html-content,.kpi-choice>.widget-html-content{width:100%;line-height:inherit}
.kpi-live,.kpi-choice{height:auto!important;margin:0}
@media print{.kpi-filters .kpi-filter-row,.kpi-filters .kpi-note,.kpi-choice-line details{display:none}
.kpi-figure,.kpi-tile,.kpi-chart{break-inside:avoid;page-break-inside:avoid}.kpi h3{break-after:avoid}
.kpi,.kpi-chosen{--kpi-ink:#000;--kpi-soft:#333;--kpi-ground:#fff}.kpi .kpi-scroll{overflow:visible}}
"""

#: The block as HTML; the filter bar carries it, once a page.
BLOCK = f"<style>{CSS}</style>"
