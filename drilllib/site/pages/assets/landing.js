// The picture of the landing page: the panel's own, on the trace in the page. Without a script the drawing stands still.

(() => {
  const place = document.getElementById("picture");
  const data = JSON.parse(document.getElementById("path").textContent);
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const live = document.createElement("div");
  place.replaceChildren(live);
  window.drillPath({ model: { get: (name) => data[name], on() {}, off() {}, send() {} }, el: live });

  // It plays once, by itself, when it comes into view. A screen reader is told the steps only when its reader plays them.
  const caption = live.querySelector(".drill-caption");
  const button = live.querySelector('[data-play="play"]');
  const asked = () => caption.setAttribute("aria-live", "polite");
  live.addEventListener("pointerdown", asked);
  live.addEventListener("keydown", asked);
  if (still || !("IntersectionObserver" in window)) return;
  caption.setAttribute("aria-live", "off");
  const watch = new IntersectionObserver(([seen]) => {
    if (!seen.isIntersecting) return;
    watch.disconnect();
    button.click();
  }, { threshold: 0.6 });
  watch.observe(live);
})();
