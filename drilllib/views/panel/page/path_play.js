// The packet, played step by step along one lane. The steps and their sentences come from Python (picture/steps.py).

const PACKET_SIGNS = { goes: "point", dropped: "cross", waits: "clock", unknown: "ask" };
const AUTOPLAY_MS = 1700;
const MOVE_MS = 520;
const EASE = "cubic-bezier(0.3, 0.1, 0.2, 1)";

class Player {
  constructor(words, onStep) {
    Object.assign(this, { words, onStep, lane: null, at: null, timer: 0 });
    const button = (name, symbol, action) => {
      const made = make("button", { type: "button", class: "drill-button drill-bare", title: words[name], "aria-label": words[name], "data-play": name }, icon(symbol));
      made.onclick = action;
      return made;
    };
    this.first = button("first", "first", () => this.go(null));
    this.previous = button("previous", "prev", () => this.step(-1));
    this.toggle = button("play", "play", () => this.play());
    this.next = button("next", "next", () => this.step(1));
    this.caption = make("div", { class: "drill-caption", "aria-live": "polite" });
    this.count = make("span", { class: "drill-count drill-quiet" });
    const tools = make("div", { class: "drill-tools-play", role: "group", "aria-label": words.play }, this.first, this.previous, this.toggle, this.next);
    this.el = make("div", { class: "drill-play" }, tools, this.caption, this.count);
  }

  // Takes the steps of a lane; another packet begins at its start.
  load(lane) {
    this.stop();
    const same = this.lane && JSON.stringify(this.lane.steps) === JSON.stringify(lane?.steps);
    this.lane = lane;
    if (!same) this.at = null;
    this.el.hidden = !this.steps.length;
    this.show();
  }

  get steps() {
    return this.lane?.steps ?? [];
  }

  step(by) {
    this.stop();
    this.go(this.at === null ? (by > 0 ? 0 : null) : this.at + by < 0 ? null : this.at + by);
  }

  go(at) {
    if (at === null) this.stop();
    const before = this.at;
    this.at = at === null ? null : Math.min(at, this.steps.length - 1);
    this.show();
    this.onStep(before);
  }

  // Plays on from where it is, from the start at the end; a second press pauses.
  play() {
    if (this.timer) {
      this.stop();
      return this.show();
    }
    if (this.at === this.steps.length - 1) this.at = null;
    const onward = () => {
      this.go(this.at === null ? 0 : this.at + 1);
      if (this.at === this.steps.length - 1) this.stop();
      this.show();
    };
    this.timer = setInterval(onward, AUTOPLAY_MS);
    onward();
  }

  stop() {
    clearInterval(this.timer);
    this.timer = 0;
  }

  show() {
    const step = this.at === null ? null : this.steps[this.at];
    this.first.disabled = this.previous.disabled = this.at === null;
    this.next.disabled = this.at === this.steps.length - 1;
    const name = this.timer ? this.words.pause : this.words.play;
    this.toggle.replaceChildren(icon(this.timer ? "pause" : "play"));
    this.toggle.title = name;
    this.toggle.setAttribute("aria-label", name);
    this.caption.replaceChildren(...(step ? this.said(step) : [make("span", { class: "drill-quiet" }, this.words.play_help)]));
    const words = step ? this.words.step_of : this.words.steps;
    this.count.textContent = words.replace("{at}", (this.at ?? 0) + 1).replace("{count}", this.steps.length);
  }

  // Keeps room for the highest caption, so that nothing jumps while it plays. All are measured in one layout of the page.
  reserve() {
    const key = `${this.caption.clientWidth} ${this.lane ? this.lane.steps.map((step) => step.says + step.because).join() : ""}`;
    if (key === this.reserved) return;
    const captions = this.steps.map((step) => make("div", {}, ...this.said(step)));
    const trial = make("div", { class: "drill-trial", "aria-hidden": "true" }, ...captions);
    this.caption.append(trial);
    const heights = captions.map((each) => each.offsetHeight);
    trial.remove();
    this.caption.style.minHeight = `${Math.max(0, ...heights)}px`;
    this.reserved = key;
  }

  // The addresses, old ones struck out and new ones accented, then one sentence.
  said(step) {
    const pair = (old, now) => (old && old !== now ? [make("del", {}, old), " ", make("ins", {}, now)] : [now]);
    const addresses = step.source
      ? [make("code", {}, ...pair(step.before[0], step.source), " → ", ...pair(step.before[1], step.destination)), make("br", {})]
      : [];
    return [...addresses, [step.says, step.because].filter(Boolean).join(" ")];
  }

  // How far the packet has come on the lane, in cards; what is further is dimmed.
  reached() {
    const reach = (step) => {
      const card = this.lane.cards.indexOf(step.card);
      return !step.gate && step.before[0] ? card + 0.4 : card;
    };
    return Math.max(...this.steps.slice(0, this.at + 1).map(reach));
  }

  dim(svg) {
    const playing = this.at !== null;
    svg.classList.toggle("drill-waits", playing && this.at < this.steps.length - 1);
    const far = playing ? this.reached() : 0;
    for (const part of svg.querySelectorAll("[data-way]")) {
      const card = this.lane?.cards.indexOf(part.dataset.way) ?? 0;
      part.classList.toggle("drill-dim", playing && (card < 0 || card - part.dataset.ahead > far));
    }
  }

  // Puts the packet where it is now, moving it there from the step *before* unless the reader asks for stillness.
  packet(svg, points, across, before) {
    svg.querySelector(".drill-packet")?.remove();
    if (this.at === null) return;
    const step = this.steps[this.at];
    const spot = (each) => points.get(each.gate ? `${each.card} gate` : each.card);
    const { x, y } = spot(step);
    const made = draw("g", { class: `drill-packet drill-${step.look}`, "aria-hidden": "true" }, ...this.drawing(step, across));
    made.style.transform = `translate(${x}px, ${y}px)`;
    svg.append(made);
    if (before === null || before === undefined || before === this.at || isStill()) return;
    const way = [spot(this.steps[before]), ...(step.look === "answers" ? this.wayBack(before, points) : []), { x, y }];
    const frames = way.map((point) => ({ transform: `translate(${point.x}px, ${point.y}px)` }));
    made.animate(frames, { duration: MOVE_MS * Math.max(1, Math.min(frames.length - 1, 3)), easing: EASE });
  }

  // An answer returns through every gate and station.
  wayBack(before, points) {
    const from = this.lane.cards.indexOf(this.steps[before].card);
    const back = this.lane.cards.slice(1, Math.max(from, 0) + 1).reverse();
    return back.flatMap((key) => [points.get(key), points.get(`${key} gate`)]).filter(Boolean);
  }

  drawing(step, across) {
    if (step.look === "answers") {
      const half = 12 + 3.6 * step.answer.length;
      const text = write(0, 4, step.answer, { size: 11.5, bold: true });
      text.setAttribute("text-anchor", "middle");
      return [draw("rect", { class: "drill-body", x: -half, y: -11, width: 2 * half, height: 22, rx: 11 }), text];
    }
    const symbol = step.look === "goes" && !across ? "down" : PACKET_SIGNS[step.look];
    const halo = step.look === "waits" ? [draw("circle", { class: "drill-halo", r: 13 })] : [];
    return [...halo, draw("circle", { class: "drill-body", r: 11 }), sign(symbol, 0, 0, "packet", 13)];
  }
}

function isStill() {
  return matchMedia("(prefers-reduced-motion: reduce)").matches;
}
