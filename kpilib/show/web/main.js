// Where it starts: `boot` on a page of the application, `render` in JupyterLab, `mount` for both and for tests.
import { bar, http } from "./http.js";
import { initialize, render } from "./lab.js";
import { addressed, format, parse, shared } from "./query.js";
import { Session } from "./session.js";
import { theme } from "./theme.js";

const KEPT = "kpi-shared";

/** Bring the pieces in `root` to life; `first` are the lines of the answer that it shows already. */
export function mount(root, host, first = []) {
  let session;
  const address = bar((query) => session.change(query, false), links);
  session = new Session(host, address);
  session.add(root);
  for (const line of first) session.apply(line, false);
  // A page that was cached without an answer asks for it.
  if (!first.length && root.querySelector("[data-piece]")) session.ask();
  return session;
}

let along = {};
const taken = (link) => link?.setAttribute("href", addressed(link.getAttribute("href"), along));

/** The links to other pages take the choice along; those to other languages the whole query. */
function links(query) {
  along = shared(query);
  try { sessionStorage.setItem(KEPT, format(along)); } catch { /* without it the links still carry the choice */ }
  for (const link of document.querySelectorAll("[data-pages] a[href], a[data-shared]")) taken(link);
  for (const link of document.querySelectorAll("a[data-lang]")) link.setAttribute("href", addressed(location.pathname, { ...query, lang: [link.dataset.lang] }));
}

function kept() {
  try { return parse(sessionStorage.getItem(KEPT) ?? ""); } catch { return {}; }
}

const json = (id, absent) => JSON.parse(document.getElementById(id)?.textContent ?? "null") ?? absent;

/** A page of the application: <script id="kpi-host"> says where it is, <script id="kpi-first"> what it shows. */
function boot() {
  const about = json("kpi-host");
  // A page with a kernel has the script twice: its own and the one that its widgets bring.
  if (!about || document.documentElement.kpiBooted) return;
  document.documentElement.kpiBooted = true;
  along = shared(parse(location.search));
  // A link that came with an answer, or with the "i" of a tile, has not been seen to yet.
  for (const kind of ["pointerdown", "keydown", "click"]) addEventListener(kind, ({ target }) => taken(target.closest?.("a[data-shared]")), true);
  theme((name) => about.strings?.[name] ?? name);
  if (!about.path) return links({ ...kept(), ...parse(location.search) });
  globalThis.kpiSession = mount(document.querySelector("main") ?? document.body, http(about), json("kpi-first", []));
  document.body.dataset.live = "";
}

boot();
export { initialize, render };
