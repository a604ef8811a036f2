// One list of rules. Rows are kept by key, so that focus and scrolling survive a redraw. Each list is one Tab stop.

class RuleList {
  constructor(panel, { id, direction, caption }) {
    this.panel = panel;
    this.id = id;
    this.rows = new Map();
    this.list = make("ol", { class: "drill-list", role: "list", "aria-label": caption });
    this.list.addEventListener("keydown", (event) => this.onKey(event));
    this.list.addEventListener("focusin", (event) => this.activate(event.target.closest("li")));
    this.last = make("div", { class: "drill-rule drill-implicit" });
    this.lastMark = make("span", { class: "drill-mark" });
    this.none = make("p", { class: "drill-none" }, panel.words.empty);
    this.why = make("p", { class: "drill-why" }, panel.words.keys);
    for (const kind of ["pointerover", "focusin"]) this.list.addEventListener(kind, (event) => this.tellWhy(event.target.closest("li")));
    for (const kind of ["pointerleave", "focusout"]) this.list.addEventListener(kind, () => this.tellWhy(null));
    this.pointed = null;
    this.form = new RuleForm(panel, id, direction, caption);
    this.el = make("div", { class: "drill-rule-list" }, this.list, this.none, this.last, this.why, this.form.el);
    this.onDrag();
  }

  send(command) {
    this.panel.send({ ...command, list: this.id });
  }

  show({ rules, implicit, ending }, ask) {
    const gone = new Set(this.rows.keys());
    const focused = this.list.contains(document.activeElement) ? document.activeElement : null;
    const place = focused ? this.order().indexOf(focused.closest("li")) : -1;
    let before = this.list.firstElementChild;
    for (const rule of rules) {
      gone.delete(rule.key);
      const row = this.rows.get(rule.key) ?? newRow(this, rule);
      this.rows.set(rule.key, row);
      fillRow(this, row, rule, ask);
      if (row === before) before = before.nextElementSibling;
      else this.list.insertBefore(row, before);
    }
    for (const key of gone) {
      this.rows.get(key).remove();
      this.rows.delete(key);
    }
    this.none.hidden = rules.length > 0;
    this.list.style.setProperty("--d-index", `${7.4 * (String(rules.length).length + 2)}px`);
    this.showLast(implicit, ending, ask);
    this.refocus(focused, place);
    this.tellWhy(this.pointed);
    if (!this.list.querySelector("li.drill-active")) this.activate(this.list.firstElementChild);
  }

  // What no rule matches. It can decide, too.
  showLast(implicit, ending, ask) {
    if (!this.last.firstChild) {
      this.last.append(make("code", { class: "drill-index" }, "[-]"), make("code", { class: "drill-action" }, "DROP"),
        make("span", { class: "drill-rest" }, implicit), this.lastMark);
    }
    this.last.classList.toggle("drill-drop", Boolean(ending));
    const focused = this.last.contains(document.activeElement);
    fillMark(this, this.lastMark, { key: null, text: `DROP ${implicit}`, mark: ending, void: false, wide: false }, ask);
    if (focused && !this.last.contains(document.activeElement)) this.focusRow(this.rows.size); // its button is gone
  }

  // A row that was moved keeps the focus; in the place of one that is gone the next gets it.
  refocus(focused, place) {
    if (focused && focused.isConnected && this.list.contains(focused)) focused.focus();
    else if (place >= 0) this.focusRow(Math.min(place, this.rows.size - 1));
  }

  order() {
    return [...this.list.children];
  }

  tellWhy(row) {
    this.pointed = row;
    const shown = row ?? document.activeElement?.closest?.("li");
    const words = (this.list.contains(shown) && shown.why) || this.panel.words.keys;
    if (this.why.textContent !== words) this.why.textContent = words;
  }

  // Arrow keys move within the list.
  activate(row) {
    if (!row) return;
    const old = this.list.querySelector("li.drill-active");
    if (old === row && row.box.tabIndex === 0) return;
    for (const [each, index] of [[old, -1], [row, 0]]) {
      if (!each) continue;
      each.classList.toggle("drill-active", index === 0);
      each.box.tabIndex = index;
      for (const button of each.querySelectorAll("button")) button.tabIndex = index;
    }
  }

  focusRow(place) {
    const row = this.order()[place];
    (row ? row.box : this.form.el.firstElementChild).focus();
  }

  onKey(event) {
    const row = event.target.closest("li");
    if (!row || isJupyterLabs(event)) return;
    const rows = this.order();
    const place = rows.indexOf(row);
    const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    const target = { Home: 0, End: rows.length - 1 }[event.key];
    if (event.altKey && step) this.send({ do: "move", key: row.key, by: step });
    else if (event.key === "Delete") this.send({ do: "delete", key: row.key });
    else if (step) this.focusRow(Math.min(Math.max(place + step, 0), rows.length - 1));
    else if (target !== undefined) this.focusRow(target);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  // A row that is dragged goes above the row on which it is let go.
  onDrag() {
    let dragged = null;
    const over = (row) => this.order().forEach((each) => each.classList.toggle("drill-over", each === row));
    this.list.addEventListener("dragstart", (event) => (dragged = event.target.closest("li")));
    this.list.addEventListener("dragend", () => over((dragged = null)));
    this.list.addEventListener("dragover", (event) => {
      if (!dragged) return;
      event.preventDefault();
      over(event.target.closest("li"));
    });
    this.list.addEventListener("drop", (event) => {
      const others = this.order().filter((each) => each !== dragged);
      const to = others.indexOf(event.target.closest("li"));
      event.preventDefault();
      if (dragged && to >= 0) this.send({ do: "drop", key: dragged.key, to });
      over(null);
    });
  }
}
