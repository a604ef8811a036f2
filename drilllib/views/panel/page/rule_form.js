// The form for a new rule. Python answers while it is being typed: ../messages.py, Checked.

const CHECK_AFTER_MS = 120;

class RuleForm {
  constructor(panel, id, direction, caption) {
    const words = panel.words;
    this.panel = panel;
    this.id = id;
    this.touched = new Set();
    const choice = (...options) => make("select", {}, ...options.map(([value, word]) => make("option", { value }, word ?? value)));
    const text = (placeholder) => make("input", { type: "text", autocomplete: "off", spellcheck: "false", placeholder });
    this.fields = {
      action: choice(["ACCEPT"], ["DROP"]),
      protocol: choice(["TCP"], ["UDP"], ["ICMP"], ["ICMPV6"], ["GRE"], ["ALL"]),
      port: text("443"),
      peer: text("198.51.100.0/24"),
    };
    this.place = choice(["top", words.top], ["bottom", words.bottom]);
    const labels = { action: words.action, protocol: words.protocol, peer: words[`peer_${direction}`], port: words.port };
    this.form = make("form", { "aria-label": `${words.add_rule}: ${caption}` });
    this.errors = {};
    for (const [name, field] of Object.entries(this.fields)) this.form.append(this.field(name, field, labels[name]));
    this.form.append(make("span", { class: "drill-field drill-field-place" }, make("label", {}, words.place, this.place)));
    this.form.append(make("button", { type: "submit", class: "drill-button drill-primary" }, words.add_it));
    this.hint = make("span", { class: "drill-hint", role: "status" });
    this.form.append(this.hint);
    this.form.addEventListener("keydown", (event) => this.onEnter(event));
    this.form.onsubmit = (event) => this.submit(event);
    this.el = make("details", { class: "drill-add" }, make("summary", {}, icon("plus"), words.add_rule), this.form);
  }

  field(name, field, label) {
    const error = make("span", { class: "drill-error", id: unique(), role: "status" });
    field.setAttribute("aria-describedby", error.id);
    field.oninput = () => {
      this.touched.add(name);
      this.changed();
    };
    this.errors[name] = error;
    return make("span", { class: `drill-field drill-field-${name}` }, make("label", {}, label, field), error);
  }

  onEnter(event) {
    if (event.key !== "Enter" || event.target.tagName !== "INPUT" || event.isComposing || isJupyterLabs(event)) return;
    event.preventDefault();
    event.stopPropagation();
    this.form.requestSubmit();
  }

  submit(event) {
    event.preventDefault();
    clearTimeout(this.timer);
    for (const name of Object.keys(this.fields)) this.touched.add(name);
    this.n = unique();
    this.panel.send({ do: "add", list: this.id, fields: this.values(), place: this.place.value, n: this.n });
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

  showErrors({ n, errors, hint, added }) {
    if (n !== this.n) return;
    for (const [name, error] of Object.entries(this.errors)) {
      const words = (this.touched.has(name) && errors[name]) || ""; // no errors on fields that were not touched yet
      if (error.textContent !== words) error.textContent = words;
      this.fields[name].setAttribute("aria-invalid", String(Boolean(words)));
    }
    this.hint.textContent = added ? "" : hint;
    if (!added) return;
    this.touched.clear();
    for (const name of ["peer", "port"]) this.fields[name].value = "";
    if (this.el.contains(document.activeElement)) this.fields.peer.focus();
  }

  end() {
    clearTimeout(this.timer);
  }
}
