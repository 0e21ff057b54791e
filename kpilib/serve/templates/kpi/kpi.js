// What a page says of itself while it is made: computing → (connecting) → ready, or failed. No library.
window.kpi = (() => {
  const at = (id) => document.getElementById(id);
  const INCOMPLETE = "This page is incomplete. Reload it; if that does not help, whoever runs the application finds the reason in its log.";
  let released = false;

  function kernel() {
    const given = at("jupyter-config-data");
    return given && JSON.parse(given.textContent).kernelId;
  }
  function state(name, said) {
    document.body.dataset.state = name;
    at("kpi-said").textContent = said;
  }
  function failed() {
    if (document.body.dataset.state === "computing") state("failed", INCOMPLETE);
  }
  function unconnected() {
    if (document.body.dataset.state !== "ready")
      state("failed", "The controls could not be connected. The figures are right; reload the page to use the controls.");
  }
  function ready() {
    if (document.body.dataset.state === "connecting") state("ready", "");
  }
  function release() {
    if (released || !kernel()) return;
    released = true;
    const form = new FormData();
    form.append("_xsrf", document.cookie.match(/(?:^|; )_xsrf=([^;]*)/)?.[1] ?? "");
    navigator.sendBeacon(`/voila/api/shutdown/${kernel()}`, form);
  }
  async function awake() {
    if (document.hidden || document.body.dataset.state !== "ready" || released) return;
    const answer = await fetch(`/api/kernels/${kernel()}`).catch(() => null);
    if (!answer || !answer.ok)
      state("asleep", "This page was left alone for a while and has stopped computing. Reload it to use its controls.");
  }
  return {
    theme() {
      const dark = matchMedia("(prefers-color-scheme: dark)");
      const set = () => {
        document.body.dataset.jpThemeLight = String(!dark.matches);
        document.body.dataset.jpThemeName = dark.matches ? "JupyterLab Dark" : "JupyterLab Light";
      };
      set();
      dark.addEventListener("change", set);
      // The document is complete, whether or not the page is: a connection that broke is noticed here.
      document.addEventListener("DOMContentLoaded", failed);
      addEventListener("pagehide", release);
    },
    step(done, count) {
      state("computing", `Computing: step ${Math.min(done + 1, count)} of ${count} …`);
    },
    finish(live) {
      if (document.querySelector(".kpi-failed[role=alert]")) {
        state("failed", INCOMPLETE);
        release();
      } else if (live) {
        state("connecting", "Connecting the controls …");
        window.cellLoaded = true;
        window.voila_finish = ready;
        setTimeout(unconnected, 60000);
        document.addEventListener("visibilitychange", awake);
      } else {
        state("ready", "");
        release();
      }
    },
    unconnected,
  };
})();
window.voila_heartbeat = () => {};
