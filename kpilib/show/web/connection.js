// A lost connection is said, waited for, and healed; data that were refreshed meanwhile are offered.

const FIRST = 500, LONGEST = 15_000, HEARTBEAT = 30_000; // milliseconds

export class Connection {
  /** `again` is called when the server is back. */
  constructor(host, status, again) {
    Object.assign(this, { host, status, again, down: false, wait: FIRST, fingerprint: null });
    if (!host.alive) return;
    for (const event of ["online", "offline", "pageshow"]) addEventListener(event, () => this.check());
    document.addEventListener("visibilitychange", () => this.check());
    setInterval(() => this.check(), HEARTBEAT);
  }

  /** The server does not answer: say so and try until it does. */
  async lost() {
    if (this.down) return;
    this.down = true;
    this.status.clear("back");
    this.status.banner("lost", this.status.translate(this.host.alive ? "lost" : "kernel"));
    document.body.dataset.connection = "lost";
    if (!this.host.alive) return;
    while (this.down) {
      await this.pause(this.wait);
      // Grows until an answer came whole: a server may be there and still too busy.
      this.wait = Math.min(2 * this.wait, LONGEST);
      if (this.down && (await this.reached())) this.back(), this.again();
    }
  }

  /** An answer came whole. */
  well() {
    this.wait = FIRST;
    this.back();
  }

  back() {
    if (!this.down) return;
    this.down = false;
    delete document.body.dataset.connection;
    this.status.clear("lost");
    this.status.banner("back", this.status.translate("back"));
  }

  /** Look whether the server is there, unless the page is not being read. */
  async check() {
    if (document.hidden) return;
    if (this.down) this.wake?.();
    else if (!(await this.reached())) this.lost();
  }

  async reached() {
    try {
      this.seen((await this.host.alive()).fingerprint);
      return true;
    } catch {
      return false;
    }
  }

  /** The fingerprint of the data behind an answer; another one than at first means that there are newer data. */
  seen(fingerprint) {
    if (!fingerprint) return;
    this.fingerprint ??= fingerprint;
    if (fingerprint === this.fingerprint) return;
    this.fingerprint = fingerprint;
    const { status } = this;
    status.banner("fresh", status.translate("fresh"), status.translate("reload"), () => location.reload());
  }

  pause(wait) {
    return new Promise((done) => {
      this.wake = done;
      setTimeout(done, wait * (0.75 + Math.random() / 2)); // pages that were lost together do not come back together
    });
  }
}
