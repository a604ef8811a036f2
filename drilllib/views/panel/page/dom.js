// What every part of the page uses: elements, icons, names, keys.

function make(tag, attributes, ...inside) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...inside);
  return made;
}

// Strokes in a box of 16 by 16.
const ICONS = {
  check: "M3 8.5 6.5 12 13 4.5",
  cross: "M4 4l8 8M12 4l-8 8",
  ask: "M5.5 5.8a2.5 2.5 0 1 1 3.8 2.1C8.4 8.5 8 9 8 10M8 12.7v.1",
  half: "M8 2.5a5.5 5.5 0 1 0 0 11a5.5 5.5 0 1 0 0-11V13.5M8 5h4.4M8 8h5.4M8 11h4.4",
  warn: "M8 2.5 14 13H2zM8 6.5v3M8 11.3v.1",
  skip: "M8 2.5a5.5 5.5 0 1 0 0 11a5.5 5.5 0 1 0 0-11M4.2 11.8l7.6-7.6",
  point: "M3 8h9.4M8.8 4.4 12.4 8l-3.6 3.6",
  play: "M5 3.4v9.2L12.6 8z",
  pause: "M5.5 3.6v8.8M10.5 3.6v8.8",
  next: "M6 3.6 10.4 8 6 12.4",
  prev: "M10 3.6 5.6 8l4.4 4.4",
  first: "M12 3.6 7.6 8l4.4 4.4M4.4 3.6v8.8",
  undo: "M5.6 2.8 2.6 5.8l3 3M2.8 5.8h6.4a3.8 3.8 0 0 1 0 7.6H6",
  redo: "M10.4 2.8l3 3-3 3M13.2 5.8H6.8a3.8 3.8 0 0 0 0 7.6H10",
  reset: "M3 8a5 5 0 1 0 1.6-3.6L3 5.8M3 2.6v3.2h3.2",
  up: "M8 13V3.4M4.2 7.2 8 3.4l3.8 3.8",
  down: "M8 3v9.6M4.2 8.8 8 12.6l3.8-3.8",
  bin: "M3 4.6h10M6.4 4.4V2.8h3.2v1.6M4.4 4.8l.6 8.4h6l.6-8.4",
  grip: "M6 4v.01M6 8v.01M6 12v.01M10 4v.01M10 8v.01M10 12v.01",
  lock: "M3.6 7.4h8.8v6H3.6zM5.4 7.2V5.4a2.6 2.6 0 0 1 5.2 0v1.8",
  clock: "M8 2.4a5.6 5.6 0 1 0 0 11.2A5.6 5.6 0 1 0 8 2.4M8 4.8V8l2.2 1.6",
  stop: "M5.4 2.2h5.2l3.2 3.2v5.2l-3.2 3.2H5.4l-3.2-3.2V5.4zM5.2 8h5.6",
  plus: "M8 3.4v9.2M3.4 8h9.2",
  eye: "M1.6 8C4 3.2 12 3.2 14.4 8C12 12.8 4 12.8 1.6 8M8 6.2a1.8 1.8 0 1 0 0 3.6a1.8 1.8 0 1 0 0-3.6",
  blind: "M2.6 8C5 3.8 11 3.8 13.4 8M1.6 8C4 12.8 12 12.8 14.4 8M13 2.6 3 13.4",
  term: "M3 4.4 6.6 8 3 11.6M8 12h5",
  pulse: "M1.6 8.4h3l1.8-4.8 3 8.8 1.8-4h3.2",
  lines: "M5.6 4h8M5.6 8h8M5.6 12h8M2.6 4v.01M2.6 8v.01M2.6 12v.01",
  cube: "M8 1.8 13.6 5v6L8 14.2 2.4 11V5zM2.4 5 8 8.2 13.6 5M8 8.2v6",
  bulb: "M6 13.6h4M6.4 11.4C6.4 9.8 4.2 9 4.2 6.2a3.8 3.8 0 0 1 7.6 0c0 2.8-2.2 3.6-2.2 5.2z",
  tag: "M2.4 2.4h5l6.2 6.2-5 5L2.4 7.4zM5 5v.01",
  arc: "M1.6 11C3 4 13 4 14.2 10M11.4 8.6l2.9 1.9 1-3.3",
};

// A picture beside a word, which screen readers pass over.
function icon(name) {
  const space = "http://www.w3.org/2000/svg";
  const made = document.createElementNS(space, "svg");
  const path = document.createElementNS(space, "path");
  for (const [key, value] of Object.entries({ class: "drill-icon", viewBox: "0 0 16 16", "aria-hidden": "true" })) {
    made.setAttribute(key, value);
  }
  path.setAttribute("d", ICONS[name]);
  made.append(path);
  return made;
}

// A click of a view, which waits for the state that answers it; the last number alone counts.
function sendNumbered(view, command) {
  view.ticket = Math.max(view.ticket, view.model.get("state").ticket) + 1;
  view.wait(true);
  try {
    view.model.send({ ...command, ticket: view.ticket });
  } catch {
    view.lost();
  }
}

// Plain keys are for the panel: on x JupyterLab would cut the cell. Ctrl+S and the like are JupyterLab's.
function keepFromJupyterLab(event) {
  if (!isJupyterLabs(event)) event.stopPropagation();
}

function isJupyterLabs(event) {
  return event.ctrlKey || event.metaKey || event.shiftKey;
}

// The focus goes to the cell below, as after Shift+Enter: the element that has it will be off, and from the page's body no
// key reaches JupyterLab's notebook. Outside JupyterLab it stays.
function goOn(element) {
  const cell = element.closest(".jp-Cell");
  const next = cell?.nextElementSibling?.matches(".jp-Cell") ? cell.nextElementSibling : cell;
  next?.focus({ preventScroll: true });
}

let count = 0;
function unique() {
  count += 1;
  return `drill-${Date.now().toString(36)}-${count}`;
}
