// What the client prints, how long it waited, who can reach the Service, and what the symptom can and cannot come from.
// ../messages.py declares the state: SymptomState.

function render({ model, el }) {
  const words = model.get("words");
  const root = document.createElement("div");
  root.className = "drill-symptom";
  root.addEventListener("keydown", keepFromJupyterLab);
  el.append(root);

  const part = (tag, name, text) => {
    const made = document.createElement(tag);
    made.className = name;
    made.textContent = text;
    return made;
  };
  const list = (title, entries) => {
    const box = document.createElement("div");
    box.append(part("div", "drill-title", title));
    const items = document.createElement("ul");
    items.append(...entries.map((each) => part("li", "", each)));
    box.append(items);
    return box;
  };
  const live = part("div", "drill-outcome", "");
  live.setAttribute("role", "status");
  const said = part("pre", "drill-transcript", "");
  said.tabIndex = 0;
  said.setAttribute("aria-label", words.transcript);
  said.setAttribute("role", "group");
  const causes = part("div", "drill-causes", "");
  const reach = reachView(words, part);
  const met = part("div", "drill-met", "");
  const client = part("div", "drill-column", "");
  client.append(live, said);
  met.append(client, reach.el);
  root.append(met, causes);

  const draw = () => {
    const state = model.get("state");
    live.textContent = state.outcome;
    live.className = `drill-outcome drill-${state.look}`;
    said.textContent = state.transcript;
    reach.show(state.reach);
    causes.replaceChildren(
      ...(state.suspects.length ? [list(words.suspects, state.suspects)] : []),
      ...(state.ruled_out.length ? [list(words.ruled_out, state.ruled_out)] : []),
    );
  };
  model.on("change:state", draw);
  draw();
  return () => model.off("change:state", draw);
}

// A row of clients for each verdict, and a last row for what the last command has changed.
function reachView(words, part) {
  const el = part("div", "drill-column", "");
  const box = part("div", "drill-reach", "");
  const rows = part("div", "", "");
  const news = part("div", "drill-who drill-news", "");
  box.setAttribute("role", "group");
  box.setAttribute("aria-label", words.reach);
  news.setAttribute("role", "status");
  box.append(rows, news);
  el.append(part("div", "drill-heading", words.reach), box);

  const row = (line) => {
    const made = part("div", `drill-who drill-is-${line.look}${line.world ? " drill-world" : ""}`, "");
    made.append(part("span", "drill-way", line.label), " ");
    const told = part("span", "drill-told", "");
    told.append(part("span", "drill-blocks", line.who));
    if (line.note) told.append(" ", part("span", "drill-remark", line.note));
    made.append(told);
    return made;
  };
  const change = ({ sign, said, who }) => {
    const made = part("div", "", "");
    if (sign) {
      const mark = part("span", "drill-sign", sign);
      mark.setAttribute("role", "img");
      mark.setAttribute("aria-label", said);
      made.append(mark, " ");
    }
    made.append(who);
    return made;
  };
  const show = ({ lines, changes }) => {
    rows.replaceChildren(...lines.map(row));
    if (!changes) return news.replaceChildren();
    const told = part("div", "drill-told", changes.length ? "" : words.unchanged);
    told.append(...changes.map(change));
    news.replaceChildren(part("span", "drill-way", words.just_now), " ", told);
  };
  return { el, show };
}

export default { render };
