// A lesson keeps its files in the browser. Where that lets the page keep nothing, as in a frame of somebody else's page,
// no kernel would ever get ready: the page says so, and where to open the lesson. A script of the old kind, because a
// frame with an origin of its own gets no module.

window.drillKeeps = (async () => {
  try {
    localStorage.getItem("drilllib");
    await caches.has("drilllib"); // not there over plain http
    if (!navigator.serviceWorker) throw new Error("no service worker");
    return true;
  } catch (error) {
    console.warn(error);
    if (document.readyState === "loading") await new Promise((done) => addEventListener("DOMContentLoaded", done));
    refuse();
    return false;
  }

  function refuse() {
    const { words } = JSON.parse(document.getElementById("drill-start").textContent);
    const [, named] = /^(zh|en)\//.exec(new URLSearchParams(location.search).get("path") ?? "") ?? [];
    const language = named ?? (/^zh/i.test(navigator.language) ? "zh" : "en");
    const framed = window.top !== window;
    const said = document.createElement("p");
    said.textContent = framed ? words[language].framed : words[language].refused;
    const tab = Object.assign(document.createElement("a"), { href: location.href, target: "_blank", rel: "noopener" });
    tab.textContent = words[language].tab;
    const shown = Object.assign(document.createElement("main"), { id: "drill-refused", lang: language === "zh" ? "zh-CN" : "en" });
    shown.append(said, ...(framed ? [tab] : []));
    document.getElementById("jupyterlite-loading-indicator")?.remove();
    document.body.append(shown);
  }
})();
