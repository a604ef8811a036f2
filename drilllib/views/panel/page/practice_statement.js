// What the learner says is wrong: a row a cause. Python says what can be chosen; the rows are kept here until they are stated.

class Statement {
  constructor(view) {
    this.view = view;
    const { words } = view;
    const button = (look, text, act) => {
      const made = make("button", { type: "button", class: `drill-button${look}` }, ...text);
      made.onclick = act;
      return made;
    };
    this.title = view.heading(words.statement);
    this.help = make("p", { class: "drill-quiet" }, words.statement_help);
    this.list = make("div", { class: "drill-p-causes" });
    this.error = make("p", { class: "drill-error", role: "alert" });
    this.tools = make("div", { class: "drill-p-tools" },
      button(" drill-primary", [words.state_it], () => this.state()),
      button("", [icon("plus"), words.another_cause], () => this.add().focus()),
      button("", [words.no_fault], () => this.noFault()));
    this.sure = make("div", { class: "drill-p-sure", role: "status", hidden: "" });
    this.said = make("ul", { class: "drill-p-said" });
    this.restate = button("", [words.restate], () => {
      this.reopened = true;
      this.show({ statement: this.options });
      this.rows[0].where.focus();
    });
    this.form = make("div", {}, this.help, this.list, this.error, this.tools, this.sure);
    this.el = view.part("statement drill-frame", this.title, this.form, this.said, make("div", {}, this.restate));
    this.rows = [];
  }

  show({ statement, about }) {
    if (about !== undefined && about !== this.about) this.clear(about); // another attempt
    this.options = statement;
    const opened = statement.open || (this.reopened && statement.again);
    this.form.hidden = !opened;
    this.said.hidden = opened;
    this.restate.hidden = opened || !statement.again;
    this.said.replaceChildren(...statement.said.map((line) => make("li", {}, line)));
    if (!this.rows.length) this.add();
    this.rows.forEach((row) => row.fill());
    if (statement.chosen && statement.chosen !== this.chosen) this.rows.at(-1).choose(statement.chosen);
    this.chosen = statement.chosen;
  }

  clear(about) {
    this.about = about;
    this.rows = [];
    this.list.replaceChildren();
    this.reopened = false;
  }

  add() {
    const row = new CauseRow(this);
    this.rows.push(row);
    this.list.append(row.el);
    this.number();
    return row.where;
  }

  remove(row) {
    const place = this.rows.indexOf(row);
    this.rows.splice(place, 1);
    row.el.remove();
    this.number();
    this.rows[Math.max(place - 1, 0)].where.focus();
  }

  number() {
    this.rows.forEach((row, place) => row.number(place + 1, this.rows.length > 1));
    this.ask(null);
  }

  state() {
    const missing = this.rows.find((row) => !row.isComplete());
    this.error.textContent = missing ? this.view.words.incomplete : "";
    if (missing) return missing.firstEmpty().focus();
    this.reopened = false;
    this.view.send({ do: "state", causes: this.rows.map((row) => row.cause()) });
  }

  // One click must not end the search by mistake: it is asked once more.
  noFault() {
    const { words } = this.view;
    const yes = make("button", { type: "button", class: "drill-button drill-primary" }, words.no_fault_yes);
    const no = make("button", { type: "button", class: "drill-button" }, words.no_fault_no);
    yes.onclick = () => {
      this.reopened = false;
      this.ask(null);
      this.view.send({ do: "state", causes: [] });
    };
    no.onclick = () => {
      this.ask(null);
      this.tools.lastElementChild.focus();
    };
    this.ask([make("span", {}, words.no_fault_sure), yes, no]);
    yes.focus();
  }

  ask(parts) {
    this.sure.hidden = !parts;
    this.sure.replaceChildren(...(parts ?? []));
  }
}

class CauseRow {
  constructor(statement) {
    this.statement = statement;
    const { words } = statement.view;
    const field = (name) => {
      const select = make("select", { "data-field": name });
      select.onchange = () => this.fill();
      return [select, make("span", { class: "drill-field" }, make("label", {}, words[name], select))];
    };
    [this.where, this.whereField] = field("where");
    [this.kind, this.kindField] = field("cause");
    [this.group, this.groupField] = field("group");
    [this.rule, this.ruleField] = field("rule");
    this.bin = make("button", { type: "button", class: "drill-button drill-bare", title: words.remove_cause }, icon("bin"));
    this.bin.onclick = () => statement.remove(this);
    this.note = make("p", { class: "drill-quiet drill-p-note" }, words.look_first);
    this.el = make("div", { class: "drill-p-cause", role: "group" }, this.whereField, this.kindField, this.groupField, this.ruleField, this.bin, this.note);
  }

  number(place, several) {
    const { words } = this.statement.view;
    this.el.setAttribute("aria-label", `${words.cause} ${place}`);
    this.bin.setAttribute("aria-label", `${words.remove_cause} ${place}`);
    this.bin.hidden = !several;
  }

  // Each field offers what the ones before it leave: places, their causes, groups, and the rules that were looked at.
  fill() {
    const { places, causes, groups, rules } = this.statement.options;
    const { words } = this.statement.view;
    this.options(this.where, places, words.choose);
    this.options(this.kind, causes[this.where.value] ?? [], words.choose);
    const [kind, direction] = this.kind.value.split(" ");
    const isGroup = kind === "group";
    this.groupField.hidden = this.ruleField.hidden = !isGroup;
    this.options(this.group, isGroup ? groups : [], words.choose);
    const listed = rules[`${this.group.value} ${direction}`];
    this.note.hidden = !isGroup || !this.group.value || Boolean(listed);
    this.options(this.rule, isGroup && this.group.value ? [...(listed ?? []), { value: "-", text: words.no_rule }] : [], words.choose);
  }

  options(select, choices, empty) {
    const key = JSON.stringify(choices);
    if (select.key === key) return;
    const before = select.value;
    select.key = key;
    select.replaceChildren(make("option", { value: "" }, empty), ...choices.map(({ value, text }) => make("option", { value }, text)));
    if (choices.some((each) => each.value === before)) select.value = before;
    select.disabled = !choices.length;
  }

  choose(place) {
    this.where.value = place;
    this.fill();
  }

  fields() {
    return [this.where, this.kind, ...(this.kind.value.startsWith("group ") ? [this.group, this.rule] : [])];
  }

  firstEmpty() {
    return this.fields().find((each) => !each.value);
  }

  isComplete() {
    return !this.firstEmpty();
  }

  cause() {
    const [kind, direction] = this.kind.value.split(" ");
    if (kind !== "group") return { kind, resource: this.where.value, group: "", direction: null, rule: null };
    const rule = this.rule.value === "-" ? null : Number(this.rule.value);
    return { kind, resource: this.where.value, group: this.group.value, direction, rule };
  }
}
