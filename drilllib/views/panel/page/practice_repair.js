// After the statement: changes beside the rules, a request to try it, and the end; then the four cards of the grade.

class Repair {
  constructor(view) {
    this.view = view;
    const { words } = view;
    this.title = view.heading(words.repair);
    this.help = make("p", { class: "drill-quiet" });
    this.unseen = make("div", { class: "drill-p-tools" });
    this.changes = make("div", { class: "drill-p-changes" });
    this.fold = make("details", {}, make("summary", {}, words.other_changes), this.changes);
    this.settle = make("button", { type: "button", class: "drill-button" }, words.settle);
    this.settle.onclick = () => view.send({ do: "settings" });
    this.el = view.part("repair", this.title, this.help, this.unseen, make("div", { class: "drill-p-tools" }, this.settle), this.fold);
    this.tried = make("pre", { class: "drill-p-tried", role: "status", tabindex: "0" });
    const button = (look, text, act) => {
      const made = make("button", { type: "button", class: `drill-button${look}` }, text);
      made.onclick = act;
      return made;
    };
    this.tools = make("div", { class: "drill-p-tools" },
      button("", words.try_it, () => view.send({ do: "probe" })),
      button(" drill-primary", words.finish, () => view.send({ do: "finish" })));
    this.end = view.part("end", this.tools, this.tried);
  }

  show({ stage, repair }) {
    this.el.hidden = this.end.hidden = stage !== "repair";
    this.help.textContent = repair.help;
    this.tried.textContent = repair.tried;
    this.tried.hidden = !repair.tried;
    this.fill(this.unseen, repair.unseen, (each) => this.openGroup(each));
    this.fill(this.changes, repair.changes, (each) => this.change(each));
    const asked = document.activeElement === this.settle && repair.settled;
    this.settle.hidden = repair.settled;
    this.fold.hidden = !repair.settled;
    if (asked) {
      this.fold.open = true;
      this.fold.firstElementChild.focus();
    }
  }

  // Elements are kept while what they stand for is the same, so that the focus stays.
  fill(box, items, made) {
    const key = JSON.stringify(items);
    if (box.key === key) return;
    box.key = key;
    const focused = box.contains(document.activeElement) ? document.activeElement.dataset.change : null;
    box.replaceChildren(...items.map(made));
    if (focused) box.querySelector(`[data-change="${CSS.escape(focused)}"]`)?.focus();
  }

  openGroup({ value, text }) {
    const made = make("button", { type: "button", class: "drill-button", "data-change": value }, icon("lines"), text);
    made.onclick = () => this.view.send({ do: "look", kind: "rules", place: value });
    return made;
  }

  // One setting of an object: a choice of values, the one that holds now chosen.
  change({ key, name, value, choices }) {
    const field = choices.length
      ? make("select", { "data-change": key }, ...choices.map(([each, text]) => make("option", { value: each }, text)))
      : make("input", { type: "text", "data-change": key, autocomplete: "off", spellcheck: "false" });
    field.value = value;
    field.onchange = () => this.view.send({ do: "change", key, value: field.value });
    return make("span", { class: "drill-field" }, make("label", {}, name, field));
  }
}

const GRADE_ICONS = { ok: "check", no: "cross", plain: "eye" };

class GradeCards {
  constructor(view) {
    this.view = view;
    const { words } = view;
    this.chip = make("span", { class: "drill-chip" });
    this.title = view.heading(words.grade);
    this.cards = make("ul", { class: "drill-p-grade", role: "list" });
    this.again = make("button", { type: "button", class: "drill-button" }, words.again);
    this.again.onclick = () => view.send({ do: "again" });
    const head = make("div", { class: "drill-p-line" }, this.title, this.chip, make("span", { class: "drill-quiet" }, words.grade_help));
    this.el = view.part("graded", head, this.cards, make("div", { class: "drill-p-tools" }, this.again));
  }

  show({ grade }) {
    this.el.hidden = !grade;
    if (!grade) return;
    this.chip.className = `drill-chip drill-chip-${grade.passed ? "ok" : "no"}`;
    this.chip.replaceChildren(icon(grade.passed ? "check" : "cross"), grade.verdict);
    this.cards.replaceChildren(...grade.parts.map((each) => this.card(each)));
    this.again.hidden = !grade.again;
  }

  card({ title, look, word, lines }) {
    const ink = look === "plain" ? "" : ` drill-ink-${look}`;
    const said = word ? [make("span", { class: "drill-p-spoken" }, `: ${word}`)] : [];
    const head = make("h4", {}, make("span", { class: ink.trim() }, icon(GRADE_ICONS[look])), make("span", {}, title, ...said));
    return make("li", { class: `drill-p-card drill-p-card-${look}` }, head, ...lines.map((line) => make("p", {}, line)));
  }
}
