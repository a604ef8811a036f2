// Where cards stand: from left to right on wide pages, from top to bottom on narrow ones. Lanes that begin alike share
// their cards, and fork behind the last one in common.

const WIDE_FROM = 700;

// Draws the scene for that width. Returns the parts, the height, and the points of stations and gates for the packet.
function layOut(ruler, state, width, words, pressed, opened) {
  ruler.cut = false;
  const wide = width >= WIDE_FROM ? new AcrossLayout(ruler, state, width, words, pressed, opened) : null;
  return wide && !(ruler.cut && width < 1100) ? wide : new DownLayout(ruler, state, width, words, pressed, opened);
}

class Layout {
  constructor(ruler, state, width, words, pressed, opened) {
    const { scene } = state;
    const lanes = scene.lanes.length ? scene.lanes : [{ cards: ["client"], title: "", outcome: null, steps: [] }];
    Object.assign(this, { ruler, width, words, pressed, level: state.level, below: [], above: [], points: new Map() });
    this.cards = new Map(scene.cards.map((card) => [card.key, card]));
    this.arrows = new Map(scene.arrows.map((arrow) => [`${arrow.before} > ${arrow.after}`, arrow]));
    this.lanes = lanes.filter((lane) => opened || !lane.folded);
    this.many = this.lanes.some((lane) => lane.title);
    this.drawn = new Set();
  }

  // Marks parts as belonging to the way to a card, so that what lies ahead of a played packet can be dimmed.
  part(key, ahead, ...parts) {
    return draw("g", { "data-way": key, "data-ahead": ahead }, ...parts);
  }

  // How many cards of a lane stand already.
  common(lane) {
    const first = lane.cards.findIndex((key) => !this.drawn.has(key));
    return first < 0 ? lane.cards.length : first;
  }

  // How many cards all lanes have in common.
  trunk() {
    const [first, ...others] = this.lanes;
    const place = first.cards.findIndex((key, i) => others.some((lane) => lane.cards[i] !== key));
    return place < 0 ? first.cards.length : place;
  }

  shut(card) {
    return card.state === "unreached" || ["no", "unknown"].includes(card.gate?.look);
  }

  station(card, x, y) {
    this.points.set(card.key, { x, y });
    this.above.push(this.part(card.key, 0, stationAt(x, y, card.state === "passed" || card.state === "plain")));
  }

  gate(card, x, y, across) {
    this.points.set(`${card.key} gate`, { x, y });
    if (card.gate) this.above.push(this.part(card.key, 0.5, gateAt(card.gate, x, y, across)));
  }

  laneTitle(lane, x, y) {
    const look = lane.outcome?.look ?? "";
    const parts = [sign(GATE_SIGNS[look] ?? "point", x + 7, y - 4.5, look, 13)];
    const room = this.width - x - 24;
    const title = this.ruler.fit(lane.title, room, NAME);
    const end = x + 28 + this.ruler.width(title, NAME);
    parts.push(write(x + 20, y, title, NAME, "", { whole: lane.title }));
    const says = lane.outcome ? this.ruler.fit(lane.outcome.text, this.width - end, NOTE) : "";
    if (says.length > 1) parts.push(write(end, y, says, NOTE, look, { whole: lane.outcome.text }));
    this.below.push(draw("g", { class: "drill-lane" }, ...parts));
  }

  place(card, x, y, width, wide) {
    const made = new CardDrawing(this.ruler, card, width, wide, this.words, this.level);
    this.above.push(this.part(card.key, 0, made.at(x, y, this.pressed === card.key)));
    this.drawn.add(card.key);
    return made.height;
  }
}

class AcrossLayout extends Layout {
  constructor(...given) {
    super(...given);
    this.across = true;
    this.columns();
    this.bottoms = this.xs.map(() => 0);
    const labelled = [...this.arrows.values()].some((arrow) => arrow.source);
    this.zone = (labelled ? 62 : 26) + (this.many ? 30 : 0);
    this.rows = new Map();
    this.lanes.forEach((lane, place) => this.lane(lane, place));
    this.height = Math.max(...this.bottoms) + 6;
  }

  // A column for each distance from the client: its card is narrow, the others grow to 290, then the gaps grow.
  columns() {
    const client = this.cards.get("client");
    const count = Math.max(...this.lanes.map((lane) => lane.cards.length)) - 1;
    const first = [...this.arrows.values()].find((arrow) => arrow.before === "client");
    const needs = [
      20 + this.ruler.width(client.address, CODE),
      39 + this.ruler.width(client.answer?.text ?? "", NAME),
      first ? this.ruler.width(`→ ${first.destination}`, CODE) - 8 : 0,
    ];
    this.own = Math.min(Math.max(110, this.width * 0.13, ...needs), 190);
    const least = this.lanes.length > 1 ? 44 : 20; // a fork's rail turns between the cards
    let gap = Math.min(Math.max(least, this.width * 0.045 - 10), 56);
    let wide = count ? (this.width - 2 - this.own - count * gap) / count : 0;
    if (wide > 290) {
      wide = 290;
      gap = (this.width - 2 - this.own - count * wide) / count;
    }
    Object.assign(this, { gap, wide, xs: Array.from({ length: count + 1 }, (_, i) => (i ? 1 + this.own + gap + (i - 1) * (wide + gap) : 1)) });
  }

  lane(lane, place) {
    const fork = this.common(lane);
    const y = (place ? Math.max(...this.bottoms.slice(Math.max(fork - 1, 0))) + 26 : 0) + this.zone;
    if (this.many) this.laneTitle(lane, this.xs[Math.max(fork, this.trunk())] - 14, y - this.zone + 16);
    lane.cards.forEach((key, column) => {
      if (column < fork) return;
      const card = this.cards.get(key);
      this.rows.set(key, y);
      if (column) this.link(lane.cards[column - 1], card, column, y);
      this.bottoms[column] = y + 19 + this.place(card, this.xs[column], y + 19, column ? this.wide : this.own, true);
      this.below.push(this.part(key, 0, draw("line", { class: "drill-stem", x1: this.xs[column] + 16, x2: this.xs[column] + 16, y1: y + 6, y2: y + 19 })));
      this.station(card, this.xs[column] + 16, y);
    });
  }

  link(before, card, column, y) {
    const arrow = this.arrows.get(`${before} > ${card.key}`);
    const from = { x: this.xs[column - 1] + 16, y: this.rows.get(before) };
    const gate = this.xs[column] - 14;
    const unreached = arrow.hypothetical;
    const turn = Math.min(this.xs[column - 1] + (column > 1 ? this.wide : this.own) + 12, gate - 21);
    const end = card.gate ? gate - 11 : this.xs[column] + 10;
    const forks = from.y !== y;
    const room = forks ? turn - this.xs[column - 1] - 12 : gate - from.x + 4;
    const start = forks ? turn - 12 - Math.min(room, arrowWidth(this.ruler, arrow)) : from.x - 14;
    const way = !forks
      ? `M${from.x} ${y}H${end}`
      : `M${turn - 8} ${from.y}Q${turn} ${from.y} ${turn} ${from.y + 8}V${y - 8}Q${turn} ${y} ${turn + 8} ${y}H${end}`;
    this.below.push(this.part(card.key, 0.7, railAlong(way, unreached)));
    this.below.push(this.part(card.key, 0.4, railAlong(`M${end} ${y}H${this.xs[column] + 16}`, this.shut(card))));
    if (!unreached && !forks) this.below.push(this.part(card.key, 0.7, tipAt(gate - 19, y, true)));
    this.below.push(this.part(card.key, 0.6, ...arrowAbove(this.ruler, arrow, start, forks ? y + 28 : y, room)));
    this.gate(card, gate, y, true);
  }
}

class DownLayout extends Layout {
  constructor(...given) {
    super(...given);
    this.across = false;
    this.y = 2;
    this.ends = new Map();
    this.lanes.forEach((lane) => this.lane(lane));
    this.height = this.y + 4;
  }

  // The rail runs at the left; the rails of lanes further right.
  lane(lane) {
    const fork = this.common(lane);
    lane.cards.forEach((key, place) => {
      if (place < fork) return;
      const trunk = this.trunk();
      const rail = !this.many || place < trunk ? 16 : fork > trunk ? 52 : 34;
      if (this.many && place === Math.max(fork, trunk)) this.title(lane, rail - 8);
      this.card(this.cards.get(key), lane.cards[place - 1], rail);
    });
  }

  title(lane, x) {
    this.y += 24;
    this.laneTitle(lane, x, this.y);
    this.y += 2;
  }

  card(card, before, rail) {
    const left = rail + 25;
    const wide = this.width - left - 2;
    if (before !== undefined) this.link(card, before, rail, left, wide);
    const y = this.y + 20;
    this.below.push(this.part(card.key, 0, draw("line", { class: "drill-stem", x1: rail + 6, x2: left, y1: y, y2: y })));
    const height = this.place(card, left, this.y, wide, false);
    this.station(card, rail, y);
    this.y += height;
    this.ends.set(card.key, { x: rail, y });
  }

  link(card, before, rail, left, wide) {
    const arrow = this.arrows.get(`${before} > ${card.key}`);
    const label = arrowBeside(this.ruler, arrow, left + 2, wide);
    const zone = label.lines === 2 ? 60 : label.lines ? 46 : 38;
    const gate = this.y + zone - 19;
    const from = this.ends.get(before);
    const turn = gate - 18;
    const way = from.x === rail
      ? `M${rail} ${from.y}V${gate - 11}`
      : `M${from.x} ${from.y}V${turn - 16}Q${from.x} ${turn - 8} ${from.x + 8} ${turn - 8}H${rail - 8}Q${rail} ${turn - 8} ${rail} ${turn}V${gate - 11}`;
    this.below.push(this.part(card.key, 0.7, railAlong(way, arrow.hypothetical)));
    this.below.push(this.part(card.key, 0.4, railAlong(`M${rail} ${gate + 11}V${this.y + zone + 20}`, this.shut(card))));
    if (!arrow.hypothetical) this.below.push(this.part(card.key, 0.7, tipAt(rail, gate - 19, false)));
    this.below.push(this.part(card.key, 0.6, ...label.at(label.lines === 2 ? gate - 12 : gate + 4)));
    this.gate(card, rail, gate, false);
    this.y += zone;
  }
}
