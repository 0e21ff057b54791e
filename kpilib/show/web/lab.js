// JupyterLab: the same pieces, whose questions go to the kernel as widget messages. All outputs of a page share one hub.
import { Session } from "./session.js";

const PATIENCE = 120_000; // milliseconds; a kernel may be busy with a cell
const ME = Math.random().toString(36).slice(2); // another browser on the same kernel hears our answers too
const GAP = 5; // pixels between a button and its panel

/** What anywidget calls for each model, shown or not. */
export function initialize({ model, front }) {
  const hub = hubOf(model, front);
  const heard = (message, buffers) => hub.heard(message, buffers);
  const parted = () => hub.lost();
  model.on("msg:custom", heard);
  model.on("comm_live_update", parted);
  hub.models.add(model);
  return () => {
    model.off("msg:custom", heard);
    model.off("comm_live_update", parted);
    hub.models.delete(model);
    hub.left();
  };
}

/** What anywidget calls for each output. */
export function render({ model, el, front }) {
  const hub = hubOf(model, front);
  el.lang = model.get("language");
  el.dataset.lmSuppressShortcuts = ""; // a key pressed in a list is none of the notebook's
  el.dataset.lifted = "";
  el.innerHTML = model.get("html"); // escaped where it was made
  el.addEventListener("toggle", ({ target }) => lift(target), true);
  hub.show(el, model);
  return () => {
    hub.session.drop(el);
    hub.left();
  };
}

const hubs = () => (globalThis.kpiHubs ??= new Map());

function hubOf(model, front) {
  const page = model.get("page_id");
  if (!hubs().has(page)) hubs().set(page, new Hub(page, model, front));
  return hubs().get(page);
}

class Hub {
  constructor(page, model, { strings, sheet }) {
    Object.assign(this, { page, models: new Set([model]), calls: new Map(), number: 0, assets: (globalThis.kpiAssets ??= {}) });
    dress(sheet, (this.code = model.get("code")));
    let query = {};
    this.host = { ...this.made(), strings, language: model.get("language") };
    this.session = new Session(this.host, { read: () => query, write: (chosen) => (query = chosen) });
    this.turn = model.get("turn");
    this.refresh();
  }

  made() {
    const hub = this;
    const message = async (asked) => (await hub.one(asked)).message;
    return {
      async *ask(query, about, signal) {
        const { message } = await hub.one({ do: "answer", query, ...about }, signal);
        hub.turn = message.turn;
        yield* message.lines;
      },
      about: (query, about) => message({ do: "about", query, ...about }),
      records: (query, about) => message({ do: "records", query, ...about }),
      async export(query, about) {
        const { message, buffers } = await hub.one({ do: "export", query, ...about });
        return { blob: new Blob(buffers, { type: message.type }), name: message.name };
      },
      asset: (name) => hub.asset(name),
    };
  }

  /** Take an output into the page; one that is as old as it is shown already, any other is brought up to date. */
  show(el, model) {
    this.session.add(el);
    if (model.get("turn") === this.turn) for (const line of JSON.parse(model.get("first"))) this.session.apply(line, false);
    else this.refresh(true);
  }

  heard(message, buffers) {
    const call = this.calls.get(message.id);
    if (call) call.done({ message, buffers });
    else if (message.push) this.take(message); // chosen by code in a cell
    else if (message.turn > this.turn) this.refresh(); // chosen in another browser
  }

  take({ lines, turn }) {
    this.turn = turn;
    for (const line of lines) this.session.apply(line);
  }

  /** Ask for what was missed, or for everything; once, however many outputs want it. */
  refresh(all = false) {
    this.all ||= all;
    this.asking ??= Promise.resolve()
      .then(() => this.one({ do: "now", turn: this.all ? null : this.turn, have: this.session.charts.have() }))
      .then(({ message }) => (this.take(message), this.back()), console.warn)
      .finally(() => (this.all = this.asking = null));
  }

  /** Send a message to the kernel; its answer. */
  async one(message, signal) {
    const id = `${ME}-${++this.number}`;
    let timer;
    try {
      const answer = await new Promise((done, failed) => {
        this.calls.set(id, { done, failed });
        signal?.addEventListener("abort", () => failed(signal.reason));
        timer = setTimeout(() => failed(new Error("The kernel does not answer")), PATIENCE);
        [...this.models].at(-1).send({ id, ...message });
      });
      if (answer.message.failed) throw Object.assign(new Error(answer.message.failed), { said: answer.message.failed });
      return answer;
    } finally {
      clearTimeout(timer);
      this.calls.delete(id);
    }
  }

  /** An asset comes from the kernel once a browser page and is loaded from memory. */
  asset(name) {
    const kept = `${this.code}/${name}`;
    this.assets[kept] ??= this.one({ do: "asset", name }).then(({ message, buffers }) => URL.createObjectURL(new Blob(buffers, { type: message.type })));
    this.assets[kept].catch(() => delete this.assets[kept]);
    return this.assets[kept];
  }

  /** The kernel was restarted or has ended, or the way to it broke: if it still knows the page, it answers. */
  lost() {
    if (this.dead) return;
    this.dead = true;
    for (const { failed } of this.calls.values()) failed(new Error("The kernel has gone"));
    this.session.connection.lost();
    this.left();
    this.refresh();
  }

  back() {
    this.dead = false;
    this.session.connection.well();
  }

  /** Without an output and a kernel there is no page any more. */
  left() {
    if (this.session.roots.size || (this.models.size && !this.dead)) return;
    hubs().delete(this.page);
    this.session.end();
  }
}

/** The style sheet: as text, for a page may refuse any from another address. */
function dress(sheet, code) {
  const id = `kpi-sheet-${code}`;
  if (!document.getElementById(id)) document.head.append(Object.assign(document.createElement("style"), { id, textContent: sheet }));
}

/** A notebook cuts off what is larger than its cell: an open panel is lifted over the page. */
function lift(menu) {
  const panel = menu.querySelector(":scope > :not(summary)");
  if (!panel?.showPopover || !menu.matches(".kpi-pick, [data-menu]")) return;
  const follow = () => place(menu.querySelector("summary"), panel);
  menu.kpiLifted?.abort();
  if (!menu.open) return panel.removeAttribute("popover");
  const { signal } = (menu.kpiLifted = new AbortController());
  panel.popover = "manual";
  panel.showPopover();
  follow();
  for (const event of ["scroll", "resize"]) addEventListener(event, follow, { signal, capture: true, passive: true });
}

function place(button, panel) {
  const { left, right, top, bottom } = button.getBoundingClientRect(), { offsetWidth: width, offsetHeight: height } = panel;
  const from = panel.closest(".kpi-pick") ? left : right - width;
  const under = bottom + GAP + height < innerHeight || top < height + GAP;
  Object.assign(panel.style, {
    position: "fixed", inset: "auto", translate: "none",
    left: `${Math.max(GAP, Math.min(from, innerWidth - width - GAP))}px`,
    top: `${Math.max(GAP, under ? Math.min(bottom + GAP, innerHeight - height - GAP) : top - GAP - height)}px`,
  });
}
