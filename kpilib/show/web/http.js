// The application: a page asks its server by HTTP, and its query is in the address bar.
import { addressed, format, parse, same } from "./query.js";

const SHORT = 10_000; // milliseconds for what needs no computing

/** `about` is the page's own: {path, base, assets, strings}. */
export function http(about) {
  const base = about.base ?? "/";
  const path = about.path.split("/").map(encodeURIComponent).join("/");
  const address = (what, query) => `${base}kpi/${what}/${path}?${format(query)}`;
  const get = (url, timeout) => answered(fetch(url, { signal: timeout && AbortSignal.timeout(timeout) }));
  return {
    strings: about.strings,
    async *ask(query, about, signal) {
      const body = JSON.stringify(about);
      const headers = { "Content-Type": "application/json", ...guard() };
      const answer = await answered(fetch(address("ask", query), { method: "POST", headers, body, signal }));
      yield* lines(answer.body);
    },
    alive: async () => (await get(`${base}kpi/alive`, SHORT)).json(),
    about: async (query, about) => (await get(address("about", asked(query, about)))).json(),
    records: async (query, about) => (await get(address("records", asked(query, about)))).json(),
    async export(query, about) {
      const answer = await get(address("export", asked(query, about)));
      return { blob: await answer.blob(), name: named(answer.headers.get("Content-Disposition")) ?? `${about.piece}.${about.form}` };
    },
    asset: async (name) => about.assets[name],
  };
}

/** What is asked of a piece, beside the query; a mark travels as JSON, for its fields may be called anything. */
const asked = (query, { mark, ...about }) => ({ ...query, ...about, ...(mark && Object.keys(mark).length ? { mark: JSON.stringify(mark) } : {}) });

/** A gateway that says 502, 503 or 504 is a lost connection; any other refusal is said in the server's words. */
async function answered(fetching) {
  const answer = await fetching;
  if (answer.ok) return answer;
  const error = new Error(`${answer.status} ${answer.statusText}`);
  if (![502, 503, 504].includes(answer.status)) error.said = (await answer.json().catch(() => ({}))).said ?? error.message;
  throw error;
}

/** Tornado's guard against forged requests wants its cookie back. */
function guard() {
  const token = document.cookie.match(/(?:^|; )_xsrf=([^;]*)/)?.[1];
  return token ? { "X-XSRFToken": token } : {};
}

function named(disposition) {
  const [, wide, plain] = /filename\*=UTF-8''([^;]+)|filename="([^"]+)"/i.exec(disposition ?? "") ?? [];
  return wide ? decodeURIComponent(wide) : plain;
}

/** JSON lines as they come. */
async function* lines(stream) {
  const reader = stream.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { done, value } = await reader.read();
    const whole = (rest + (value ?? "")).split("\n");
    rest = done ? "" : whole.pop();
    for (const line of whole) if (line.trim()) yield JSON.parse(line);
    if (done) return;
  }
}

/** The address bar as the place of the query; `moved` is called after back and forward. */
export function bar(moved, written) {
  const read = () => parse(location.search);
  addEventListener("popstate", () => moved(read()));
  return {
    read,
    write(query, push) {
      written(query);
      if (same(query, read())) return;
      history[push ? "pushState" : "replaceState"](null, "", addressed(location.href, query));
    },
  };
}
