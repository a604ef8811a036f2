// Text in the path's picture: measured in the page's own fonts, never scaled; what does not fit is wrapped or cut.

const SVG_SPACE = "http://www.w3.org/2000/svg";
const NAME = { size: 13, bold: true };
const CODE = { size: 12, code: true };
const NEW_CODE = { size: 12, code: true, bold: true };
const NOTE = { size: 12 };
const SMALL = { size: 11.5 };

function draw(tag, attributes, ...inside) {
  const made = document.createElementNS(SVG_SPACE, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...inside);
  return made;
}

// A text whose baseline starts (or ends) at x, y. *whole* is what it says in full where it was cut.
function write(x, y, text, style, look = "", { end = false, whole = text } = {}) {
  const kind = `drill-t${style.size === 11.5 ? " drill-small" : style.size === 12 ? " drill-12" : ""}`;
  const name = `${kind}${style.code ? " drill-mono" : ""}${style.bold ? " drill-bold" : ""}${look ? ` drill-ink-${look}` : ""}`;
  const made = draw("text", { x: x.toFixed(1), y: y.toFixed(1), class: name, ...(end ? { "text-anchor": "end" } : {}) }, text);
  if (whole !== text) made.append(draw("title", {}, whole));
  return made;
}

// One of ICONS with its middle at x, y.
function sign(name, x, y, look, size = 14) {
  const scale = `translate(${(x - size / 2).toFixed(1)} ${(y - size / 2).toFixed(1)}) scale(${size / 16})`;
  return draw("path", { d: ICONS[name], transform: scale, class: `drill-sign drill-line-${look || "plain"}`, "aria-hidden": "true" });
}

class Ruler {
  constructor(el) {
    const style = getComputedStyle(el);
    this.fonts = { false: style.getPropertyValue("--d-ui") || "sans-serif", true: style.getPropertyValue("--d-mono") || "monospace" };
    this.canvas = document.createElement("canvas").getContext("2d");
    this.cut = false; // was something cut?
    this.known = new Map();
  }

  width(text, style) {
    const key = `${style.size}${style.bold ? "b" : ""}${style.code ? "c" : ""}${text}`;
    if (!this.known.has(key)) {
      this.canvas.font = `${style.bold ? 600 : 400} ${style.size}px ${this.fonts[Boolean(style.code)]}`;
      this.known.set(key, this.canvas.measureText(text).width);
    }
    return this.known.get(key);
  }

  // As much of the text as fits, with an ellipsis where it was cut.
  fit(text, room, style) {
    if (this.width(text, style) <= room) return text;
    this.cut = true;
    let length = text.length;
    while (length > 1 && this.width(`${text.slice(0, length)}…`, style) > room) length -= 1;
    return `${text.slice(0, length)}…`;
  }

  // The text in lines, broken between words and between Chinese characters.
  wrap(text, room, style) {
    const lines = [""];
    for (const piece of text.match(/[^\s\u2e80-\uffef]+\s*|[\u2e80-\uffef]\s*|\s+/g) ?? []) {
      const longer = lines[lines.length - 1] + piece;
      if (lines[lines.length - 1] && this.width(longer.trimEnd(), style) > room && !"，。；、：）".includes(piece[0])) lines.push(piece);
      else lines[lines.length - 1] = longer;
    }
    return lines.map((line) => this.fit(line.trimEnd(), room, style)).filter(Boolean);
  }
}
