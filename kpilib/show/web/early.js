// Before the first paint: the theme that the reader chose by hand.
try {
  const chosen = localStorage.getItem("kpi-theme");
  if (chosen === "light" || chosen === "dark") document.documentElement.dataset.theme = chosen;
} catch { /* a browser that keeps nothing has no choice to restore */ }
