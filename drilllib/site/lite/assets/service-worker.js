// What was loaded once is there without a network, too: the host is asked first, and where it does not answer, what it
// said last is taken. Files that the page's Python reads and keeps are JupyterLite's matter, below.

(() => {
  const KEPT = "drilllib-{digest}"; // another build, another store
  const LIVE = /\/api\/(drive|stdin)\b/;
  const told = new BroadcastChannel("drilllib-loaded");

  // Every lesson is the same page, whatever the address asks for.
  const name = ({ mode, url }) => (mode === "navigate" ? url.split("?")[0] : url);

  async function keep(request, answer) {
    const store = await caches.open(KEPT);
    await store.put(name(request), answer);
    told.postMessage(new URL(request.url).pathname.split("/").pop());
  }

  async function answered(event) {
    const { request } = event;
    try {
      const answer = await fetch(request);
      if (answer.status === 200) event.waitUntil(keep(request, answer.clone()).catch(() => {})); // no room: no harm
      return answer;
    } catch (error) {
      const kept = await caches.open(KEPT).then((store) => store.match(name(request)));
      if (kept) return kept;
      throw error;
    }
  }

  self.addEventListener("fetch", (event) => {
    const { method, url } = event.request;
    const ours = url.startsWith(self.registration.scope);
    if (method !== "GET" || (ours && LIVE.test(url)) || (!ours && url.startsWith(location.origin))) return;
    event.stopImmediatePropagation();
    if (ours) event.respondWith(answered(event)); // what is somebody else's is the page's own affair
  });

  self.addEventListener("activate", (event) => {
    const old = (each) => each.startsWith("drilllib-") && each !== KEPT;
    event.waitUntil(caches.keys().then((all) => Promise.all(all.filter(old).map((each) => caches.delete(each)))));
  });
})();
importScripts("jupyterlite-worker.js");
