// Above the path: the question and how it is asked, and its answer on one line. Below the path: what the learner's answer
// was worth. ../messages.py declares the state: HeadState, Setting, StepsState.

const OUTCOME_ICONS = { passed: "check", stopped: "cross", unknown: "ask", plain: "clock" };

class Head {
  constructor(panel) {
    this.panel = panel;
    this.fields = new Map();
    this.question = make("div", { class: "drill-question" });
    this.settings = make("div", { class: "drill-settings" });
    this.top = make("div", { class: "drill-top drill" }, this.question, this.settings);
    this.outcome = make("span", { class: "drill-outcome", role: "status" });
    this.place = make("span", { class: "drill-place", role: "status" });
    this.play = make("button", { type: "button", class: "drill-button" }, icon("play"), panel.words.play_it);
    this.play.onclick = () => this.line.closest(".drill-panel")?.dispatchEvent(new CustomEvent("drill-play"));
    this.locked = make("span", { class: "drill-chip" }, icon("lock"), panel.words.locked);
    this.line = make("div", { class: "drill-line drill" }, make("span", { class: "drill-says" }, this.outcome, this.place), this.play, this.locked);
    this.said = make("div", { class: "drill-said drill", role: "status" });
  }

  get parts() {
    return [this.top, this.line, this.said];
  }

  show(head) {
    if (!head) return;
    const { service, command, settings, level } = head;
    this.question.replaceChildren(make("strong", {}, service), make("code", {}, command));
    for (const each of settings) this.setting(each);
    this.showOutcome(head);
    this.play.hidden = level === 1;
    this.locked.hidden = level > 1;
    this.showSaid(head);
  }

  setting({ name, label, value, choices }) {
    if (!this.fields.has(name)) this.newField(name, label, choices);
    const field = this.fields.get(name);
    if (field.shown !== value) field.value = value;
    field.shown = value;
  }

  newField(name, label, choices) {
    const field = choices.length
      ? make("select", {}, ...choices.map(([value, word]) => make("option", { value }, word)))
      : make("input", { type: "text", autocomplete: "off", spellcheck: "false", size: "15" });
    field.error = make("span", { class: "drill-error", id: unique(), role: "alert" });
    field.setAttribute("aria-describedby", field.error.id);
    field.onchange = () => this.panel.send({ do: "ask", name, value: field.value });
    this.fields.set(name, field);
    this.settings.append(make("span", { class: "drill-field" }, make("label", {}, label, field), field.error));
  }

  // A setting that was refused stays as it was typed, with the reason beside it.
  refused({ name, error }) {
    const field = this.fields.get(name);
    field.error.textContent = error;
    field.setAttribute("aria-invalid", String(Boolean(error)));
    if (!error) field.shown = field.value;
  }

  showOutcome({ outcome, look, place, spot, ask }) {
    const whole = `${outcome}|${look}`;
    if (this.outcome.dataset.shown !== whole) {
      this.outcome.dataset.shown = whole;
      this.outcome.className = `drill-outcome drill-${look}`;
      this.outcome.replaceChildren(icon(OUTCOME_ICONS[look]), outcome);
    }
    const parts = [place, spot && make("code", {}, spot), ask && make("strong", {}, ask)];
    this.place.replaceChildren(...parts.filter(Boolean).flatMap((each) => [each, " "]));
  }

  showSaid({ said, right }) {
    this.said.className = `drill-said drill${said ? (right ? " drill-right" : " drill-wrong") : ""}`;
    if (this.said.dataset.said === said) return;
    this.said.dataset.said = said;
    this.said.replaceChildren(...(said ? [icon(right ? "check" : "point"), make("span", {}, said)] : []));
  }
}
