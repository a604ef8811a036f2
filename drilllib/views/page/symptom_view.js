// What the client prints, how long it waited, and what that can and cannot come from.

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
  root.append(live, said, causes);

  const draw = () => {
    const state = model.get("state");
    live.textContent = state.outcome;
    live.className = `drill-outcome drill-${state.look}`;
    said.textContent = state.transcript;
    causes.replaceChildren(
      ...(state.suspects.length ? [list(words.suspects, state.suspects)] : []),
      ...(state.ruled_out.length ? [list(words.ruled_out, state.ruled_out)] : []),
    );
  };
  model.on("change:state", draw);
  draw();
  return () => model.off("change:state", draw);
}

// A key alone is meant for the panel: JupyterLab would cut the cell at an x. Ctrl+S and the like are its own.
function keepFromJupyterLab(event) {
  if (!event.ctrlKey && !event.metaKey && !event.shiftKey) event.stopPropagation();
}

export default { render };
