// The glossary: what is typed into its field hides all other entries, and what stands between them.
import { folded } from "./dom.js";

/** Whether an element is the search field of a glossary. */
export const finds = (element) => element.matches?.("input[data-find]") ?? false;

/** Show the entries that hold every word of the field, and say how many they are. */
export function find(session, field) {
  const wanted = folded(field.value).split(/\s+/).filter(Boolean);
  const entries = session.all(".kpi-entry");
  for (const entry of entries) entry.hidden = !wanted.every((word) => folded(entry.dataset.entry).includes(word));
  const shown = new Set(entries.filter((entry) => !entry.hidden).map((entry) => entry.id));
  for (const link of session.all("[data-finds]")) link.parentElement.hidden = !shown.has(link.dataset.finds);
  document.documentElement.toggleAttribute("data-finding", wanted.length > 0);
  const said = wanted.length ? session.say("entries", { count: shown.size, all: entries.length }) : "";
  field.parentElement.querySelector("[role=status]").textContent = said;
}

/** On paper everything is read: the examples are opened, but not the SQL. */
export function printed(session) {
  for (const details of session.all(".kpi-entry > details:not(.kpi-query)")) details.open = true;
}
