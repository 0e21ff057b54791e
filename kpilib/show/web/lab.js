// JupyterLab: the same pieces, whose questions go to the kernel as widget messages. All outputs of a page share one hub.
import { Session } from "./session.js";

const PATIENCE = 120_000; // milliseconds; a kernel may be busy with a cell
const SHEET = "kpi-sheet";

/** What anywidget calls for each output. */
export async function render({ model, el }) {
  const hub = hubOf(model);
  const heard = (message, buffers) => hub.heard(message, buffers);
  model.on("msg:custom", heard);
  hub.models.add(model);
  await hub.styled();
  el.innerHTML = model.get("html"); // escaped where it was made
  hub.session.add(el);
  for (const line of JSON.parse(model.get("first") || "[]")) hub.session.apply(line, false);
  return () => {
    model.off("msg:custom", heard);
    hub.models.delete(model);
    hub.session.drop(el);
    if (!hub.models.size) hubs().delete(hub.page);
  };
}

const hubs = () => (globalThis.kpiHubs ??= new Map());

function hubOf(model) {
  const page = model.get("page_id");
  if (!hubs().has(page)) hubs().set(page, new Hub(page, model));
  return hubs().get(page);
}

class Hub {
  constructor(page, model) {
    Object.assign(this, { page, models: new Set([model]), calls: new Map(), number: 0, assets: new Map() });
    let query = {};
    this.host = this.made();
    this.session = new Session(this.host, { read: () => query, write: (chosen) => (query = chosen) });
    this.one({ do: "strings" }).then(({ message }) => (this.host.strings = message.strings), console.warn);
  }

  made() {
    const hub = this;
    return {
      strings: {},
      async *ask(query, have, signal) {
        const { message } = await hub.one({ do: "answer", query, have }, signal);
        yield* message.lines;
      },
      about: async (query, about) => (await this.one({ do: "about", query, ...about })).message,
      records: async (query, about) => (await this.one({ do: "records", query, ...about })).message,
      async export(query, about) {
        const { message, buffers } = await hub.one({ do: "export", query, ...about });
        return { blob: new Blob(buffers, { type: message.type }), name: message.name };
      },
      asset: (name) => this.asset(name),
    };
  }

  heard(message, buffers) {
    const call = this.calls.get(message.id);
    if (call) call({ message, buffers });
    else if (message.push) for (const line of message.lines) this.session.apply(line); // chosen by code in a cell
  }

  /** Send a message to the kernel; its answer. */
  async one(message, signal) {
    const id = ++this.number;
    try {
      const answer = await new Promise((done, failed) => {
        this.calls.set(id, done);
        signal?.addEventListener("abort", () => failed(signal.reason));
        setTimeout(() => failed(new Error("The kernel does not answer")), PATIENCE);
        [...this.models][0].send({ id, ...message });
      });
      if (answer.message.failed) throw Object.assign(new Error(answer.message.failed), { said: answer.message.failed });
      return answer;
    } finally {
      this.calls.delete(id);
    }
  }

  /** An asset comes from the kernel once and is loaded from memory. */
  asset(name) {
    if (!this.assets.has(name)) {
      const made = this.one({ do: "asset", name }).then(({ message, buffers }) => URL.createObjectURL(new Blob(buffers, { type: message.type })));
      this.assets.set(name, made);
      made.catch(() => this.assets.delete(name));
    }
    return this.assets.get(name);
  }

  /** The style of what only a living page has. */
  styled() {
    this.styling ??= this.asset("kpi.css").then((address) => new Promise((done) => {
      if (document.getElementById(SHEET)) return done();
      document.head.append(Object.assign(document.createElement("link"), { id: SHEET, rel: "stylesheet", href: address, onload: done, onerror: done }));
    }), console.warn);
    return this.styling;
  }
}
