// The ledger of looks: which comparisons were shown in this browser's session, and which stand once all are counted.
import { make } from "./dom.js";

const KEPT = "kpi-looks", LEVEL = 0.05;
const MOST = 5_000; // comparisons kept; whoever has seen more has long stopped to believe any

/** Which findings stand at a false-discovery rate (Benjamini and Hochberg, 1995); one without a p (null) never does. */
export function stands(given, level = LEVEL) {
  const ordered = given.filter((p) => p != null).sort((one, other) => one - other);
  const limit = ordered.findLast((p, at) => p <= (level * (at + 1)) / ordered.length) ?? -1;
  return given.map((p) => p != null && p <= limit);
}

/** Only what looks like a finding is ever told by name; of the others it is enough that they were looked at. */
const found = (p) => p != null && p < LEVEL;

export class Looks {
  /** Looks at other data are other looks: `of(fingerprint)` says which are read. */
  constructor(say, language) {
    Object.assign(this, { say, language, data: "", seen: new Map() });
  }

  of(data) {
    if (data === this.data) return;
    this.data = data;
    this.seen = new Map(this.read());
  }

  read() {
    try {
      const kept = JSON.parse(sessionStorage.getItem(KEPT) ?? "{}");
      return kept.data === this.data ? kept.looks : [];
    } catch {
      return [];
    }
  }

  /** Take the looks of a line of an answer: [key, what, p, p in words] each. */
  take(looks) {
    for (const [key, what, p, chance] of looks ?? [])
      if (this.seen.has(key) || this.seen.size < MOST) this.seen.set(key, found(p) ? [what, p, chance] : ["", p, ""]);
  }

  /** Another page of the same notebook session may have kept looks meanwhile. */
  keep() {
    this.seen = new Map([...this.read(), ...this.seen]);
    try {
      sessionStorage.setItem(KEPT, JSON.stringify({ data: this.data, looks: [...this.seen] }));
    } catch { /* without it the ledger lasts as long as the page */ }
  }

  /** Tell a panel of all that was seen. */
  tell(place) {
    const looks = [...this.seen.values()];
    const held = stands(looks.map(([, p]) => p));
    const findings = looks.map((look, at) => [...look, held[at]]).filter(([, p]) => found(p));
    const number = (n) => n.toLocaleString(this.language || document.documentElement.lang || "en");
    const tested = looks.filter(([, p]) => p != null).length;
    const counts = { n: looks.length, tested, found: findings.length, stand: held.filter(Boolean).length };
    const said = Object.fromEntries(Object.entries(counts).map(([name, n]) => [name, number(n)]));
    place.replaceChildren(make("p", { class: "kpi-looked" }, this.say("looks_seen", said)), ...this.table(findings));
  }

  table(findings) {
    if (!findings.length) return [];
    const head = [this.say("looks_compared"), this.say("looks_chance"), this.say("looks_stands")].map((name) => make("th", { scope: "col" }, name));
    const rows = findings.sort(([, one], [, other]) => one - other).map(([what, , chance, stand]) =>
      make("tr", {}, make("th", { scope: "row" }, what), make("td", {}, chance), make("td", {}, stand ? this.say("yes") : this.say("no"))));
    const table = make("table", { class: "kpi-table" }, make("thead", {}, make("tr", {}, ...head)), make("tbody", {}, ...rows));
    return [make("div", { class: "kpi-scroll", tabindex: "0", role: "group", "aria-label": this.say("looks_compared") }, table)];
  }
}
