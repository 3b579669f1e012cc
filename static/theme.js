/**
 * Sets the remembered look before anything is drawn, as look.js does later. A plain script, because modules
 * run after the first paint.
 */
{
  const root = document.documentElement;
  const theme = localStorage.getItem("neural-playground.theme");
  if (theme === "light" || theme === "dark") root.dataset["theme"] = theme;

  const wantsContrast = matchMedia("(prefers-contrast: more), (forced-colors: active)").matches;
  root.dataset["palette"] =
    localStorage.getItem("neural-playground.palette") ?? (wantsContrast ? "high_contrast" : "orange_blue");

  const linked = /(^#|&)present=true(&|$)/.test(location.hash);
  if (linked || localStorage.getItem("neural-playground.presenting") !== null) {
    // This runs in the head: the body comes later, and must not be painted without its class.
    new MutationObserver((_changes, observer) => {
      if (!document.body) return;
      document.body.classList.add("presenting");
      observer.disconnect();
    }).observe(root, { childList: true });
  }
}
