// Questions with options: a prediction that is recorded before a run, or a quiz that answers at once.
// ../question_state.py declares the state: QuestionsState from Python, Told to it. Which option is right is not here
// before the learner may know.

function render({ model, el }) {
  const words = model.get("words");
  const root = make("section", { class: "drill drill-questions", lang: words.lang, "aria-label": words.label });
  const title = make("div", { class: "drill-q-title" });
  const list = make("div", { class: "drill-q-list" });
  const score = make("div", { class: "drill-q-score", role: "status" });
  const gone = make("div", { class: "drill-q-gone", role: "alert" });
  root.append(title, list, score, gone);
  root.addEventListener("keydown", keepFromJupyterLab);
  el.append(root);

  const tell = (message) => {
    try {
      model.send(message);
    } catch {
      lost();
    }
  };
  const lost = () => {
    gone.textContent = words.gone;
    root.querySelectorAll("input,button").forEach((each) => (each.disabled = true));
  };
  const cards = [];
  const draw = () => {
    const state = model.get("state");
    title.textContent = state.title;
    state.questions.forEach((each, place) => {
      if (!cards[place]) {
        cards[place] = new Card(place, words, tell);
        list.append(cards[place].el);
      }
      cards[place].show(each);
    });
    drawScore(score, state);
  };
  model.on("change:state", draw);
  model.on("comm_live_update", lost);
  draw();
  return () => {
    model.off("change:state", draw);
    model.off("comm_live_update", lost);
  };
}

class Card {
  constructor(place, words, tell) {
    this.place = place;
    this.words = words;
    this.tell = tell;
    this.name = unique();
    this.el = make("fieldset", { class: "drill-question" });
    this.legend = make("legend", {});
    this.options = make("div", { class: "drill-q-options" });
    this.record = make("button", { type: "button", class: "drill-q-record" });
    this.more = make("button", { type: "button", class: "drill-q-more" });
    this.status = make("div", { class: "drill-q-status", role: "status" });
    this.rows = make("dl", { class: "drill-q-rows" });
    this.why = make("div", { class: "drill-q-why" });
    this.record.addEventListener("click", () => this.send("record"));
    this.more.addEventListener("click", () => this.send("another"));
    this.el.append(this.legend, this.options, this.record, this.status, this.rows, this.why, this.more);
    this.inputs = [];
  }

  send(what) {
    const option = this.inputs.findIndex((each) => each.checked);
    if (what !== "another" && option < 0) return;
    this.tell({ do: what, question: this.place, option: Math.max(option, 0) });
    if (what === "record") goOn(this.el);
  }

  show(state) {
    const key = JSON.stringify([state.text, state.options.map((each) => each.text)]);
    const renewed = key !== this.key;
    const focused = this.el.contains(document.activeElement);
    if (renewed) this.ask(state);
    this.key = key;
    state.options.forEach((each, place) => this.mark(place, each, state));
    this.record.textContent = state.record;
    this.record.hidden = !state.record;
    this.record.disabled = !this.inputs.some((each) => each.checked);
    this.more.textContent = state.more;
    this.more.hidden = !state.more;
    this.status.className = `drill-q-status drill-q-${state.look}`;
    if (this.status.textContent !== state.status) this.status.textContent = state.status;
    this.rows.replaceChildren(...state.rows.map(row));
    this.why.replaceChildren(...state.why.map((each) => withCode(make("p", {}), each)));
    if (focused && renewed) this.inputs[0]?.focus(); // the button that was pressed is gone
    else if (focused && state.locked && state.more) this.more.focus(); // the options are off
    else if (focused && state.locked) goOn(this.el);
  }

  ask(state) {
    withCode(this.legend, state.text);
    const rows = state.options.map((each) => {
      const input = make("input", { type: "radio", name: this.name });
      const label = make("label", {});
      const feedback = make("div", { class: "drill-q-feedback", role: "status" });
      input.addEventListener("change", () => {
        this.record.disabled = false;
        if (!this.record.textContent) this.send("choose");
      });
      label.append(input, withCode(make("span", {}), each.text));
      const made = make("div", { class: "drill-q-option" });
      made.append(label, feedback);
      return made;
    });
    this.options.replaceChildren(...rows);
    this.inputs = rows.map((each) => each.querySelector("input"));
  }

  mark(place, option, state) {
    const made = this.options.children[place];
    made.className = `drill-q-option${option.mark ? ` drill-q-${option.mark}` : ""}`;
    if (state.chosen >= 0) this.inputs[place].checked = place === state.chosen;
    this.inputs[place].disabled = state.locked;
    const feedback = made.querySelector(".drill-q-feedback");
    if (feedback.dataset.text === option.feedback) return;
    feedback.dataset.text = option.feedback;
    withCode(feedback, option.feedback);
  }
}

function drawScore(score, state) {
  const dots = state.marks.map((mark) => make("span", { class: `drill-q-dot drill-q-${mark || "open"}`, "aria-hidden": "true" }));
  score.replaceChildren(...dots, ...(state.score ? [make("span", {}, state.score)] : []));
}

function row([label, text]) {
  const made = make("div", {});
  made.append(make("dt", {}, label), withCode(make("dd", {}), text));
  return made;
}

// Text, with what stands between backticks as code.
function withCode(element, text) {
  const parts = text.split("`").map((part, place) => (place % 2 ? make("code", {}, part) : part));
  element.replaceChildren(...parts);
  return element;
}

export default { render };
