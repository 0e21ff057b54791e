// The filter bar: what is ticked makes the query, and the query says what is ticked. Keyboard first.
import { folded, make, stops } from "./dom.js";
import { move } from "./menus.js";
import { but, months } from "./query.js";

const BOXES = "input[type=checkbox], input[type=radio], select";
const LONG = 8; // a list with more members is opened at its search field

/** Give a filter bar its quick actions and its keys. */
export function enhance(section, say) {
  // The page has one place where it says what changed.
  section.querySelector("[data-slot=shown]")?.removeAttribute("role");
  line(section);
  for (const pick of section.querySelectorAll(".kpi-pick")) {
    pick.addEventListener("toggle", () => opened(pick, say));
    pick.addEventListener("keydown", (event) => pressed(pick, event));
    pick.addEventListener("input", (event) => event.target.matches("[data-search]") && search(pick, say));
  }
  stuck(section);
}

/** The lists and the reset button in one line, which a phone scrolls sideways. */
function line(section) {
  if (section.querySelector(".kpi-picks")) return;
  const row = make("div", { class: "kpi-picks" });
  section.prepend(row);
  row.append(...section.querySelectorAll(":scope > .kpi-pick, :scope > [data-do=reset]"));
}

/** Tell the style when the bar is held at the top; it keeps its height, lest the page below move. */
function stuck(section) {
  const mark = make("div", { class: "kpi-edge", "aria-hidden": "true" });
  section.before(mark);
  new IntersectionObserver(([{ isIntersecting, boundingClientRect }]) => {
    const held = !isIntersecting && boundingClientRect.top < 0;
    if (held === section.hasAttribute("data-stuck")) return;
    section.style.minHeight = held ? `${section.getBoundingClientRect().height}px` : "";
    section.toggleAttribute("data-stuck", held);
  }).observe(mark);
}

function opened(pick, say) {
  if (!pick.open) return;
  if (!pick.dataset.ready) prepare(pick, say);
  const boxes = stops(pick, BOXES);
  const field = pick.querySelector("[data-search]");
  (field && boxes.length > LONG ? field : boxes.find((box) => box.checked) ?? boxes[0] ?? field)?.focus({ preventScroll: true });
}

function prepare(pick, say) {
  pick.dataset.ready = "";
  const boxes = pick.querySelectorAll("input[type=checkbox]");
  if (!boxes.length) return;
  for (const box of boxes) {
    const label = box.closest("label"), name = label.querySelector("span")?.textContent ?? box.value;
    const only = make("button", { type: "button", class: "kpi-only", tabindex: "-1", "data-only": box.value, "aria-label": say("only_this", { name }) }, say("only"));
    const row = make("div", { class: "kpi-option" });
    label.replaceWith(row);
    row.append(label, only);
  }
  const all = make("button", { type: "button", class: "kpi-quick", "data-do": "all" }, say("all"));
  const found = make("button", { type: "button", class: "kpi-quick", "data-do": "found", hidden: true }, "");
  const none = make("p", { class: "kpi-note", role: "status" });
  pick.querySelector("[role=group]").before(make("div", { class: "kpi-quicks" }, all, found), none);
}

function search(pick, say) {
  const wanted = folded(pick.querySelector("[data-search]").value.trim());
  let count = 0;
  for (const row of pick.querySelectorAll(".kpi-option")) {
    row.hidden = !folded(row.querySelector("label").textContent).includes(wanted);
    count += !row.hidden;
  }
  const found = pick.querySelector("[data-do=found]");
  found.hidden = !wanted || !count;
  found.textContent = say("found", { count });
  pick.querySelector(".kpi-panel > [role=status]").textContent = wanted && !count ? say("none") : "";
}

function pressed(pick, event) {
  const { key, target } = event;
  const within = target.closest(".kpi-panel");
  const list = stops(pick, BOXES + ", [data-search]");
  const step = { ArrowDown: 1, ArrowUp: -1 }[key];
  if (key === "ArrowDown" && !within) {
    pick.open = true; // the toggle moves the focus
  } else if (step && within && target.type !== "radio" && target.nodeName !== "SELECT") {
    move(list, target.matches(".kpi-only") ? target.parentElement.querySelector("input") : target, step);
  } else if (within && target.type === "checkbox" && (key === "Home" || key === "End")) {
    list.at(key === "Home" ? 0 : -1).focus();
  } else if (target.type === "checkbox" && key === "Enter") {
    target.click();
  } else if (target.type === "checkbox" && key === "ArrowRight") {
    target.closest(".kpi-option").querySelector(".kpi-only").focus();
  } else if (target.matches(".kpi-only") && key === "ArrowLeft") {
    target.parentElement.querySelector("input").focus();
  } else if (target.matches("[data-search]") && key === "Enter") {
    list.find((box) => box.type === "checkbox")?.click();
  } else if (target.type === "checkbox" && key.length === 1 && key !== " " && !event.ctrlKey && !event.metaKey && !event.altKey) {
    pick.querySelector("[data-search]")?.focus(); // the key is typed there
    return;
  } else return;
  event.preventDefault();
}

/** The query after a change in the bar; null where the element is none of the bar's. */
export function changed(target, query) {
  const pick = target.closest(".kpi-pick");
  if (!pick || !target.closest(".kpi-filters")) return null;
  if (target.type === "checkbox") return but(query, target.name, ticked(pick));
  if (target.type === "radio") return but(query, "period", [target.value === "custom" ? custom(pick) : target.value]);
  return target.dataset.edge ? but(query, "period", [custom(pick, target.dataset.edge)]) : null;
}

/** The query after a click in the bar; null where the element does nothing to it. */
export function clicked(target, query) {
  const pick = target.closest(".kpi-pick");
  const name = pick?.dataset.dimension;
  if (target.dataset.only != null) return but(query, name, [target.dataset.only]);
  if (target.dataset.do === "all") return but(query, name, []);
  if (target.dataset.do === "found") return but(query, name, [...pick.querySelectorAll(".kpi-option:not([hidden]) input")].map((box) => box.value));
  if (target.dataset.drop == null) return null;
  const { drop, member } = target.dataset;
  return but(query, drop, member ? (query[drop] ?? []).filter((value) => value !== member) : []);
}

const ticked = (pick) => [...pick.querySelectorAll("input:checked")].map((box) => box.value);

/** The months chosen by hand; an end before its start follows the one that moved. */
function custom(pick, moved = "since") {
  const [since, until] = ["since", "until"].map((edge) => pick.querySelector(`[data-edge=${edge}]`));
  if (since.value > until.value) (moved === "since" ? until : since).value = (moved === "since" ? since : until).value;
  return `${since.value}..${until.value}`;
}

/** Show a query in the bar; `span` are the first and last month of a preset period, once the server has said them. */
export function reflect(section, query, span) {
  for (const box of section.querySelectorAll("input[type=checkbox]")) box.checked = (query[box.name] ?? []).includes(box.value);
  const period = query.period?.[0];
  const chosen = period ? months(period) : null, edges = chosen ?? span;
  for (const radio of section.querySelectorAll("input[type=radio][name^=period]"))
    radio.checked = radio.value === (chosen ? "custom" : period ?? section.dataset.start);
  for (const [at, edge] of ["since", "until"].entries()) {
    const select = section.querySelector(`[data-edge=${edge}]`);
    if (edges && select) select.value = edges[at];
  }
}
