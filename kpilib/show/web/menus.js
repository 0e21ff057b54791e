// Popovers made of <details>: one open at a time, closed by Escape, by a click elsewhere or by leaving them.
import { stops } from "./dom.js";

const MENUS = "details.kpi-pick, details[data-menu]";
const STOPS = "input, select, button:not([tabindex='-1']), a[href]";
const opened = (but) => [...document.querySelectorAll(MENUS)].filter((menu) => menu.open && menu !== but);

/** Once a document. */
export function menus() {
  if (document.documentElement.kpiMenus) return;
  document.documentElement.kpiMenus = true;
  document.addEventListener("toggle", toggled, true);
  document.addEventListener("pointerdown", ({ target }) => closeAllBut(target.closest?.(MENUS)));
  document.addEventListener("focusin", ({ target }) => closeAllBut(target.closest?.(MENUS)));
  document.addEventListener("keydown", pressed);
}

function closeAllBut(kept) {
  for (const menu of opened(kept)) menu.open = false;
}

function toggled({ target: menu }) {
  if (!menu.open || !menu.matches?.(MENUS)) return;
  closeAllBut(menu);
  reach(menu);
  // Its own listeners may still fill it.
  requestAnimationFrame(() => menu.open && place(menu));
}

/** A panel that is only read can be focused, to scroll it with the keys. */
function reach(menu) {
  const panel = menu.querySelector(":scope > :not(summary)");
  if (!panel || stops(panel, STOPS).length) return;
  const name = menu.querySelector("summary").getAttribute("aria-label");
  for (const [attribute, value] of Object.entries({ tabindex: "0", role: "group", "aria-label": name })) panel.setAttribute(attribute, value ?? "");
}

/** The panel is moved to where there is room. */
function place(menu) {
  const panel = menu.querySelector(":scope > :not(summary)");
  if (!panel || menu.closest("[data-lifted]")) return; // in a notebook it is lifted out of its cell
  panel.style.translate = "";
  const { left, right } = panel.getBoundingClientRect(), edge = document.documentElement.clientWidth - 8;
  const shift = Math.max(8 - left, Math.min(0, edge - right));
  if (shift) panel.style.translate = `${Math.round(shift)}px`;
  panel.scrollIntoView({ block: "nearest", inline: "nearest" });
}

function pressed(event) {
  const menu = event.target.closest?.(MENUS);
  if (!menu?.open || event.defaultPrevented) return;
  if (event.key === "Escape") {
    menu.open = false;
    menu.querySelector("summary").focus();
    event.preventDefault();
  } else if (!menu.matches(".kpi-pick")) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && move(stops(menu, STOPS), event.target, step)) event.preventDefault();
  }
}

/** Focus the stop before or after this one; past the end it goes round. */
export function move(list, from, step) {
  const at = list.indexOf(from);
  const next = list.at(at < 0 ? (step > 0 ? 0 : -1) : (at + step) % list.length);
  next?.focus();
  return Boolean(next);
}
