// Parts of the rail: stations, gates, the line between them, and the addresses above it.

const GATE_SIGNS = { ok: "check", no: "cross", unknown: "ask" };

// The place where a host's groups stand. Closed, it has a wall across the rail.
function gateAt(gate, x, y, across) {
  const look = gate.look || "shut";
  const wall = across ? { x: x - 2.5, y: y - 22, width: 5, height: 44 } : { x: x - 22, y: y - 2.5, width: 44, height: 5 };
  const parts = gate.look === "no" ? [draw("rect", { class: "drill-wall", ...wall, rx: 2.5 })] : [];
  parts.push(draw("rect", { class: `drill-gate drill-gate-${look}`, x: x - 11, y: y - 11, width: 22, height: 22, rx: 6 }));
  if (gate.look) parts.push(sign(GATE_SIGNS[gate.look], x, y, gate.look === "no" ? "on" : gate.look, 13));
  else {
    const number = write(x, y + 4, gate.number, SMALL, "quiet");
    number.setAttribute("text-anchor", "middle");
    parts.push(number);
  }
  return draw("g", { "aria-hidden": "true" }, ...parts);
}

function stationAt(x, y, reached) {
  return draw("circle", { class: `drill-station${reached ? " drill-in" : ""}`, cx: x, cy: y, r: 5.5 });
}

function railAlong(d, dashed) {
  return draw("path", { class: `drill-rail${dashed ? " drill-dashed" : ""}`, d });
}

// Where an arrow leads: its point on the rail.
function tipAt(x, y, across) {
  return draw("path", { class: "drill-tip", d: across ? `M${x} ${y - 4.5}l4.5 4.5l-4.5 4.5` : `M${x - 4.5} ${y}l4.5 4.5l4.5 -4.5` });
}

// The looks of an arrow's words: the changed address is accented, and nothing where no packet came.
function arrowInks(arrow) {
  const ink = (name) => (arrow.hypothetical ? "quiet" : arrow.new.includes(name) ? "new" : "");
  const style = (name) => (!arrow.hypothetical && arrow.new.includes(name) ? NEW_CODE : CODE);
  return {
    tag: arrow.hypothetical ? "quiet" : "new",
    source: [ink("source"), style("source")],
    destination: [ink("destination"), style("destination")],
  };
}

function arrowWidth(ruler, arrow) {
  const inks = arrowInks(arrow);
  const widths = [[arrow.tag, SMALL], [arrow.source, inks.source[1]], [`→ ${arrow.destination}`, inks.destination[1]]];
  return Math.max(...widths.map(([text, style]) => ruler.width(text, style)));
}

// Three lines above the rail that starts at x, y.
function arrowAbove(ruler, arrow, x, y, room) {
  if (!arrow.source) return [];
  const inks = arrowInks(arrow);
  const line = (text, dy, style, look) => write(x, y - dy, ruler.fit(text, room, style), style, look, { whole: text });
  return [
    ...(arrow.tag ? [line(arrow.tag, 49, SMALL, inks.tag)] : []),
    line(arrow.source, 32, inks.source[1], inks.source[0]),
    line(`→ ${arrow.destination}`, 15, inks.destination[1], inks.destination[0]),
  ];
}

// One line beside the rail, or two where that is not wide enough. Returns the texts, and how many lines they take.
function arrowBeside(ruler, arrow, x, room) {
  if (!arrow.source) return { lines: 0, at: () => [] };
  const inks = arrowInks(arrow);
  const to = `→ ${arrow.destination}`;
  const first = ruler.width(arrow.source, inks.source[1]) + 8;
  const second = ruler.width(to, inks.destination[1]) + 10;
  const third = arrow.tag ? ruler.width(arrow.tag, SMALL) : 0;
  const lines = first + second + third <= room ? 1 : 2;
  const left = lines === 1 ? x + first : x;
  const at = (y) => {
    const last = lines === 1 ? y : y + 17;
    const tagRoom = x + room - left - second;
    const parts = [write(x, y, ruler.fit(arrow.source, room, inks.source[1]), inks.source[1], inks.source[0], { whole: arrow.source })];
    parts.push(write(left, last, ruler.fit(to, x + room - left, inks.destination[1]), inks.destination[1], inks.destination[0], { whole: to }));
    if (arrow.tag && tagRoom > 30) parts.push(write(left + second, last, ruler.fit(arrow.tag, tagRoom, SMALL), SMALL, inks.tag, { whole: arrow.tag }));
    return parts;
  };
  return { lines, at };
}
