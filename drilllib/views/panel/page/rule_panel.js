// The rule lists. Python sends the whole state; rows are kept by key, so that focus and scrolling survive a redraw.
// ../messages.py declares the messages: RuleState and Checked from Python, Command to it.

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

export default { render };
