// What the client prints and how long it waited, what that can come from, and who can reach the Service.
// ../messages.py declares the state: SymptomState.

function render({ model, el }) {
  const words = model.get("words");
  const root = make("div", { class: "drill-symptom drill", lang: words.lang });
  root.addEventListener("keydown", keepFromJupyterLab);
  el.append(root);
  const said = make("pre", { class: "drill-transcript", tabindex: "0", role: "group", "aria-label": words.transcript });
  const bar = make("div", { class: "drill-wait", role: "img" });
  const causes = make("div", { class: "drill-causes" });
  const reach = reachView(words);
  root.append(make("div", { class: "drill-frame drill-client" }, titled(words.symptom), said, bar, causes), reach.el);

  let shown = "";
  const draw = () => {
    const state = model.get("state");
    said.textContent = state.transcript;
    bar.setAttribute("aria-label", state.outcome);
    showWait(bar, state.seconds, state.scale);
    const key = JSON.stringify([state.suspects, state.ruled_out]);
    if (key !== shown) causes.replaceChildren(...causesOf(words, state.suspects, state.ruled_out));
    shown = key;
    reach.show(state.reach);
  };
  model.on("change:state", draw);
  draw();
  return () => model.off("change:state", draw);
}

function titled(text) {
  return make("h3", { class: "drill-title" }, text);
}

// A bar of the seconds that the client waited.
function showWait(bar, seconds, scale) {
  const last = scale.at(-1);
  bar.hidden = !last;
  if (!last) return;
  const fill = make("span", { class: "drill-fill" });
  fill.style.width = `${Math.min(100, Math.max(1, (100 * seconds) / last))}%`;
  const marks = scale.map((each) => make("span", {}, each ? `${each} s` : "0"));
  bar.replaceChildren(make("span", { class: "drill-track" }, fill), make("span", { class: "drill-marks" }, ...marks));
}

function causesOf(words, suspects, ruledOut) {
  const list = (entries) => make("ul", {}, ...entries.map((each) => make("li", {}, each)));
  const open = suspects.length ? [make("p", { class: "drill-cause" }, words.suspects), list(suspects)] : [];
  const folded = ruledOut.length ? [make("details", {}, make("summary", {}, `${words.ruled_out} (${ruledOut.length})`), list(ruledOut))] : [];
  return [...open, ...folded];
}

export default { render };
