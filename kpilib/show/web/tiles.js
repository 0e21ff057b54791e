// Tiles: the count opens the records behind it, and the "i" gets what takes time when it is opened.
import { make, patch } from "./dom.js";

/** Make the count of each tile a button. */
export function dress(root, say) {
  for (const count of root.querySelectorAll("[data-kpi]:not(.kpi-tile-off) > .kpi-rows")) {
    if (count.firstElementChild) continue;
    const button = make("button", { type: "button", "data-records": true, title: say("records") });
    button.append(...count.childNodes);
    count.append(button);
  }
}

/** Fill in what a KPI's "i" left out: its SQL and the values of its other definitions. */
export async function tell(session, details) {
  const about = details.querySelector("[data-about]"), pending = about?.querySelector("[data-sql]");
  if (!pending || pending.hasAttribute("aria-busy")) return;
  pending.setAttribute("aria-busy", "true");
  const { query } = session;
  const piece = details.closest("[data-piece]").dataset.piece;
  try {
    const { html } = await session.host.about(query, { piece, kpi: about.dataset.about });
    // A later choice asks again.
    if (query === session.query) patch(about, html);
  } catch (error) {
    console.warn(error);
    pending.remove(); // what is told already stays
  }
}
