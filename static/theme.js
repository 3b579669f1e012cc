/**
 * Sets the remembered theme before anything is drawn. A plain script, because modules run later.
 */
{
  const remembered = localStorage.getItem("neural-playground.theme");
  if (remembered === "light" || remembered === "dark") document.documentElement.dataset["theme"] = remembered;
}
