// The ticket, what can be looked at and what it costs, and the log of what was seen.

const LOOK_ICONS = { curl: "term", health: "pulse", rules: "lines", groups: "tag", kubectl: "cube", capture: "eye" };

class LookMenu {
  constructor(view) {
    this.view = view;
    this.rows = new Map();
    this.ticket = make("div", { class: "drill-p-ticket" });
    this.spent = make("span", { class: "drill-quiet", role: "status" });
    this.title = view.heading(view.words.looks);
    this.list = make("ul", { class: "drill-p-looks", role: "list" });
    this.hint = make("button", { type: "button", class: "drill-p-look drill-p-hint" });
    this.hint.onclick = () => view.send({ do: "hint" });
    this.el = view.part("menu", this.ticket, make("div", { class: "drill-p-line" }, this.title, this.spent), this.list, this.hint);
  }

  show({ about, heading, text, spent, looks, hint, stage }) {
    const key = `${about}|${heading}|${text}`;
    if (this.key !== key) {
      this.key = key;
      const lines = text.split("\n").map((line) => make("p", {}, line));
      this.ticket.replaceChildren(make("p", { class: "drill-quiet" }, about), make("h3", {}, heading), ...lines);
    }
    if (this.spent.textContent !== spent) this.spent.textContent = spent;
    for (const each of looks) (this.rows.get(each.kind) ?? this.add(each.kind)).show(each, stage === "graded");
    this.showHint(hint, stage === "graded");
  }

  add(kind) {
    const row = new LookRow(this.view, kind);
    this.rows.set(kind, row);
    this.list.append(row.el);
    return row;
  }

  showHint({ name, cost }, closed) {
    this.hint.setAttribute("aria-disabled", String(!cost || closed));
    this.hint.replaceChildren(icon("bulb"), make("span", {}, name), make("span", { class: "drill-p-cost" }, cost));
    this.hint.onclick = () => cost && !closed && this.view.send({ do: "hint" });
  }
}

// One kind of look: where, in a field if there is a choice, and a button with its price.
class LookRow {
  constructor(view, kind) {
    Object.assign(this, { view, kind });
    this.name = make("span", { class: "drill-p-name" });
    this.cost = make("span", { class: "drill-p-cost" });
    this.button = make("button", { type: "button", class: "drill-p-look" }, icon(LOOK_ICONS[kind] ?? "eye"), this.name, this.cost);
    this.button.onclick = () => this.take();
    this.el = make("li", { "data-look": kind }, this.button);
  }

  show({ name, cost, label, places, typed }, closed) {
    this.closed = closed;
    this.name.textContent = name;
    this.cost.textContent = cost;
    this.button.setAttribute("aria-disabled", String(closed));
    if (!this.field && (typed || places.length > 1)) this.addField(label, typed);
    if (this.field) {
      this.fill(places, typed);
      this.field.disabled = closed;
    }
    this.only = places[0]?.value ?? "";
    this.nameButton();
  }

  addField(label, typed) {
    const list = typed ? make("datalist", { id: unique() }) : null;
    this.field = typed ? make("input", { type: "text", autocomplete: "off", spellcheck: "false", list: list.id }) : make("select", {});
    this.choices = list ?? this.field;
    this.field.setAttribute("aria-label", label);
    this.field.oninput = () => this.nameButton();
    this.field.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && !event.isComposing && !isJupyterLabs(event)) this.take();
    });
    this.el.classList.add("drill-p-chosen");
    this.el.append(make("span", { class: "drill-field" }, this.field, ...(list ? [list] : [])));
  }

  fill(places, typed) {
    const key = JSON.stringify(places);
    if (this.key === key) return;
    this.key = key;
    const before = this.field.value;
    this.choices.replaceChildren(...places.map(({ value, text }) => make("option", { value }, text)));
    if (typed ? before : places.some((each) => each.value === before)) this.field.value = before;
    else this.field.value = places[0]?.value ?? "";
  }

  place() {
    return this.field ? this.field.value.trim() : this.only;
  }

  // The price is part of the name: who hears the button knows it before the click.
  nameButton() {
    const where = this.field ? ` ${this.field.selectedOptions?.[0]?.textContent ?? this.field.value}` : "";
    this.button.setAttribute("aria-label", `${this.name.textContent}${where}, ${this.cost.textContent}`);
  }

  take() {
    if (!this.closed && this.place() !== undefined) this.view.send({ do: "look", kind: this.kind, place: this.place() });
  }
}

class LookLog {
  constructor(view) {
    this.view = view;
    this.head = view.part("seen", view.heading(view.words.seen), make("span", { class: "drill-quiet" }, view.words.no_verdicts));
    this.list = make("ol", { class: "drill-p-log" });
    this.none = make("p", { class: "drill-quiet" }, view.words.nothing_seen);
    this.el = view.part("log", make("div", { role: "log", "aria-label": view.words.log, tabindex: "0" }, this.list), this.none);
  }

  show({ log }) {
    const shown = this.list.children.length;
    const same = log.slice(0, shown).every((each, place) => this.list.children[place].key === JSON.stringify(each));
    if (!same || log.length < shown) this.list.replaceChildren();
    for (const each of log.slice(this.list.children.length)) this.list.append(this.entry(each));
    this.none.hidden = log.length > 0;
    this.list.parentElement.hidden = !log.length;
    if (log.length > shown) this.list.lastElementChild.scrollIntoView?.({ block: "nearest" });
  }

  entry(each) {
    const { name, cost, text, plain } = each;
    const said = text ? [plain ? make("p", {}, text) : make("pre", { tabindex: "0" }, text)] : [];
    const made = make("li", {}, make("div", {}, make("span", {}, name), ...said), make("span", { class: "drill-chip" }, cost));
    return Object.assign(made, { key: JSON.stringify(each) });
  }
}
