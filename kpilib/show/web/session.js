// One page being read: its query, the answer to it, and the pieces that show the answer.
import { Charts } from "./charts.js";
import { Connection } from "./connection.js";
import { patch } from "./dom.js";
import { exported, offer, Records } from "./drill.js";
import * as filters from "./filters.js";
import * as glossary from "./glossary.js";
import { Looks } from "./looks.js";
import { narrow } from "./members.js";
import { menus } from "./menus.js";
import * as tiles from "./tiles.js";
import { but, cleared, same } from "./query.js";
import * as slide from "./slide.js";
import { Status } from "./status.js";

export class Session {
  /** `host` asks and fetches; `address` is where the query is kept: {read(), write(query, push)}. */
  constructor(host, address) {
    this.say = (name, values = {}) => (host.strings?.[name] ?? name).replace(/\{(\w+)\}/g, (_, key) => values[key] ?? "");
    Object.assign(this, { host, address, roots: new Map(), query: address.read() });
    this.status = new Status(this.say);
    this.connection = new Connection(host, this.status, () => this.ask());
    this.records = new Records(this);
    this.looks = new Looks(this.say, host.language);
    this.charts = new Charts(host, (...pick) => this.records.picked(...pick), () => this.say("no_chart"));
    // What the reader has before him is answered first.
    this.seeing = new Set();
    this.sight = new IntersectionObserver((changes) => {
      for (const { target, isIntersecting } of changes) this.seeing[isIntersecting ? "add" : "delete"](target);
    });
    menus();
  }

  /** Take a part of the document into the page. */
  add(root) {
    const listening = new AbortController(), { signal } = listening;
    this.roots.set(root, listening);
    root.addEventListener("change", (event) => this.changed(event.target), { signal });
    root.addEventListener("input", ({ target }) => this.typed(target), { signal });
    root.addEventListener("click", (event) => this.clicked(event), { signal });
    root.addEventListener("toggle", (event) => event.target.open && this.opened(event.target), { signal, capture: true });
    addEventListener("beforeprint", () => glossary.printed(this), { signal });
    tiles.dress(root, this.say);
    for (const piece of root.querySelectorAll("[data-piece]")) this.sight.observe(piece);
    for (const section of root.querySelectorAll(".kpi-filters")) {
      filters.enhance(section, this.say);
      filters.reflect(section, this.query);
    }
  }

  typed(target) {
    if (slide.slides(target)) slide.tell(target);
    else if (glossary.finds(target)) glossary.find(this, target);
  }

  opened(details) {
    if (details.matches(".kpi-save")) offer(details);
    else if (details.matches(".kpi-info")) tiles.tell(this, details);
    else if (details.matches(".kpi-looks > details")) this.tell();
  }

  /** The pieces that are on the page. */
  all(selector) {
    return [...this.roots.keys()].flatMap((root) => [...root.querySelectorAll(selector)]);
  }

  changed(target) {
    const slug = target.closest("[data-piece]")?.dataset.piece;
    const query = target.dataset.list ? but(this.query, `${slug}.${target.dataset.list}`, [target.value]) : filters.changed(target, this.query);
    if (query) this.change(query);
  }

  clicked(event) {
    const target = event.target.closest("button");
    if (!target) return;
    const query = target.dataset.do === "reset" ? cleared(this.query) : filters.clicked(target, this.query);
    if (query) this.change(query);
    else if (target.dataset.export) exported(this, target);
    else if (target.dataset.records != null) this.records.open(target);
  }

  /** Another query, chosen by hand: it is in the address, and it is asked. */
  change(query, push = true) {
    if (same(query, this.query)) return;
    this.query = query;
    if (push) this.address.write(query, true);
    this.reflect();
    this.ask();
  }

  reflect(span) {
    for (const section of this.all(".kpi-filters")) filters.reflect(section, this.query, span);
  }

  /** The names of the pieces before the reader. */
  inSight() {
    return [...this.seeing].filter((piece) => piece.isConnected).map((piece) => piece.dataset.piece);
  }

  /** Ask for the query in force; an answer to an earlier one is dropped wherever it is. */
  async ask() {
    this.running?.abort();
    const running = (this.running = new AbortController());
    this.busy(true);
    try {
      let last;
      for await (const line of this.host.ask(this.query, { have: this.charts.have(), first: this.inSight() }, running.signal)) {
        if (running !== this.running) return;
        this.apply((last = line));
      }
      if (running !== this.running) return;
      if (last?.kind !== "end" && last?.kind !== "failed") throw new Error("The answer was cut short");
      this.connection.well();
      if (last.kind === "end") this.status.say("updated", { shown: this.shown });
      else this.busy(false);
    } catch (error) {
      if (running !== this.running) return;
      console.warn(error);
      this.busy(false);
      if (error.said) this.status.banner("failed", error.said, this.say("again"), () => this.ask());
      else this.connection.lost();
    }
  }

  busy(on) {
    const pieces = this.all("[data-piece]:not(.kpi-filters)");
    this.status.busy(on, pieces.length);
    for (const piece of pieces) on ? piece.setAttribute("aria-busy", "true") : piece.removeAttribute("aria-busy");
  }

  /** Show one line of an answer; `now` unless it is what the page shows already. */
  apply(line, now = true) {
    if (line.kind === "head") this.head(line, now);
    else if (line.kind === "piece") this.piece(line, now);
    else if (line.kind === "failed") this.failed(line);
    else if (line.kind === "end" && now) this.busy(false);
    if (line.looks || line.kind === "head") this.seen(line.looks);
  }

  /** Comparisons that were shown: the panel tells of them once the answer is there. */
  seen(looks) {
    this.looks.take(looks);
    this.telling ??= setTimeout(() => {
      this.telling = null;
      this.looks.keep();
      this.tell();
    });
  }

  /** Tell the open panels; one that is folded away is told when it is opened. */
  tell() {
    for (const place of this.all(".kpi-looks details[open] > [data-session]")) this.looks.tell(place);
  }

  head(line, now) {
    this.connection.seen(line.fingerprint);
    this.looks.of(line.fingerprint);
    this.shown = line.shown;
    this.status.clear("failed");
    // The server's way to write the query: without defaults, and without what these data do not have.
    this.query = { ...line.query, ...(this.query.lang ? { lang: this.query.lang } : {}) };
    this.address.write(this.query, false);
    this.reflect(line.span);
    if (now) for (const section of this.all(".kpi-filters")) this.slots(section, line.slots?.filters ?? {});
  }

  piece(line, now) {
    for (const section of this.all(`[data-piece="${CSS.escape(line.piece)}"]`)) {
      if (now) this.slots(section, line.slots ?? {});
      for (const [name, value] of Object.entries(line.lists ?? {})) {
        const list = section.querySelector(`[data-list="${CSS.escape(name)}"]`);
        if (list) slide.put(list, value);
      }
      if (line.lists) narrow(section);
      const chart = section.querySelector("[data-slot=chart]");
      if ("drill" in line) this.records.told(section, line.drill);
      if (chart && "chart" in line) {
        if ("wide" in line) chart.classList.toggle("kpi-chart-alone", line.wide);
        this.charts.take(chart, line.chart, now);
      }
      if (now) this.answered(section);
    }
  }

  answered(section) {
    section.removeAttribute("aria-busy");
    this.status.answered();
  }

  slots(section, html) {
    const active = document.activeElement;
    const held = section.contains(active);
    for (const slot of section.querySelectorAll("[data-slot]"))
      if (slot.dataset.slot in html) patch(slot, html[slot.dataset.slot], (fresh) => tiles.dress(fresh, this.say));
    for (const open of section.querySelectorAll(".kpi-info[open]")) tiles.tell(this, open);
    // A chip that was removed hands the focus to the next one, or to what is left of the bar.
    if (held && !section.contains(active)) (section.querySelector(".kpi-chips button") ?? section.querySelector("[data-do=reset]"))?.focus();
  }

  /** A piece that failed says so in its own place; without a piece, the whole answer has failed. */
  failed(line) {
    if (!line.piece) return this.status.banner("failed", line.said, this.say("again"), () => this.ask());
    for (const section of this.all(`[data-piece="${CSS.escape(line.piece)}"]`)) {
      const [first, ...others] = section.querySelectorAll("[data-slot]:not([data-slot=chart], [data-slot=foot])");
      const said = Object.assign(document.createElement("span"), { className: "kpi-refused", textContent: line.said });
      if (first) patch(first, said.outerHTML);
      for (const slot of others) slot.replaceChildren();
      const chart = section.querySelector("[data-slot=chart]");
      if (chart) this.charts.take(chart, null, true);
      this.answered(section);
    }
  }

  /** Part from a root. */
  drop(root) {
    this.roots.get(root)?.abort();
    this.roots.delete(root);
    this.charts.destroy(root);
    for (const piece of root.querySelectorAll("[data-piece]")) this.sight.unobserve(piece), this.seeing.delete(piece);
  }

  end() {
    for (const root of [...this.roots.keys()]) this.drop(root);
    this.running?.abort();
    this.sight.disconnect();
    clearTimeout(this.telling);
    this.status.end();
  }
}
