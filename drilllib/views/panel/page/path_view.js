// The packet path: an SVG made in Python, whose boxes can be pressed to read what was checked there.

function render({ model, el }) {
  const words = model.get("words");
  const root = document.createElement("div");
  root.className = "drill-path-view";
  root.addEventListener("keydown", keepFromJupyterLab);
  const picture = document.createElement("div");
  picture.className = "drill-picture";
  const details = document.createElement("div");
  details.className = "drill-details";
  details.setAttribute("role", "status");
  root.append(picture, details);
  el.append(root);

  // There are two pictures, for wide and for narrow pages; the style sheet shows one.
  const boxes = () => [...picture.querySelectorAll("[data-hop]")].filter((each) => each.getClientRects().length);
  let hop = "";
  const tell = () => {
    const lines = model.get("details")[hop];
    details.textContent = lines ? lines.join("\n") : words.press;
    details.classList.toggle("drill-empty", !lines);
    for (const box of picture.querySelectorAll("[data-hop]")) {
      box.setAttribute("aria-pressed", String(box.dataset.hop === hop));
    }
  };
  const draw = () => {
    const focused = picture.contains(document.activeElement) ? document.activeElement.dataset.hop : null;
    picture.innerHTML = model.get("svg");
    if (focused) boxes().find((each) => each.dataset.hop === focused)?.focus();
    tell();
  };
  const press = (event) => {
    const box = event.target.closest("[data-hop]");
    const other = event.key !== "Enter" && event.key !== " ";
    if (!box || (event.type === "keydown" && (other || event.ctrlKey || event.metaKey || event.shiftKey))) return;
    event.preventDefault();
    event.stopPropagation();
    hop = hop === box.dataset.hop ? "" : box.dataset.hop;
    tell();
  };
  picture.addEventListener("click", press);
  picture.addEventListener("keydown", press);
  model.on("change:svg", draw);
  draw();
  return () => model.off("change:svg", draw);
}

// Plain keys are for the panel: on x JupyterLab would cut the cell. Ctrl+S and the like are JupyterLab's.
function keepFromJupyterLab(event) {
  if (!event.ctrlKey && !event.metaKey && !event.shiftKey) event.stopPropagation();
}

export default { render };
