// What the page says of itself: a thin line while it works, a sentence for a screen reader, a banner when something is wrong.
import { make } from "./dom.js";

const PATIENCE = 300; // milliseconds in which nothing needs to be said

export class Status {
  constructor(say) {
    this.translate = say;
    const region = document.getElementById("kpi-status") ?? (this.region = document.body.appendChild(make("div", { role: "status" })));
    this.said = region.appendChild(make("span", { class: "kpi-unseen" }));
    this.line = document.body.appendChild(make("div", { class: "kpi-progress", hidden: true, "aria-hidden": "true" }));
    this.stack = document.body.appendChild(make("div", { class: "kpi-banners" }));
    this.banners = {};
  }

  /** Said politely, for those who do not see the page change. */
  say(name, values) {
    this.said.textContent = this.translate(name, values);
  }

  /** So many pieces of the page are asked for, or something else is; or no longer. */
  busy(on, pieces = 0) {
    clearTimeout(this.timer);
    Object.assign(this, { pieces, had: 0 });
    if (on) this.timer = setTimeout(() => this.slow(true), PATIENCE);
    else if (!this.line.hidden) this.slow(false);
  }

  /** One of them is here. */
  answered() {
    this.had += 1;
    if (!this.line.hidden) this.fill();
  }

  /** The line is as long as the part of the page that is here. It does not run: thirty pages that wait and run keep a
      machine from answering them. */
  fill() {
    this.line.style.setProperty("--part", this.pieces && this.had / this.pieces);
  }

  /** What takes its time is seen to: the line appears, and what is out of date is dimmed. */
  slow(on) {
    this.line.hidden = !on;
    if (on) this.fill();
    document.body.toggleAttribute("data-slow", on);
  }

  /** A sentence across the page, with a button if there is something to do; one of a kind at a time. */
  banner(kind, text, button, act) {
    this.clear(kind);
    const shown = make("div", { class: "kpi-banner", "data-banner": kind, role: kind === "lost" || kind === "failed" ? "alert" : "status" });
    this.stack.append(shown);
    // The region is there before its words are: only then are they read out.
    shown.append(make("p", {}, text));
    if (button) shown.append(this.button(button, act));
    if (kind !== "lost") shown.append(this.button(this.translate("close"), () => this.clear(kind)));
    this.banners[kind] = shown;
    return shown;
  }

  button(text, act) {
    const made = make("button", { type: "button", class: "kpi-button" }, text);
    made.addEventListener("click", act);
    return made;
  }

  end() {
    clearTimeout(this.timer);
    for (const element of [this.region, this.line, this.stack]) element?.remove();
  }

  clear(kind) {
    this.banners[kind]?.remove();
    delete this.banners[kind];
  }
}
