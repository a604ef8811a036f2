// The rule lists. Python sends the whole state; rows are kept by key, so that focus and scrolling survive a redraw.
// ../messages.py declares the messages: RuleState and Checked from Python, Command to it.

const CHECK_AFTER_MS = 120;
const PATIENCE_MS = 8000;

function render({ model, el }) {
  const panel = new RulePanel(model, el);
  const onState = () => panel.show(model.get("state"));
  const onMessage = (message) => panel.heard(message);
  const onDead = () => panel.lost();
  model.on("change:state", onState);
  model.on("msg:custom", onMessage);
  model.on("comm_live_update", onDead);
  onState();
  requestAnimationFrame(() => model.get("has_static_output") && outputOf(el)?.classList.add("drill-live"));
  return () => {
    outputOf(el)?.classList.remove("drill-live");
    panel.end();
    model.off("change:state", onState);
    model.off("msg:custom", onMessage);
    model.off("comm_live_update", onDead);
  };
}

// A displayed panel is followed by its static picture and text; they are hidden while the panel is live.
function outputOf(el) {
  return el.closest(".drill-panel")?.closest(".jp-OutputArea-child");
}

class RulePanel {
  constructor(model, el) {
    this.model = model;
    this.words = model.get("words");
    this.ticket = model.get("state").ticket;
    this.lists = new Map();
    this.root = make("div", { class: "drill-rules" });
    this.root.addEventListener("keydown", keepFromJupyterLab);
    this.alert = make("div", { class: "drill-alert", role: "alert" });
    this.help = make("p", { class: "drill-help" }, this.words.help);
    this.groups = make("div", { class: "drill-groups" });
    this.orders = make("div", { class: "drill-orders" });
    this.busy = make("div", { class: "drill-busy", role: "status" });
    this.root.append(this.help, this.groups, this.orders, this.busy, this.alert);
    el.append(this.root);
  }

  send(command) {
    const last = Math.max(this.ticket, this.model.get("state").ticket);
    this.ticket = last + 1;
    this.wait(true);
    try {
      this.model.send({ ...command, ticket: this.ticket });
    } catch {
      this.lost();
    }
  }

  // Answers to clicks older than the last are ignored.
  show(state) {
    if (state.ticket < this.ticket) return;
    this.wait(false);
    this.alert.textContent = state.alert;
    for (const each of state.lists) {
      if (!this.lists.has(each.id)) this.lists.set(each.id, new RuleList(this, each));
      this.lists.get(each.id).show(each);
    }
    this.showOrders(state.orders);
  }

  // A refused click does not count: only the answers to those before it are awaited.
  takeBack() {
    this.ticket -= 1;
    if (this.model.get("state").ticket >= this.ticket) this.show(this.model.get("state"));
  }

  wait(waiting) {
    clearTimeout(this.timer);
    this.root.setAttribute("aria-busy", String(waiting));
    const whole = this.root.closest(".drill-panel");
    if (whole) whole.classList.toggle("drill-waiting", waiting);
    this.root.classList.toggle("drill-waiting", waiting);
    this.busy.textContent = waiting ? this.words.busy : "";
    if (waiting) this.timer = setTimeout(() => (this.busy.textContent = this.words.slow), PATIENCE_MS);
  }

  lost() {
    this.wait(false);
    this.alert.textContent = this.words.gone;
    this.root.querySelectorAll("input,button,select").forEach((each) => (each.disabled = true));
  }

  heard(message) {
    const list = this.lists.get(message.list);
    if (message.kind === "checked" && list) {
      list.form.showErrors(message);
      if (message.do === "add" && !message.added && message.ticket === this.ticket) this.takeBack();
    }
  }

  showOrders(orders) {
    const focused = this.orders.contains(document.activeElement) ? document.activeElement.dataset.name : null;
    this.orders.replaceChildren(...orders.map((each) => this.order(each)));
    if (!focused) return;
    const same = this.orders.querySelector(`[data-name="${CSS.escape(focused)}"]`);
    (same?.disabled ? same.parentElement.querySelector("button:enabled") : same)?.focus();
  }

  order({ resource, title, groups }) {
    const list = make("ol", { "aria-label": title });
    groups.forEach((group, place) => {
      const button = (by, sign, word, off) => {
        const name = `${word}: ${group}`;
        const made = make("button", { type: "button", "aria-label": name, title: word, "data-name": `${resource} ${group} ${by}` }, sign);
        made.disabled = off;
        made.onclick = () => this.send({ do: "order", resource, group, by });
        return made;
      };
      list.append(make("li", {}, make("code", {}, group), " ",
        button(-1, "↑", this.words.up, place === 0), button(1, "↓", this.words.down, place === groups.length - 1)));
    });
    return make("div", { class: "drill-order" }, make("span", {}, title), list);
  }

  end() {
    clearTimeout(this.timer);
    this.lists.forEach((list) => list.form.end());
  }
}

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

class RuleForm {
  constructor(panel, id, direction, caption) {
    const words = panel.words;
    this.panel = panel;
    this.id = id;
    this.touched = new Set();
    const choice = (...options) => make("select", {}, ...options.map((each) => make("option", { value: each }, each)));
    this.fields = {
      action: choice("ACCEPT", "DROP"),
      protocol: choice("TCP", "UDP", "ICMP", "ICMPV6", "GRE", "ALL"),
      peer: make("input", { type: "text", autocomplete: "off", spellcheck: "false", placeholder: "203.0.113.0/24" }),
      port: make("input", { type: "text", autocomplete: "off", spellcheck: "false", placeholder: "80" }),
    };
    const labels = { action: words.action, protocol: words.protocol, peer: words[`peer_${direction}`], port: words.port };
    const form = make("form", { "aria-label": `${words.add}: ${caption}` });
    this.errors = {};
    for (const [name, field] of Object.entries(this.fields)) {
      const error = make("span", { class: "drill-error", id: unique(), role: "status" });
      field.setAttribute("aria-describedby", error.id);
      field.oninput = () => {
        this.touched.add(name);
        this.changed();
      };
      this.errors[name] = error;
      form.append(make("span", { class: `drill-field drill-field-${name}` }, make("label", {}, labels[name], field), error));
    }
    form.append(make("button", { type: "submit" }, words.add));
    const enter = (event) => {
      if (event.key !== "Enter" || event.target.tagName !== "INPUT" || event.isComposing || isJupyterLabs(event)) return;
      event.preventDefault();
      event.stopPropagation();
      form.requestSubmit();
    };
    form.addEventListener("keydown", enter);
    form.onsubmit = (event) => {
      event.preventDefault();
      clearTimeout(this.timer);
      for (const name of Object.keys(this.fields)) this.touched.add(name);
      this.n = unique();
      this.panel.send({ do: "add", list: this.id, fields: this.values(), n: this.n });
    };
    this.el = make("details", { class: "drill-add" }, make("summary", {}, words.add_rule), form);
  }

  values() {
    return Object.fromEntries(Object.entries(this.fields).map(([name, field]) => [name, field.value]));
  }

  changed() {
    this.fields.port.disabled = !["TCP", "UDP"].includes(this.fields.protocol.value);
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.n = unique();
      try {
        this.panel.model.send({ do: "check", list: this.id, fields: this.values(), n: this.n });
      } catch {
        this.panel.lost();
      }
    }, CHECK_AFTER_MS);
  }

  showErrors({ n, errors, added }) {
    if (n !== this.n) return;
    for (const [name, error] of Object.entries(this.errors)) {
      const words = (this.touched.has(name) && errors[name]) || ""; // no errors on fields that were not touched yet
      if (error.textContent !== words) error.textContent = words;
      this.fields[name].setAttribute("aria-invalid", String(Boolean(words)));
    }
    if (!added) return;
    this.touched.clear();
    for (const name of ["peer", "port"]) this.fields[name].value = "";
    if (this.el.contains(document.activeElement)) this.fields.peer.focus();
  }

  end() {
    clearTimeout(this.timer);
  }
}

// Plain keys are for the panel: on x JupyterLab would cut the cell. Ctrl+S and the like are JupyterLab's.
function keepFromJupyterLab(event) {
  if (!isJupyterLabs(event)) event.stopPropagation();
}

function isJupyterLabs(event) {
  return event.ctrlKey || event.metaKey || event.shiftKey;
}

let count = 0;
function unique() {
  count += 1;
  return `drill-${Date.now().toString(36)}-${count}`;
}

function make(tag, attributes, ...inside) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...inside);
  return made;
}

export default { render };
