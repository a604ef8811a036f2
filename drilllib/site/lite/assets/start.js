// Before JupyterLab starts: the language of its menus, a worker that keeps what was loaded, and how far Python is.

const here = document.getElementById("drill-start");
const { files, later, words } = JSON.parse(here.textContent);
const KEY = "drilllib-language";
const NARROW_PX = 760; // as in JupyterLab's own style
const KEPT_S = 5; // a host or a browser without service workers holds nobody up for longer

// The lesson's language; without a lesson in the address that of the last one, else the browser's.
function language() {
  const [, named] = /^(zh|en)\//.exec(new URLSearchParams(location.search).get("path") ?? "") ?? [];
  try {
    if (named) localStorage.setItem(KEY, named);
    return named ?? localStorage.getItem(KEY) ?? (/^zh/i.test(navigator.language) ? "zh" : "en");
  } catch {
    return named ?? "en"; // a frame that may keep nothing
  }
}

// JupyterLab reads its configuration in a task of its own, after JupyterLite has put it into the page.
function speak(chosen) {
  const place = document.getElementById("jupyter-config-data");
  const config = JSON.parse(place.textContent);
  const locale = { "@jupyterlab/translation-extension:plugin": { locale: chosen === "zh" ? "zh_CN" : "en" } };
  place.textContent = JSON.stringify({ ...config, settingsOverrides: { ...config.settingsOverrides, ...locale } });
}

// The same address as JupyterLite registers, earlier: so that the worker sees the first visit's files, too. What was
// loaded before it came is asked for once more, which the browser answers by itself.
async function keep() {
  const { serviceWorker } = navigator;
  if (!serviceWorker || serviceWorker.controller) return;
  const controlled = new Promise((done) => serviceWorker.addEventListener("controllerchange", done, { once: true }));
  await serviceWorker.register(new URL("service-worker.js?enableCache=false", import.meta.url));
  await Promise.race([controlled, new Promise((done) => setTimeout(done, KEPT_S * 1000))]);
  const loaded = performance.getEntriesByType("resource").map(({ name }) => name);
  for (const name of new Set([...loaded, document.getElementById("jupyter-lite-main").href])) fetch(name).catch(() => {});
}

// Whether the notebook's kernel can be asked.
function waits() {
  const session = window.jupyterapp?.shell.currentWidget?.sessionContext?.session;
  return ["idle", "busy"].includes(session?.kernel?.status);
}

// A bar from the first of Python's files until the notebook's kernel waits. The worker tells which are there.
function bar(text) {
  const whole = Object.values(files).reduce((sum, size) => sum + size, 0);
  const progress = Object.assign(document.createElement("progress"), { max: whole, value: 0 });
  progress.setAttribute("aria-label", text.label);
  const said = document.createElement("span");
  const shown = document.createElement("div");
  shown.id = "drill-loading";
  shown.append(progress, said);
  const there = new Set();
  const told = new BroadcastChannel("drilllib-loaded");
  told.onmessage = ({ data }) => {
    if (!(data in files) || there.has(data)) return;
    there.add(data);
    progress.value = [...there].reduce((sum, name) => sum + files[name], 0);
    const [part, all] = [progress.value, whole].map((bytes) => (bytes / 1e6).toFixed(1));
    said.textContent = progress.value < whole ? text.loading.replace("{part}", part).replace("{whole}", all) : text.starting;
    if (!shown.isConnected) begin();
  };

  function begin() {
    document.body.append(shown);
    const look = setInterval(() => {
      if (!waits()) return;
      clearInterval(look);
      told.close();
      shown.remove();
      rest();
    }, 200);
  }
}

// While the first text is read: what the first cell will import, and the other lessons, to be kept.
function rest() {
  for (const name of later[chosen]) fetch(new URL(name, import.meta.url)).catch(() => {});
}

// On a phone the list of files would leave a lesson a third of the width. View > Appearance brings the bars back.
async function narrow() {
  if (innerWidth > NARROW_PX) return;
  while (!window.jupyterapp?.shell.currentWidget?.context) await new Promise((done) => setTimeout(done, 100));
  const { commands, restored, shell } = window.jupyterapp;
  await Promise.all([restored, shell.currentWidget.context.ready]);
  const shown = ["left", "right"].filter((side) => shell.isSideTabBarVisible(side));
  for (const side of shown) await commands.execute("application:toggle-side-tabbar", { side });
  shell.collapseRight();
  shell.collapseLeft();
  const again = setInterval(() => { // JupyterLab shows once more where the lesson lies
    if (shell.leftCollapsed && !waits()) return;
    clearInterval(again);
    shell.collapseLeft();
  }, 100);
}

if (!(await window.drillKeeps)) throw new Error("nothing can be kept here"); // which the page says
const chosen = language();
bar(words[chosen]);
narrow();
await keep().catch(console.warn);
await import("./config-utils.js");
speak(chosen);
