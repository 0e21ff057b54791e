// The charts of a page come alive: each static drawing is replaced by a living one when the reader comes near it. One that
// is far away waits with its newest data, and is drawn before it is seen, saved or printed.
import { mountChart } from "./chart.js";
import { make } from "./dom.js";

const SLICE = 50; // milliseconds of drawing at a stretch
const NEAR = { rootMargin: "100% 0px", scrollMargin: "100% 0px" }; // a screen above and below what is seen
const breath = () => globalThis.scheduler?.yield?.() ?? new Promise((done) => setTimeout(done));
const idle = (work) => (globalThis.requestIdleCallback ? requestIdleCallback(work, { timeout: 2000 }) : setTimeout(work, 200));

/** How the page's language writes numbers, as d3 wants to be told. */
function written(language) {
  const parts = new Intl.NumberFormat(language || document.documentElement.lang || "en").formatToParts(1234567.5);
  const of = (kind) => parts.find(({ type }) => type === kind)?.value ?? "";
  return { decimal: of("decimal"), thousands: of("group"), grouping: [3], currency: ["", ""] };
}

export class Charts {
  /** `host.asset` gives Vega's address; `picked(slot, chart, mark, event)` is told of a click on a mark. */
  constructor(host, picked, failed) {
    Object.assign(this, { host, picked, failed, skeletons: new Map(), states: new Map(), waiting: new Set(), seen: new WeakSet(), near: new WeakSet() });
    // What the reader sees is known without asking for the layout, which would be computed anew for each chart.
    this.watch = new IntersectionObserver((changes) => {
      for (const { target, isIntersecting } of changes) this.seen[isIntersecting ? "add" : "delete"](target);
    });
    this.approach = new IntersectionObserver((changes) => {
      for (const { target, isIntersecting } of changes) this.near[isIntersecting ? "add" : "delete"](target), this.mark(target);
      if (this.next()) this.work();
    }, NEAR);
    // On paper everything is seen.
    globalThis.addEventListener("beforeprint", () => [...this.waiting].forEach((slot) => this.show(slot)));
  }

  /** The structures that need not be sent again. */
  have() {
    return [...this.skeletons.keys()];
  }

  /** What a slot is to show; `now` when the drawing on the page is out of date. */
  take(slot, chart, now) {
    const state = this.states.get(slot) ?? {};
    if (!this.states.has(slot)) this.states.set(slot, state), this.watch.observe(slot), this.approach.observe(slot);
    if (!chart) return this.empty(slot);
    if (chart.skeleton) this.skeletons.set(chart.key, chart.skeleton);
    state.chart = { ...chart, skeleton: this.skeletons.get(chart.key) };
    // An empty place is not displayed; this one is kept, or nobody could come near it.
    if (!slot.firstElementChild) Object.assign(slot.style, { display: "block", minHeight: `${Math.round(chart.height ?? 1)}px` });
    if (chart.alt) slot.setAttribute("role", "img"), slot.setAttribute("aria-label", chart.alt);
    state.late = now;
    this.waiting.add(slot);
    this.mark(slot);
    // What is being read changes with its sentence, in one frame. A new structure waits its turn, lest two be mounted.
    if (now && state.key === chart.key && !state.drawing && this.seen.has(slot)) this.show(slot);
    // A place without a drawing does not wait until the browser is idle.
    else if (now || !slot.firstElementChild) this.work();
    if (!now) idle(() => (this.vega(), this.work())); // the first choice is not to wait for Vega, wherever the reader is
  }

  /** A drawing that is out of date and may be seen is marked; one that is far away is not looked at. */
  mark(slot) {
    const late = Boolean(this.states.get(slot)?.late), near = this.near.has(slot);
    slot.toggleAttribute("data-stale", late && near);
    slot.toggleAttribute("data-later", late && !near);
  }

  empty(slot) {
    this.forget(slot);
    Object.assign(slot.style, { display: "", minHeight: "" });
    slot.replaceChildren();
  }

  /** Draw what waits, what the reader sees first; after each slice of time the reader may act. */
  async work() {
    if (this.working) return;
    this.working = true;
    await breath(); // what is seen and came in the same moment is drawn before
    for (let since = performance.now(), slot; (slot = this.next()); ) {
      await this.show(slot);
      if (performance.now() - since < SLICE) continue;
      await breath();
      since = performance.now();
    }
    this.working = false;
  }

  next() {
    const waiting = [...this.waiting].filter((slot) => this.near.has(slot));
    return waiting.find((slot) => this.seen.has(slot)) ?? waiting[0];
  }

  async show(slot) {
    this.waiting.delete(slot);
    if (!slot.isConnected) return this.forget(slot);
    return this.draw(slot).catch((error) => this.fail(slot, error));
  }

  async draw(slot) {
    const state = this.states.get(slot), chart = state?.chart;
    if (!chart) return;
    state.drawing = true;
    if (state.handle && state.key === chart.key) await state.handle.update(chart);
    else await this.mount(slot, state, chart);
    state.drawing = false;
    // A later answer may have come while this one was drawn.
    if (!this.waiting.has(slot)) (state.late = false), this.mark(slot);
  }

  async mount(slot, state, chart) {
    const vega = await this.vega();
    const box = make("div", { class: "kpi-drawn" });
    slot.append(box);
    const onpick = (mark, event) => this.picked(slot, state.chart, mark, event);
    const handle = await mountChart(box, chart, { vega, onpick, locale: written(this.host.language) });
    if (!this.states.has(slot)) return handle.destroy();
    state.handle?.destroy();
    Object.assign(state, { handle, key: chart.key });
    slot.replaceChildren(box);
    Object.assign(slot.style, { display: "", minHeight: "" }); // the place that was kept for it
  }

  forget(slot) {
    this.states.get(slot)?.handle?.destroy();
    this.states.delete(slot);
    this.waiting.delete(slot);
    this.watch.unobserve(slot);
    this.approach.unobserve(slot);
  }

  /** Vega, loaded once. */
  vega() {
    this.loading ??= this.host.asset("vega.js").then((address) => import(address));
    this.loading.catch(() => (this.loading = null));
    return this.loading;
  }

  fail(slot, error) {
    console.warn("A chart could not be drawn", error);
    slot.querySelector(".kpi-drawn")?.remove();
    // A drawing that shows the numbers of before would be wrong.
    if (this.states.get(slot)?.late) slot.replaceChildren(make("p", { class: "kpi-note" }, this.failed()));
    this.states.delete(slot);
    this.mark(slot);
  }

  /** The chart of a slot as a picture; it is brought to life for it if need be. */
  async image(slot, kind) {
    if (this.waiting.delete(slot) || !this.states.get(slot)?.handle) await this.draw(slot);
    return this.states.get(slot).handle.image(kind);
  }

  /** Part from the charts in a part of the page. */
  destroy(root) {
    for (const slot of [...this.states.keys()]) if (root.contains(slot)) this.forget(slot);
  }
}
