// One card of the path: its lines from the top, and a frame as high as they are. Words come from Python (picture/parts.py).

const PAD = 10;
const VERDICT_SIGNS = { ok: "check", no: "cross", unknown: "ask" };
const HEALTH_SIGNS = { ok: "●", no: "○", unknown: "◌" };

class CardDrawing {
  constructor(ruler, card, width, wide, words, level) {
    Object.assign(this, { ruler, card, width, wide, words, level, y: 20, parts: [], room: width - 2 * PAD });
    this.head();
    this.body();
    this.height = this.y + 13;
    if (card.band) this.band();
    this.frame();
  }

  put(x, text, style, look, options = {}) {
    const shown = this.ruler.fit(text, this.width - PAD - x, style);
    this.parts.push(write(x, this.y, shown, style, look, { ...options, whole: text }));
    return x + this.ruler.width(shown, style);
  }

  lines(text, style, look, step = 17) {
    for (const line of this.ruler.wrap(text, this.room, style)) {
      this.y += step;
      this.parts.push(write(PAD, this.y, line, style, look));
    }
  }

  // Name, health at its right, address: beside the name where the card is wide enough, else below.
  head() {
    const { card, ruler } = this;
    const health = card.health ? `${HEALTH_SIGNS[card.health.look] ?? "●"} ${card.health.text}` : "";
    const taken = health ? ruler.width(health, SMALL) + 8 : 0;
    const below = health && ruler.width(card.name, NAME) + taken > this.room;
    const name = ruler.fit(card.name, this.room - (below ? 0 : taken), NAME);
    this.parts.push(write(PAD, this.y, name, NAME, "", { whole: card.name }));
    const look = card.health?.look || "quiet";
    if (health && !below) this.parts.push(write(this.width - PAD, this.y, health, SMALL, look, { end: true }));
    const beside = PAD + ruler.width(name, NAME) + 10;
    const fits = beside + ruler.width(card.address, CODE) < this.width - PAD - taken;
    if (!this.wide && fits) this.parts.push(write(beside, this.y, card.address, CODE, "quiet"));
    else this.lines(card.address, CODE, "quiet", 18);
    if (below) this.lines(health, SMALL, look, 18);
    if (card.like) this.lines(card.like, NOTE, "quiet", 18);
  }

  body() {
    const { card } = this;
    const place = this.level === 1 && card.kind !== "client";
    const seen = card.seen ?? [];
    if (!(place || card.answer || card.asked.length || card.cause || card.missing.length || seen.length)) return;
    if (this.wide) {
      this.y += 11;
      this.parts.push(draw("line", { class: "drill-hair", x1: PAD, x2: this.width - PAD, y1: this.y, y2: this.y }));
      this.y += 2;
    } else this.y += 5;
    if (place) this.question();
    if (card.answer) this.answer(card.answer);
    card.asked.forEach((each) => this.asked(each));
    if (card.cause) this.cause(card.cause);
    card.missing.forEach((fact) => this.lines(fact, NOTE, "unknown"));
    seen.forEach((each) => this.seen(each));
  }

  // What the learner's own looks showed here, behind an eye; a struck one where they showed nothing.
  seen({ text, look }) {
    for (const [place, line] of this.ruler.wrap(text, this.room - 19, NOTE).entries()) {
      this.y += 18;
      if (!place) this.parts.push(sign(look === "no" ? "blind" : "eye", PAD + 7, this.y - 4.5, "seen", 13));
      this.parts.push(write(PAD + 19, this.y, line, NOTE, ""));
    }
  }

  // Level 1: a place to point at.
  question() {
    this.y += 18;
    this.parts.push(draw("circle", { class: "drill-radio", cx: PAD + 6, cy: this.y - 4.5, r: 5.5 }));
    this.parts.push(draw("circle", { class: "drill-radio-dot", cx: PAD + 6, cy: this.y - 4.5, r: 3 }));
    this.put(PAD + 19, this.words.stops_here, { size: 13 }, "");
  }

  // What the client gets; while a packet is played, that it waits.
  answer(answer) {
    const top = this.y;
    const all = this.parts;
    const variant = (name, word, more, look, symbol) => {
      this.parts = [];
      this.y = top + 17;
      this.put(PAD, this.words.gets, SMALL, "quiet");
      const x = this.wide ? PAD : PAD + this.ruler.width(this.words.gets, SMALL) + 8;
      if (this.wide) this.y += 18;
      this.parts.push(sign(symbol, x + 7, this.y - 4.5, look, 13));
      const end = this.put(x + 19, word, NAME, look);
      if (more && !this.wide && end + 8 + this.ruler.width(more, NOTE) < this.width - PAD) this.put(end + 8, more, NOTE, "quiet");
      else if (more) this.lines(more, SMALL, "quiet");
      all.push(draw("g", { class: name }, ...this.parts));
      return this.y;
    };
    const now = variant("drill-answer", answer.text, answer.more, answer.look, VERDICT_SIGNS[answer.look] ?? "clock");
    const waiting = variant("drill-no-answer", this.words.waits_for, this.words.no_answer_yet, "", "clock");
    this.parts = all;
    this.y = Math.max(now, waiting);
  }

  // What groups saw, their verdict with the rule's place, the rule.
  asked({ title, packet, verdict, place, rule, why }) {
    const { ruler } = this;
    this.y += 17;
    const end = PAD + ruler.width(title, SMALL) + 8;
    if (!this.wide && end + ruler.width(packet, CODE) < this.width - PAD) {
      this.put(PAD, title, SMALL, "quiet");
      this.put(end, packet, CODE);
    } else {
      this.y -= 17;
      this.lines(title, SMALL, "quiet");
      this.y += 17;
      this.put(PAD, packet, CODE);
    }
    this.y += 21;
    this.parts.push(sign(VERDICT_SIGNS[verdict.look], PAD + 7, this.y - 4.5, verdict.look, 13));
    let x = this.put(PAD + 19, verdict.text, NAME, verdict.look) + 8;
    const along = (text, style, look) => {
      const fits = x + ruler.width(text, style) <= this.width - PAD;
      if (fits) x = this.put(x, text, style, look) + 12;
      return fits;
    };
    if (place && !along(place, CODE)) this.lines(place, CODE);
    for (const [text, style] of [[rule, CODE], [why, NOTE]]) {
      if (text && (this.wide || !along(text, style, "quiet"))) this.lines(text, style, "quiet");
    }
    this.y += 3;
  }

  cause({ text, look, more }) {
    if (look) {
      this.y += 19;
      this.parts.push(sign(VERDICT_SIGNS[look], PAD + 7, this.y - 4.5, look, 13));
      const code = this.ruler.fit(text, this.room - 19, NEW_CODE);
      this.parts.push(write(PAD + 19, this.y, code, NEW_CODE, look, { whole: text }));
    } else this.lines(text, NOTE, "quiet");
    if (more) this.lines(more, NOTE, "");
  }

  // The last line says where the packet got to; red and filled only at the stop.
  band() {
    const { state, band } = this.card;
    const [top, w] = [this.height, this.width];
    this.height += 26;
    const stopped = state === "stopped";
    const text = this.ruler.fit(band, this.room - 20 * stopped, { size: 12, bold: true });
    if (stopped) {
      this.parts.push(draw("path", { class: "drill-band", d: `M0 ${top}h${w}v19a7 7 0 0 1-7 7H7a7 7 0 0 1-7-7z` }));
      this.parts.push(sign("stop", PAD + 7, top + 13, "on", 13));
      this.parts.push(write(PAD + 20, top + 17.5, text, { size: 12, bold: true }, "on"));
    } else this.parts.push(write(PAD, top + 14, text, { size: 12, bold: state === "unknown" }, state === "unknown" ? "unknown" : "quiet"));
  }

  frame() {
    const size = { width: this.width, height: this.height };
    const ring = { class: "drill-ring", x: -4, y: -4, width: this.width + 8, height: this.height + 8, rx: 11 };
    this.parts.unshift(draw("rect", ring), draw("rect", { class: "drill-box", ...size, rx: 8 }));
  }

  // The card as a button, at level 1 as one of several places to choose from, at 0 to read only.
  at(x, y, pressed) {
    const { card, level } = this;
    const choice = level === 1 && card.kind !== "client";
    const said = this.parts.flatMap((part) => [...(part.matches("text") ? [part] : part.querySelectorAll(":scope > text"))])
      .filter((text) => !text.closest(".drill-no-answer")).map((text) => text.querySelector("title")?.textContent ?? text.textContent);
    const role = choice ? { role: "radio", "aria-checked": String(pressed) } : { role: "button", "aria-pressed": String(pressed) };
    if (level < 2 && !choice) Object.keys(role).forEach((name) => delete role[name]);
    const name = { "aria-label": said.join(" "), ...(level < 2 && !choice ? { role: "img" } : { tabindex: "0" }) };
    const group = { class: `drill-hop drill-${card.state}`, "data-hop": card.key, transform: `translate(${x.toFixed(1)} ${y.toFixed(1)})` };
    return draw("g", { ...group, ...role, ...name }, ...this.parts);
  }
}
