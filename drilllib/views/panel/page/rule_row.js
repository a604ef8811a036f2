// One rule on one line: in or out, its place, what it says, what can be done with it, and what it does to the packet.

function newRow(list, rule) {
  const words = list.panel.words;
  const row = make("li", { class: "drill-rule", draggable: "true" });
  const box = make("input", { type: "checkbox", tabindex: "-1", "aria-keyshortcuts": "Space Alt+ArrowUp Alt+ArrowDown Delete" });
  box.onchange = () => list.send({ do: "switch", key: rule.key, on: box.checked });
  const tool = (name, word, command) => {
    const made = make("button", { type: "button", class: "drill-button drill-bare", tabindex: "-1", title: word, "aria-label": `${word}: ${rule.text}` }, icon(name));
    made.onclick = () => list.send({ key: rule.key, ...command });
    return made;
  };
  const tools = make("span", { class: "drill-tools" },
    tool("up", words.up, { do: "move", by: -1 }), tool("down", words.down, { do: "move", by: 1 }), tool("bin", words.remove, { do: "delete" }));
  const part = (name, text) => make("code", { class: `drill-${name}`, title: text }, text);
  const index = make("code", { class: "drill-index" });
  const mark = make("span", { class: "drill-mark" });
  const grip = make("span", { class: "drill-grip", title: words.drag, "aria-hidden": "true" }, icon("grip"));
  const [action, what, peer] = partsOf(rule.text);
  const label = make("label", {}, box, index, part("action", action), part("what", what), part("peer", peer));
  row.append(grip, label, make("span", { class: "drill-end" }, tools, mark));
  return Object.assign(row, { key: rule.key, box, index, mark, tools });
}

// ACTION PROTOCOL PEER PORT as action, protocol with ports, and far end; a rule by a template has other words.
function partsOf(text) {
  const [action, protocol, peer, port, more] = text.split(" ");
  if (port === undefined || more !== undefined) return [action, "", text.slice(action.length + 1)];
  return [action, ["ICMP", "ICMPV6", "GRE"].includes(protocol) ? protocol : `${protocol} ${port}`, peer];
}

// Shows what a rule does, and where it stands; *ask*: the learner is asked whether it is the one that decides.
function fillRow(list, row, rule, ask) {
  const name = rule.note ? `${rule.text}. ${rule.note}` : rule.text;
  const looks = ["drill-rule", rule.on ? "" : "drill-aside", rule.mark && `drill-${rule.mark}`, rule.void && "drill-void"];
  if (row.classList.contains("drill-active")) looks.push("drill-active");
  const whole = looks.filter(Boolean).join(" ");
  if (row.box.checked !== rule.on) row.box.checked = rule.on;
  if (row.className !== whole) row.className = whole;
  if (row.index.textContent !== (rule.index || "–")) row.index.textContent = rule.index || "–";
  if (row.note !== name) row.box.setAttribute("aria-label", name);
  row.note = name;
  row.why = rule.note;
  fillMark(list, row.mark, rule, ask);
}

// A chip for what the rule does, or the button with which the learner says that it decides.
function fillMark(list, mark, { key, text, mark: decision, void: never, wide }, ask) {
  const words = list.panel.words;
  const kind = ask ? "ask" : decision || (never ? "never" : wide ? "wide" : "");
  if (mark.dataset.kind === kind) return;
  mark.dataset.kind = kind;
  const [sign, word, look] = {
    accept: ["point", words.decides_here, "ok"], drop: ["point", words.decides_here, "no"],
    never: ["skip", words.never_read, ""], wide: ["warn", words.too_wide, "unknown"],
  }[kind] ?? [];
  if (ask) {
    const made = make("button", { type: "button", class: "drill-button drill-which", "aria-label": `${words.is_it}: ${text}` }, words.is_it);
    made.tabIndex = mark.closest("li") && !mark.closest(".drill-active") ? -1 : 0;
    made.onclick = () => list.send({ do: "which", key });
    mark.replaceChildren(made);
  } else if (sign) mark.replaceChildren(make("span", { class: `drill-chip drill-chip-${look}` }, icon(sign), word));
  else mark.replaceChildren();
}
