// The groups in the order met, one at a time: its list of the way in, and folded that of the way out.

const TAB_ICONS = { passed: ["check", "ok"], stopped: ["cross", "no"], unknown: ["ask", "unknown"] };

class Tabs {
  constructor(panel) {
    this.panel = panel;
    this.tabs = new Map();
    this.bar = make("div", { class: "drill-tabs", role: "tablist", "aria-label": panel.words.groups });
    this.bar.addEventListener("keydown", (event) => this.onKey(event));
    this.body = make("div", { class: "drill-groups" });
  }

  // Shows every list, each in the tab of its group.
  show(lists, level) {
    for (const each of lists) {
      const tab = this.tabs.get(each.group) ?? this.newTab(each);
      const list = this.panel.lists.get(each.id) ?? this.newList(tab, each);
      list.show(each, level === 2);
      if (list.fold) list.fold.textContent = each.folded;
      this.fillTab(tab, each);
    }
    const stopped = lists.find((each) => each.look === "stopped")?.group;
    if (!this.open || (stopped && level > (this.level ?? level))) this.choose(stopped ?? lists[0]?.group);
    this.level = level;
  }

  newTab({ group, title }) {
    const id = unique();
    const tab = make("button", { type: "button", role: "tab", class: "drill-tab", id, "aria-controls": `${id}-list`, tabindex: "-1" });
    const box = make("div", { role: "tabpanel", class: "drill-group", id: `${id}-list`, "aria-labelledby": id, "data-group": group });
    box.hidden = true;
    tab.onclick = () => this.choose(group);
    Object.assign(tab, { group, box, title });
    this.tabs.set(group, tab);
    this.bar.append(tab);
    this.body.append(box);
    return tab;
  }

  newList(tab, state) {
    const list = new RuleList(this.panel, state);
    this.panel.lists.set(state.id, list);
    if (state.direction === "ingress") tab.box.append(make("p", { class: "drill-list-caption" }, make("code", {}, state.group), ` ${this.panel.words.from_top}`), list.el);
    else {
      list.fold = make("summary", {});
      tab.box.append(make("details", { class: "drill-egress" }, list.fold, list.el));
    }
    return list;
  }

  fillTab(tab, { tab: number, of, look }) {
    const key = `${number} ${of} ${look}`;
    if (tab.key === key) return;
    tab.key = key;
    const [sign, ink] = TAB_ICONS[look] ?? [];
    const mark = sign ? [make("span", { class: `drill-ink-${ink}` }, icon(sign))] : [];
    tab.replaceChildren(...mark, make("span", {}, number), ...(of ? [make("span", { class: "drill-quiet" }, of)] : []));
  }

  choose(group) {
    if (!this.tabs.has(group)) return;
    const focused = this.body.contains(document.activeElement) && this.open !== group;
    this.open = group;
    for (const [name, tab] of this.tabs) {
      tab.setAttribute("aria-selected", String(name === group));
      tab.tabIndex = name === group ? 0 : -1;
      tab.box.hidden = name !== group;
    }
    if (focused) this.tabs.get(group).focus(); // what had the focus is hidden now
  }

  onKey(event) {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!step || isJupyterLabs(event)) return;
    const groups = [...this.tabs.keys()];
    this.choose(groups[(groups.indexOf(this.open) + step + groups.length) % groups.length]);
    this.tabs.get(this.open).focus();
    event.preventDefault();
    event.stopPropagation();
  }
}
