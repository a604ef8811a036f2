// One list of rules. Rows are kept by key, so that focus and scrolling survive a redraw.

class RuleList {
  constructor(panel, { id, group, direction, title, caption }) {
    this.panel = panel;
    this.id = id;
    this.rows = new Map();
    this.list = make("ol", { class: "drill-list", "aria-label": caption });
    this.list.addEventListener("keydown", (event) => this.onKey(event));
    this.list.addEventListener("focusin", (event) => this.activate(event.target.closest("li")));
    this.last = make("div", { class: "drill-implicit" });
    this.form = new RuleForm(panel, id, direction, caption);
    const open = direction === "ingress";
    const inner = [this.list, this.last, this.form.el];
    const body = open
      ? make("div", {}, ...inner)
      : make("details", { class: "drill-egress" }, make("summary", {}, caption), ...inner);
    let box = panel.groups.querySelector(`[data-group="${CSS.escape(group)}"]`);
    if (!box) {
      box = make("div", { class: "drill-group", role: "group", "data-group": group, "aria-label": title });
      box.append(make("div", { class: "drill-title" }, title));
      panel.groups.append(box);
    }
    box.append(body);
  }

  show({ rules, implicit }) {
    const gone = new Set(this.rows.keys());
    const focused = this.list.contains(document.activeElement) ? document.activeElement : null;
    const place = focused ? this.order().indexOf(focused.closest("li")) : -1;
    let before = this.list.firstElementChild;
    for (const rule of rules) {
      gone.delete(rule.key);
      const row = this.rows.get(rule.key) ?? this.newRow(rule);
      this.fill(row, rule);
      if (row === before) before = before.nextElementSibling;
      else this.list.insertBefore(row, before);
    }
    for (const key of gone) {
      this.rows.get(key).remove();
      this.rows.delete(key);
    }
    this.last.textContent = implicit;
    if (focused && focused.isConnected) focused.focus();
    else if (place >= 0) this.focusRow(Math.min(place, this.rows.size - 1));
    if (!this.list.querySelector("li.drill-active")) this.activate(this.list.firstElementChild);
  }

  order() {
    return [...this.list.children];
  }

  newRow(rule) {
    const row = make("li", { class: "drill-rule" });
    const words = this.panel.words;
    const box = make("input", { type: "checkbox", tabindex: "-1" });
    box.onchange = () => this.panel.send({ do: "switch", list: this.id, key: rule.key, on: box.checked });
    const tool = (sign, word, command) => {
      const made = make("button", { type: "button", tabindex: "-1", title: word, "aria-label": `${word}: ${rule.text}` }, sign);
      made.onclick = () => this.panel.send({ list: this.id, key: rule.key, ...command });
      return made;
    };
    const tools = make("span", { class: "drill-tools" },
      tool("↑", words.up, { do: "move", by: -1 }), tool("↓", words.down, { do: "move", by: 1 }), tool("✕", words.remove, { do: "delete" }));
    const note = make("span", { class: "drill-note" });
    const index = make("span", { class: "drill-index" });
    row.append(make("label", {}, box, index, make("span", {}, make("code", {}, rule.text), note)), tools);
    Object.assign(row, { key: rule.key, box, index, note, tools });
    this.rows.set(rule.key, row);
    return row;
  }

  fill(row, rule) {
    if (row.box.checked !== rule.on) row.box.checked = rule.on;
    const looks = `drill-rule${rule.on ? "" : " drill-aside"}${rule.mark ? ` drill-${rule.mark}` : ""}${rule.void ? " drill-void" : ""}`;
    const active = row.classList.contains("drill-active") ? " drill-active" : "";
    if (row.className !== looks + active) row.className = looks + active;
    if (row.index.textContent !== rule.index) row.index.textContent = rule.index;
    if (row.note.textContent !== rule.note) row.note.textContent = rule.note;
  }

  // Each list is one Tab stop; arrow keys move within it.
  activate(row) {
    if (!row) return;
    const old = this.list.querySelector("li.drill-active");
    if (old === row && row.box.tabIndex === 0) return;
    for (const [each, index] of [[old, -1], [row, 0]]) {
      if (!each) continue;
      each.classList.toggle("drill-active", index === 0);
      each.box.tabIndex = index;
      for (const button of each.tools.children) button.tabIndex = index;
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
    if (event.altKey && step) this.panel.send({ do: "move", list: this.id, key: row.key, by: step });
    else if (event.key === "Delete") this.panel.send({ do: "delete", list: this.id, key: row.key });
    else if (step) this.focusRow(Math.min(Math.max(place + step, 0), rows.length - 1));
    else if (target !== undefined) this.focusRow(target);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }
}
