// The search box: made here, because without a script it could do nothing. The index is loaded when it is first used.
// Words count from their beginning; Chinese is cut into pairs of characters, as search.py cuts it.

(() => {
  const MOST = 20;
  const place = document.querySelector(".site-search");
  const { index: address, base, label, none } = place.dataset;
  const element = (tag, attributes, ...inside) => {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    made.append(...inside);
    return made;
  };
  const input = element("input", { type: "search", placeholder: label, "aria-label": label, autocomplete: "off" });
  const list = element("ul", { class: "site-hits", hidden: "" });
  const said = element("span", { class: "site-said", role: "status" });
  place.append(input, list, said);

  let loading = null;
  const load = () => (loading ??= new Promise((done, failed) => {
    const script = element("script", { src: address });
    script.onload = () => done(window.drillIndex);
    script.onerror = failed;
    document.head.append(script);
  }));

  function terms(text) {
    const low = text.toLowerCase();
    const found = (low.match(/[a-z0-9_]+/g) ?? []).map((word) => ({ word, exact: false }));
    for (const run of low.match(/[\u3400-\u9fff]+/g) ?? []) {
      if (run.length === 1) found.push({ word: run, exact: false });
      for (let i = 0; i + 1 < run.length; i++) found.push({ word: run.slice(i, i + 2), exact: true });
    }
    return found;
  }

  // The sections that have a term, each with its weight: rare words weigh more, and whole ones more than beginnings.
  function sections(index, { word, exact }) {
    const found = new Map();
    const add = (term, factor) => {
      const steps = index.terms[term].split(" ").map(Number);
      const weight = factor * Math.log(1 + index.rows.length / steps.length);
      let at = 0;
      for (const step of steps) found.set((at += step), Math.max(found.get(at) ?? 0, weight));
    };
    if (Object.hasOwn(index.terms, word)) add(word, 1);
    if (!exact) for (const term of Object.keys(index.terms)) if (term !== word && term.startsWith(word)) add(term, 0.6);
    return found;
  }

  function search(index, text) {
    const all = terms(text).map((term) => sections(index, term));
    if (!all.length) return [];
    const asked = text.trim().toLowerCase();
    const hits = [...all[0].keys()].filter((row) => all.every((each) => each.has(row))).map((row) => {
      const [, page, heading] = index.rows[row];
      const named = `${page} ${heading}`.toLowerCase().includes(asked) ? 8 : 0;
      return { row, weight: named + all.reduce((sum, each) => sum + each.get(row), 0) };
    });
    return hits.sort((a, b) => b.weight - a.weight || a.row - b.row).slice(0, MOST).map((hit) => index.rows[hit.row]);
  }

  function show(hits, asked) {
    list.replaceChildren(...hits.map(([to, page, heading, words]) =>
      element("li", {}, element("a", { href: base + to },
        element("b", {}, heading), heading === page ? "" : element("span", {}, page), element("small", {}, words)))));
    list.hidden = !hits.length;
    said.textContent = asked && !hits.length ? none : "";
  }

  async function onInput() {
    const asked = input.value.trim();
    const index = await load();
    if (asked === input.value.trim()) show(search(index, asked), asked);
  }

  input.addEventListener("focus", () => load().catch(() => {}));
  input.addEventListener("input", onInput);
  place.addEventListener("keydown", (event) => {
    const links = [...list.querySelectorAll("a")];
    const at = links.indexOf(document.activeElement);
    if (event.key === "Escape") { input.value = ""; show([], ""); input.focus(); }
    else if (event.key === "ArrowDown" && links.length) links[Math.min(at + 1, links.length - 1)].focus();
    else if (event.key === "ArrowUp" && at >= 0) (links[at - 1] ?? input).focus();
    else return;
    event.preventDefault();
  });
  document.addEventListener("click", (event) => { if (!place.contains(event.target)) show([], ""); });
})();
