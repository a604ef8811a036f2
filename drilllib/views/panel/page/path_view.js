// The packet path: cards on a rail, laid out for the width at hand; ../path_view.py declares the state.

function render({ model, el }) {
  const view = new PathView(model, el);
  const show = () => view.show(model.get("state"));
  model.on("change:state", show);
  show();
  return () => {
    model.off("change:state", show);
    view.end();
  };
}

class PathView {
  constructor(model, el) {
    Object.assign(this, { model, el, words: model.get("words"), pressed: "", opened: false, width: 0 });
    this.root = make("div", { class: "drill drill-path-view", lang: this.words.lang });
    this.picture = make("div", { class: "drill-picture" });
    this.missing = make("div", { class: "drill-missing", hidden: "" });
    this.more = make("button", { type: "button", class: "drill-button drill-more", hidden: "" });
    this.left = make("div", { class: "drill-quiet drill-left" });
    this.details = make("div", { class: "drill-details", role: "status" });
    this.player = new Player(this.words, (before) => this.stepped(before));
    this.root.append(this.picture, this.more, this.left, this.missing, this.player.el, this.details);
    el.append(this.root);
    this.root.addEventListener("keydown", (event) => this.onKey(event));
    this.picture.addEventListener("click", (event) => this.press(event.target.closest("[data-hop]")));
    this.more.onclick = () => {
      this.opened = true;
      this.draw();
    };
    this.sizes = new ResizeObserver(([entry]) => this.resized(Math.floor(entry.contentRect.width)));
    this.sizes.observe(this.picture);
    this.onPlay = () => this.player.play();
    requestAnimationFrame(() => {
      this.panel = el.closest(".drill-panel");
      this.panel?.addEventListener("drill-play", this.onPlay);
    });
    document.fonts?.ready.then(() => this.redraw());
  }

  show(state) {
    this.state = state;
    const { scene, level, folded, left_out: left } = state;
    if (state.chosen !== undefined) this.pressed = state.chosen; // at level 1, where Python keeps what was chosen
    if (!scene.cards.some((card) => card.key === this.pressed)) this.pressed = "";
    this.folded = folded;
    this.left.textContent = left;
    this.root.dataset.level = level;
    this.showMissing(scene.note);
    this.player.load(level < 2 ? null : this.lane());
    this.draw();
  }

  // The lane of the pressed card where it is in just one; else the one that Python names.
  lane() {
    const { lanes, played } = this.state.scene;
    const own = lanes.filter((lane) => lane.cards.includes(this.pressed));
    return own.length === 1 ? own[0] : lanes[played];
  }

  showMissing(note) {
    this.missing.hidden = !note;
    const facts = (note?.missing ?? []).map((fact) => make("li", {}, fact));
    this.missing.replaceChildren(icon("ask"), make("div", {}, make("ul", {}, ...facts), note?.either_way ?? ""));
  }

  resized(room) {
    this.seen = room;
    if (room !== this.width) this.draw();
  }

  // The width as it was seen last: to ask the page for it would make the page lay out all it has, at every click.
  room() {
    return this.seen || Math.floor(this.picture.clientWidth);
  }

  redraw() {
    this.ruler = null;
    if (this.state) this.draw();
  }

  draw() {
    this.width = this.room();
    if (this.width < 100) return; // not on the page yet: the observer tells when
    const focused = this.picture.contains(document.activeElement) ? document.activeElement.dataset.hop : null;
    this.ruler ??= new Ruler(this.root);
    this.layout = layOut(this.ruler, this.state, this.width, this.words, this.pressed, this.opened);
    const { below, above, height, across } = this.layout;
    const choice = this.state.level === 1;
    const name = { role: choice ? "radiogroup" : "group", "aria-label": choice ? this.words.where : this.words.path };
    const size = { width: this.width, height: Math.ceil(height), viewBox: `0 0 ${this.width} ${Math.ceil(height)}` };
    this.svg = draw("svg", { class: `drill-path ${across ? "drill-across" : "drill-down"}`, ...size, ...name }, ...below, ...above);
    this.picture.replaceChildren(this.svg);
    this.more.hidden = this.opened || !this.folded;
    this.more.textContent = this.folded;
    this.reserve();
    this.stepped(undefined);
    this.tell();
    if (focused) this.hops().find((hop) => hop.dataset.hop === focused)?.focus({ preventScroll: true });
  }

  // Before the next frame, when the page is laid out anyway.
  reserve() {
    cancelAnimationFrame(this.frame);
    this.frame = requestAnimationFrame(() => this.player.reserve());
  }

  hops() {
    return [...this.svg.querySelectorAll("[data-hop][tabindex]")];
  }

  stepped(before) {
    this.player.dim(this.svg);
    this.player.packet(this.svg, this.layout.points, this.layout.across, before);
  }

  press(hop) {
    if (!hop || !hop.hasAttribute("tabindex")) return;
    const key = hop.dataset.hop;
    if (this.state.level === 1) return this.choose(key);
    this.pressed = this.pressed === key ? "" : key;
    for (const each of this.hops()) each.setAttribute("aria-pressed", String(each.dataset.hop === this.pressed));
    const lane = this.lane();
    if (lane !== this.player.lane) {
      this.player.load(lane);
      this.reserve();
      this.stepped(undefined);
    }
    this.tell();
    const card = this.state.scene.cards.find((each) => each.key === key);
    if (this.pressed) this.el.dispatchEvent(new CustomEvent("drill-place", { bubbles: true, detail: { hop: key, groups: card.groups } }));
  }

  // Level 1: the learner says where it stops, and the kernel answers.
  choose(key) {
    for (const each of this.hops()) each.setAttribute("aria-checked", String(each.dataset.hop === key));
    this.model.send({ where: key });
  }

  tell() {
    const { scene, level } = this.state;
    const card = scene.cards.find((each) => each.key === this.pressed);
    const lines = level === 3 && card ? [card.name, ...card.details] : [];
    this.details.textContent = lines.length > 1 ? lines.join("\n") : this.words.press;
    this.details.hidden = level < 3;
    this.details.classList.toggle("drill-empty", lines.length < 2);
  }

  onKey(event) {
    if (isJupyterLabs(event)) return;
    event.stopPropagation();
    const hop = event.target.closest("[data-hop]");
    const by = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (this.state.level === 1) this.onChoiceKey(event, hop, by);
    else if (by) this.acted(event, () => this.player.step(by));
    else if (event.key === "Home") this.acted(event, () => this.player.go(null));
    else if (event.key === "Enter" && hop) this.acted(event, () => this.press(hop));
    else if (event.key === " " && hop) this.acted(event, () => this.player.play());
  }

  onChoiceKey(event, hop, by) {
    const hops = this.hops();
    if (by && hop) this.acted(event, () => hops[(hops.indexOf(hop) + by + hops.length) % hops.length].focus());
    else if ((event.key === " " || event.key === "Enter") && hop) this.acted(event, () => this.press(hop));
  }

  acted(event, action) {
    event.preventDefault();
    action();
  }

  end() {
    this.player.stop();
    this.sizes.disconnect();
    this.panel?.removeEventListener("drill-play", this.onPlay);
  }
}

export default { render };
