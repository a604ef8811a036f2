// Undo, redo and reset, by button and by key; and the order of groups on an interface that has several.

class Steps {
  constructor(panel) {
    this.panel = panel;
    const button = (name, keys, ...inside) => {
      const made = make("button", { type: "button", class: "drill-button drill-bare", ...(keys && { "aria-keyshortcuts": keys }) }, icon(name), ...inside);
      made.onclick = () => this.take(name);
      return made;
    };
    this.buttons = {
      undo: button("undo", "Control+Z"),
      redo: button("redo", "Control+Shift+Z"),
      reset: button("reset", "", panel.words.reset),
    };
    this.buttons.reset.classList.add("drill-reset");
    this.el = make("span", { class: "drill-steps" }, ...Object.values(this.buttons));
  }

  show({ undo, redo, changed }) {
    this.name(this.buttons.undo, `${this.panel.words.undo} ${undo}`.trim(), "Ctrl+Z", !undo);
    this.name(this.buttons.redo, `${this.panel.words.redo} ${redo}`.trim(), "Ctrl+Shift+Z", !redo);
    this.name(this.buttons.reset, this.panel.words.reset, "", !changed);
  }

  name(button, text, keys, off) {
    button.setAttribute("aria-label", text);
    button.title = keys ? `${text} (${keys})` : text;
    button.setAttribute("aria-disabled", String(off)); // one that is disabled would lose the focus
  }

  take(way) {
    const command = { undo: { do: "undo" }, redo: { do: "redo" }, reset: { do: "reset" } }[way];
    if (this.buttons[way].getAttribute("aria-disabled") !== "true") this.panel.send(command);
  }

  // Text fields have an undo of their own. JupyterLab, which would undo a cell, sees neither.
  onKey(event) {
    if (event.key.toLowerCase() !== "z" || !(event.ctrlKey || event.metaKey) || event.altKey) return;
    event.stopPropagation();
    if (event.target.matches("input[type=text], textarea")) return;
    event.preventDefault();
    this.take(event.shiftKey ? "redo" : "undo");
  }
}

function orderOf(panel, { resource, title, groups }) {
  const list = make("ol", { "aria-label": title });
  groups.forEach((group, place) => {
    const button = (by, sign, word, off) => {
      const name = `${word}: ${group}`;
      const made = make("button", { type: "button", class: "drill-button drill-bare", "aria-label": name, title: word, "data-name": `${resource} ${group} ${by}` }, icon(sign));
      made.disabled = off;
      made.onclick = () => panel.send({ do: "order", resource, group, by });
      return made;
    };
    list.append(make("li", {}, make("code", {}, group), " ",
      button(-1, "up", panel.words.up, place === 0), button(1, "down", panel.words.down, place === groups.length - 1)));
  });
  return make("div", { class: "drill-order" }, make("span", {}, title), list);
}
