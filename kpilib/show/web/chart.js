// One chart, drawn by Vega: mounted once, then fed with data and signals; see `Plot.sent` for what it is given.

const NARROW = 300, BROAD = 760, INK = "#1c2430", PAPER = "#ffffff";
// A chart that has been parsed is not parsed again, however often a structure stands on the page.
const parsed = new Map();
// What is said at the pointer needs no style sheet; a page may have one for `.kpi-tip`.
const TIP = "position:fixed;z-index:9999;pointer-events:none;max-width:20rem;padding:.375rem .625rem;border-radius:6px;"
  + "font:13px/1.45 var(--kpi-font,Arial,sans-serif);color:var(--kpi-ink,CanvasText);background:var(--kpi-paper,Canvas);"
  + "border:1px solid var(--kpi-edge,GrayText);box-shadow:0 2px 8px #0003;overflow-wrap:anywhere";
let bubble;

/**
 * Draw a chart into an element, whose content it replaces when it has been drawn.
 *
 * `vega` is the module that `vega.bundle` makes. `onpick(mark, event)` is told of a click: `{group: …}` or `{period: …}`.
 * `locale` is d3's number locale, for charts that format numbers themselves. Nothing moves, so there is nothing to reduce.
 */
export async function mountChart(el, chart, { vega, onpick = null, locale = null }) {
  let drawn = await draw(el, chart, { vega, onpick, locale });
  el.replaceChildren(drawn.host);
  let asked = 0;
  const fit = new ResizeObserver(([{ contentRect }]) => {
    cancelAnimationFrame(asked);
    asked = requestAnimationFrame(() => drawn.resize(contentRect.width));
  });
  fit.observe(el);
  return {
    async update(next) {
      if (next.key === drawn.key) return drawn.feed(next);
      const other = await draw(el, next, { vega, onpick, locale });
      el.replaceChildren(other.host);
      drawn.end();
      drawn = other;
    },
    destroy() {
      fit.disconnect();
      cancelAnimationFrame(asked);
      drawn.end();
      el.replaceChildren();
    },
    image: (kind) => (kind === "svg" ? vector(drawn.view) : raster(drawn.view)),
  };
}

async function draw(el, chart, { vega, onpick, locale }) {
  const { runtime, names, params, fluid } = form(chart, vega, locale);
  const host = document.createElement("div");
  const view = new vega.View(runtime, {
    expr: vega.expressionInterpreter,
    renderer: "svg",
    hover: false,
    tooltip: (_, event, item, said) => point(host, event, said, onpick && picked(item)),
  });
  const state = { view, host, key: chart.key, width: 0 };
  const widen = (room) => {
    const width = Math.round(Math.min(BROAD, Math.max(NARROW, room || NARROW)));
    if (!fluid || width === state.width) return false;
    state.width = width;
    view.width(width);
    if (params.has("room")) view.signal("room", width);
    return true;
  };
  const fill = ({ data, signals }) => {
    for (const [name, value] of Object.entries(signals ?? {})) if (params.has(name)) view.signal(name, value);
    // Vega marks the records it is given, and a caller may keep his.
    for (const [name, rows] of Object.entries(data ?? {})) if (names.has(name)) view.data(name, rows.map((row) => ({ ...row })));
  };
  // What was filtered out is forgotten soon; by default Vega keeps ten thousand records of it.
  view.cleanThreshold = 500;
  view.initialize(host);
  if (onpick) {
    view.addEventListener("click", (event, item) => {
      const mark = picked(item);
      if (mark) onpick(mark, event);
    });
  }
  widen(el.clientWidth);
  fill(chart);
  await view.runAsync();
  tidy(host, fluid);
  return Object.assign(state, {
    async feed(next) {
      fill(next);
      // The names of the groups may have become longer.
      await view.resize().runAsync();
    },
    async resize(room) {
      if (widen(room)) await view.resize().runAsync();
    },
    end() {
      if (bubble?.owner === host) hide();
      view.finalize();
    },
  });
}

/** What all charts of a structure share. */
function form(chart, vega, locale) {
  const key = `${chart.key} ${locale ? JSON.stringify(locale) : ""}`;
  if (!parsed.has(key)) {
    if (!chart.skeleton) throw new Error(`The structure of the chart ${chart.key} is not known here.`);
    const { skeleton } = chart;
    parsed.set(key, {
      runtime: vega.parse(skeleton, locale ? { locale: { number: locale } } : {}, { ast: true }),
      names: new Set((skeleton.data ?? []).map(({ name }) => name)),
      params: new Set((skeleton.signals ?? []).map(({ name }) => name)),
      fluid: (skeleton.autosize?.type ?? skeleton.autosize) === "fit-x",
    });
  }
  return parsed.get(key);
}

/** The element is the picture and says what it shows; what is in it says nothing of its own. */
function tidy(host, fluid) {
  const svg = host.querySelector("svg");
  if (!svg) return;
  svg.setAttribute("aria-hidden", "true");
  svg.setAttribute("focusable", "false");
  svg.style.display = "block";
  if (!fluid) Object.assign(svg.style, { maxWidth: "100%", height: "auto" });
}

/** Of what was clicked, the member or the period that it stands for. */
function picked(item) {
  const { group, period } = item?.datum ?? {};
  if (group != null && typeof group !== "object") return { group };
  return period == null ? null : { period };
}

/** Show what a mark says beside the pointer. All of it is set as text: a name in the data is never markup. */
function point(owner, event, said, mark) {
  owner.style.cursor = mark ? "pointer" : "";
  if (said == null || said === "") return hide();
  bubble ??= tip();
  bubble.owner = owner;
  bubble.replaceChildren(...(typeof said === "object" ? lines(said) : [String(said)]));
  if (!bubble.isConnected) document.body.append(bubble);
  const { clientX, clientY } = event.touches?.[0] ?? event;
  const { offsetWidth: width, offsetHeight: height } = bubble;
  const left = clientX + 14 + width > innerWidth ? clientX - 14 - width : clientX + 14;
  const top = clientY + 14 + height > innerHeight ? clientY - 14 - height : clientY + 14;
  Object.assign(bubble.style, { left: `${Math.max(4, left)}px`, top: `${Math.max(4, top)}px` });
}

function lines({ title, ...values }) {
  const rows = Object.entries(values).map(([name, value]) => {
    const row = document.createElement("div"), said = document.createElement("b");
    said.textContent = String(value);
    row.append(`${name}: `, said);
    return row;
  });
  if (title == null) return rows;
  const head = document.createElement("div");
  head.style.fontWeight = "bold";
  head.textContent = String(title);
  return [head, ...rows];
}

function tip() {
  const made = Object.assign(document.createElement("div"), { className: "kpi-tip", ariaHidden: "true" });
  made.style.cssText = TIP;
  return made;
}

function hide() {
  bubble?.remove();
}

/** The chart as an SVG file: dark on white, whatever the page's colours are. */
async function vector(view) {
  const drawn = await view.toSVG();
  const ground = drawn.replace(/(<svg\b[^>]*>)/, `$1<rect width="100%" height="100%" fill="${PAPER}"/>`);
  const inked = ground.replace(/<[^>]*>/g, (tag) => tag.replaceAll("currentColor", INK));
  return new Blob([inked], { type: "image/svg+xml" });
}

/** The chart as a PNG file, twice as fine as it is on the page. */
async function raster(view) {
  const drawn = await view.toCanvas(2);
  const { width, height } = drawn;
  const page = Object.assign(document.createElement("canvas"), { width, height }), pen = page.getContext("2d");
  pen.drawImage(drawn, 0, 0);
  // The page's ink is unknown to a picture, which draws it black; the ground goes below.
  pen.globalCompositeOperation = "destination-over";
  pen.fillStyle = PAPER;
  pen.fillRect(0, 0, width, height);
  return new Promise((done) => page.toBlob(done, "image/png"));
}
