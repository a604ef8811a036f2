// Practice: the five stages, and the parts of the panel that stand around the path and the rule lists. Python sends the whole
// state; ../practice_messages.py declares it, and what is sent to Python.

const PATIENCE_MS = 8000;

function render({ model, el }) {
  const view = new PracticeView(model, el);
  const onState = () => view.show(model.get("state"));
  const onDead = () => view.lost();
  model.on("change:state", onState);
  model.on("comm_live_update", onDead);
  onState();
  const frame = requestAnimationFrame(() => view.arrive());
  return () => {
    cancelAnimationFrame(frame);
    view.end();
    model.off("change:state", onState);
    model.off("comm_live_update", onDead);
  };
}

class PracticeView {
  constructor(model, el) {
    Object.assign(this, { model, el, words: model.get("words"), ticket: model.get("state").ticket });
    this.stages = make("ol", { class: "drill-p-stages", "aria-label": this.words.stages });
    this.busy = make("span", { class: "drill-busy", role: "status" });
    this.alert = make("div", { class: "drill-alert", role: "alert" });
    this.top = this.part("top", this.stages, this.busy, this.alert);
    this.menu = new LookMenu(this);
    this.log = new LookLog(this);
    this.statement = new Statement(this);
    this.repair = new Repair(this);
    this.grade = new GradeCards(this);
    this.parts = [this.top, this.menu.el, this.log.head, this.log.el, this.statement.el, this.repair.el, this.repair.end, this.grade.el];
    el.classList.add("drill-parts");
    el.append(...this.parts);
    for (const each of this.parts) each.addEventListener("keydown", keepFromJupyterLab);
  }

  part(name, ...inside) {
    return make("div", { class: `drill drill-p drill-p-${name}`, lang: this.words.lang }, ...inside);
  }

  heading(text, ...beside) {
    return make("h3", { class: "drill-title", tabindex: "-1" }, text, ...beside);
  }

  // In its place at last: the order on the page is that in which one reads, also for the Tab key.
  arrive() {
    const body = this.el.closest(".drill-practice-body");
    const path = body && body.querySelector(":scope > .drill-p-path, :scope > :has(> .drill-p-path)");
    const rules = body && body.querySelector(":scope > .drill-p-rules, :scope > :has(> .drill-p-rules)");
    if (!path || !rules) return;
    path.before(this.top, this.menu.el, this.log.head);
    path.after(this.log.el, this.statement.el, this.repair.el);
    rules.after(this.repair.end, this.grade.el);
    this.output = this.el.closest(".jp-OutputArea-child");
    if (this.model.get("has_static_output")) this.output?.classList.add("drill-live");
  }

  send(command) {
    sendNumbered(this, command);
  }

  // Answers to clicks older than the last are ignored.
  show(state) {
    if (state.ticket < this.ticket) return;
    this.wait(false);
    const before = this.stage;
    this.stage = state.stage;
    this.alert.textContent = state.alert;
    this.showStages(state.stages);
    for (const each of [this.menu, this.log, this.statement, this.repair, this.grade]) each.show(state);
    if (before && before !== state.stage) this.goTo(state.stage);
  }

  showStages(stages) {
    this.stages.replaceChildren(...stages.map(({ name, look }, place) => {
      const dot = make("span", { class: "drill-p-dot", "aria-hidden": "true" }, look === "done" ? icon("check") : String(place + 1));
      const done = look === "done" ? [make("span", { class: "drill-p-spoken" }, ` ${this.words.done}`)] : [];
      return make("li", { class: `drill-p-${look}`, ...(look === "now" && { "aria-current": "step" }) }, dot, name, ...done);
    }));
  }

  // What was clicked is gone with its stage: the focus goes to the head of the next.
  goTo(stage) {
    const part = { repair: this.repair, graded: this.grade, look: this.menu }[stage];
    part?.title?.focus({ preventScroll: stage === "look" });
  }

  wait(waiting) {
    clearTimeout(this.timer);
    for (const each of this.parts) each.setAttribute("aria-busy", String(waiting));
    this.top.classList.toggle("drill-waiting", waiting);
    this.busy.textContent = waiting ? this.words.working : "";
    if (waiting) this.timer = setTimeout(() => (this.busy.textContent = this.words.slow), PATIENCE_MS);
  }

  lost() {
    this.wait(false);
    this.alert.textContent = this.words.gone;
    for (const part of this.parts) part.querySelectorAll("input,button,select").forEach((each) => (each.disabled = true));
  }

  end() {
    clearTimeout(this.timer);
    this.output?.classList.remove("drill-live");
    for (const each of this.parts) each.remove();
  }
}

export default { render };
