// Who can reach the Service: a row of clients for each verdict, the ways past the CLB, and what the last change has done.

const WAYS = { always: ["check", "ok"], sometimes: ["half", "unknown"], unsure: ["ask", "unknown"], nobody: ["skip", "quiet"] };

function reachView(words) {
  const rows = make("div", { class: "drill-ways" });
  const past = make("div", { class: "drill-pasts" });
  const news = make("div", { class: "drill-news", role: "status" });
  const box = make("div", { class: "drill-reach", role: "group", "aria-label": words.reach }, rows, past, news);
  const el = make("div", { class: "drill-frame drill-reach-box" }, titled(words.reach), box);
  let shown = "";
  const show = (state) => {
    const key = JSON.stringify(state);
    if (key === shown) return; // an open fold stays open
    shown = key;
    rows.replaceChildren(...state.lines.map(wayOf));
    past.replaceChildren(...state.past.map((each) => pastOf(words, each)));
    showNews(words, news, state.changes);
  };
  return { el, show };
}

function wayOf({ look, label, who, more, rest, note, world }) {
  const [sign, ink] = WAYS[look];
  const way = make("span", { class: `drill-way drill-ink-${world ? "unknown" : ink}` }, icon(world ? "warn" : sign), " ", label);
  const told = make("span", { class: "drill-told" }, make("span", { class: "drill-blocks" }, who));
  if (more.length) told.append(make("details", { class: "drill-more" }, make("summary", {}, rest), make("span", {}, more.join(", "))));
  if (note) told.append(make("span", { class: "drill-remark" }, note));
  return make("div", { class: `drill-who drill-is-${look}${world ? " drill-world" : ""}` }, way, told);
}

// Never on the path: nobody asked the CLB's group there.
function pastOf(words, { who, place, note, wide }) {
  const told = make("span", {}, make("strong", {}, words.past), " ");
  if (who) told.append(make("code", {}, who), " → ", place);
  told.append(make("span", { class: "drill-remark" }, note));
  return make("div", { class: `drill-past${wide ? " drill-wide" : ""}` }, icon(wide ? "warn" : "arc"), told);
}

function showNews(words, news, changes) {
  if (!changes) return news.replaceChildren();
  const told = make("div", { class: "drill-told" }, changes.length ? "" : words.unchanged);
  told.append(...changes.map(changeOf));
  return news.replaceChildren(make("span", { class: "drill-way drill-quiet" }, words.just_now), " ", told);
}

function changeOf({ sign, said, who }) {
  const mark = sign ? [make("span", { class: `drill-sign drill-ink-${sign === "+" ? "ok" : "no"}`, role: "img", "aria-label": said }, sign), " "] : [];
  return make("div", {}, ...mark, who);
}
