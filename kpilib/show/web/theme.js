// Light or dark: the system's choice until the reader makes one. JupyterLab's own theme is left alone.

const NAME = "kpi-theme", ORDER = ["system", "light", "dark"];
const kept = () => { try { return localStorage.getItem(NAME) ?? "system"; } catch { return "system"; } };

/** Connect the buttons that change the theme. */
export function theme(say) {
  show(kept(), say);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => show(kept(), say));
  document.addEventListener("click", ({ target }) => {
    if (!target.closest?.("[data-do=theme]")) return;
    const next = ORDER[(ORDER.indexOf(document.documentElement.dataset.theme ?? "system") + 1) % ORDER.length];
    try { localStorage.setItem(NAME, next); } catch { /* a browser that keeps nothing: the choice holds for this page */ }
    show(next, say);
  });
}

function show(name, say) {
  const { documentElement: page, body } = document;
  if (name === "system") delete page.dataset.theme;
  else page.dataset.theme = name;
  const dark = name === "dark" || (name === "system" && matchMedia("(prefers-color-scheme: dark)").matches);
  if (body.dataset.jpThemeLight) body.dataset.jpThemeLight = String(!dark);
  for (const button of document.querySelectorAll("[data-do=theme]")) {
    button.dataset.now = name;
    const said = `${say("theme")}: ${say(`theme_${name}`)}`;
    button.setAttribute("aria-label", said);
    button.title = said;
  }
}
