// The question, its answer, and the rule lists. Python sends the whole state; ../messages.py declares it: RuleState and
// Checked from Python. ../commands.py has what is sent to it.

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
  requestAnimationFrame(() => panel.arrive(model.get("has_static_output")));
  return () => {
    panel.end();
    model.off("change:state", onState);
    model.off("msg:custom", onMessage);
    model.off("comm_live_update", onDead);
  };
}

class RulePanel {
  constructor(model, el) {
    this.model = model;
    this.el = el;
    this.words = model.get("words");
    this.ticket = model.get("state").ticket;
    this.lists = new Map();
    this.head = new Head(this);
    this.tabs = new Tabs(this);
    this.tools = new Steps(this);
    this.alert = make("div", { class: "drill-alert drill", role: "alert" });
    this.orders = make("div", { class: "drill-orders" });
    this.busy = make("span", { class: "drill-busy", role: "status" });
    this.root = make("div", { class: "drill-rules drill drill-frame" }, make("div", { class: "drill-bar" }, this.tabs.bar, this.busy, this.tools.el), this.tabs.body, this.orders);
    el.classList.add("drill-parts");
    el.append(...this.head.parts, this.alert, this.root);
    for (const each of [...this.head.parts, this.alert, this.root]) {
      each.lang = this.words.lang;
      each.addEventListener("keydown", keepFromJupyterLab);
    }
    this.onUndo = (event) => this.tools.onKey(event);
    this.onPlace = ({ detail }) => detail?.groups?.length && this.tabs.choose(detail.groups[0]);
  }

  // In its place at last: what is asked stands before the path also for the Tab key, and the still behind the panel goes.
  arrive(hasStill) {
    this.whole = this.el.closest(".drill-panel");
    if (!this.whole) return;
    this.whole.lang = this.words.lang;
    this.whole.addEventListener("keydown", this.onUndo);
    this.whole.addEventListener("drill-place", this.onPlace);
    this.el.parentElement.prepend(this.head.top, this.head.line);
    this.output = this.whole.closest(".jp-OutputArea-child");
    if (hasStill) this.output?.classList.add("drill-live");
  }

  send(command) {
    sendNumbered(this, command);
  }

  // Answers to clicks older than the last are ignored.
  show(state) {
    if (state.ticket < this.ticket) return;
    this.wait(false);
    this.alert.textContent = state.alert;
    this.head.show(state.head);
    this.tabs.show(state.lists, state.head?.level);
    this.tools.show(state.steps);
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
    for (const each of [this.root, this.root.closest(".drill-panel")]) each?.classList.toggle("drill-waiting", waiting);
    this.busy.textContent = waiting ? this.words.working : "";
    if (waiting) this.timer = setTimeout(() => (this.busy.textContent = this.words.slow), PATIENCE_MS);
  }

  lost() {
    this.wait(false);
    this.alert.textContent = this.words.gone;
    for (const each of [this.root, this.head.top]) {
      each.querySelectorAll("input,button,select").forEach((one) => (one.disabled = true));
    }
  }

  heard(message) {
    const list = this.lists.get(message.list);
    const isLast = message.ticket === this.ticket;
    if (message.kind === "checked" && list) {
      list.form.showErrors(message);
      if (message.do === "add" && !message.added && isLast) this.takeBack();
    } else if (message.kind === "refused") {
      this.head.refused(message);
      if (message.error && isLast) this.takeBack();
    }
  }

  showOrders(orders) {
    const focused = this.orders.contains(document.activeElement) ? document.activeElement.dataset.name : null;
    this.orders.replaceChildren(...orders.map((each) => orderOf(this, each)));
    if (!focused) return;
    const same = this.orders.querySelector(`[data-name="${CSS.escape(focused)}"]`);
    (same?.disabled ? same.parentElement.querySelector("button:enabled") : same)?.focus();
  }

  end() {
    clearTimeout(this.timer);
    this.output?.classList.remove("drill-live");
    this.whole?.removeEventListener("keydown", this.onUndo);
    this.whole?.removeEventListener("drill-place", this.onPlace);
    for (const each of this.head.parts) each.remove();
    this.lists.forEach((list) => list.form.end());
  }
}

export default { render };
