// The board that is served: asks again every two seconds and puts in place what has changed; steps through attempts.
(() => {
  const EVERY_MS = 2000;
  let mark = null;

  function tell(stale) {
    const line = document.querySelector(".drill-live");
    const words = stale ? line.dataset.gone : line.dataset.live;
    if (line.textContent !== words) line.textContent = words;
    line.classList.toggle("drill-stale", stale);
  }

  // What was scrolled to and focused stays; attempts that were stepped through stand where they stood.
  function replace(text) {
    const fresh = new DOMParser().parseFromString(text, "text/html").querySelector("main");
    const scrolled = [...document.querySelectorAll(".drill-scroll")].map((each) => each.scrollLeft);
    const focused = document.activeElement && document.activeElement.getAttribute("href");
    const places = [...document.querySelectorAll(".drill-attempt")].map((each) => each.dataset.at);
    document.querySelector("main").replaceChildren(...fresh.childNodes);
    document.querySelectorAll(".drill-scroll").forEach((each, place) => { each.scrollLeft = scrolled[place] || 0; });
    document.querySelectorAll(".drill-attempt").forEach((each, place) => { if (places[place]) each.dataset.at = places[place]; });
    if (focused) [...document.querySelectorAll("a")].find((each) => each.getAttribute("href") === focused)?.focus();
    steps();
  }

  async function ask() {
    try {
      const answer = await fetch(location.href, { headers: mark ? { "If-None-Match": mark } : {}, cache: "no-store" });
      if (answer.status === 200) {
        mark = answer.headers.get("ETag");
        replace(await answer.text());
      }
      tell(answer.status !== 200 && answer.status !== 304);
    } catch {
      tell(true);
    }
    setTimeout(ask, EVERY_MS);
  }

  function show(attempt, place) {
    const items = [...attempt.querySelectorAll("ol > li")];
    const at = Math.min(Math.max(place, 1), items.length);
    attempt.dataset.at = at;
    items.forEach((each, index) => { each.hidden = index >= at; });
    attempt.querySelector("[role=status]").textContent = `${at} / ${items.length}`;
  }

  function steps() {
    document.querySelectorAll(".drill-attempt").forEach((attempt) => {
      const all = attempt.querySelectorAll("ol > li").length;
      const at = () => Number(attempt.dataset.at) || all;
      if (!all) return;
      attempt.querySelector(".drill-steps").hidden = false;
      attempt.querySelectorAll("[data-step]").forEach((button) => {
        const to = { first: () => 1, back: () => at() - 1, on: () => at() + 1, all: () => all }[button.dataset.step];
        button.onclick = () => show(attempt, to());
      });
      show(attempt, at());
    });
  }

  steps();
  ask();
})();
