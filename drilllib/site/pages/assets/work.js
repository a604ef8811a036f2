// The learner's work as one file. JupyterLite keeps it in IndexedDB: a store "files", by path, each with what it has.

(() => {
  const { words, lite } = JSON.parse(document.getElementById("work").textContent);
  const find = (selector) => document.querySelector(selector);
  const [kept, save, form, chosen] = ["#kept", "#save", ".site-ask", "#chosen"].map(find);
  const [status, differ, replace] = [".site-status", "#differ", "#replace"].map(find);
  const FORMAT = "drilllib/work-1";
  const STORE = "files";
  const LARGEST = 256 * 1024 * 1024; // bytes of a file that is taken in
  const PATH = /^(?!\/)(?!.*(^|\/)\.{1,2}(\/|$))[^\\\0]{1,1000}$/;

  const done = (request) => new Promise((ok, failed) => {
    request.onsuccess = () => ok(request.result);
    request.onerror = () => failed(request.error);
    request.onblocked = () => failed(new Error("blocked"));
  });

  function opened(version) {
    const request = indexedDB.open(`JupyterLite Storage - ${new URL(lite, location.href).pathname}`, version);
    request.onupgradeneeded = () => {
      if (version && !request.result.objectStoreNames.contains(STORE)) request.result.createObjectStore(STORE);
    };
    return done(request);
  }

  // The store; made where no lesson was opened here yet.
  async function store() {
    const found = await opened();
    if (found.objectStoreNames.contains(STORE)) return found;
    found.close();
    return opened(found.version + 1);
  }

  async function all() {
    const database = await store();
    const files = database.transaction(STORE).objectStore(STORE);
    const [paths, models] = await Promise.all([done(files.getAllKeys()), done(files.getAll())]);
    database.close();
    return Object.fromEntries(paths.map((path, index) => [path, models[index]]));
  }

  // All or nothing: one transaction.
  async function put(files) {
    const database = await store();
    const writing = database.transaction(STORE, "readwrite");
    for (const [path, model] of Object.entries(files)) writing.objectStore(STORE).put(model, path);
    await new Promise((ok, failed) => {
      writing.oncomplete = ok;
      writing.onabort = writing.onerror = () => failed(writing.error ?? new Error("aborted"));
    });
    database.close();
  }

  const fits = ([path, model]) => PATH.test(path) && model !== null && typeof model === "object"
    && model.path === path && ["notebook", "file", "directory"].includes(model.type) && "content" in model
    && (model.type !== "notebook" || Array.isArray(model.content?.cells));

  // A notebook of somebody else's is not trusted: what is in its outputs runs when its cells are run, not when it is opened.
  function untrusted(model) {
    if (model.type === "notebook") for (const cell of model.content.cells) delete cell?.metadata?.trusted;
    return model;
  }

  function read(text) {
    const found = JSON.parse(text);
    const files = Object.entries(found.files);
    if (found.format !== FORMAT || !files.length || !files.every(fits)) throw new Error(FORMAT);
    return Object.fromEntries(files.map(([path, model]) => [path, untrusted(model)]));
  }

  const count = (files) => Object.values(files).filter(({ type }) => type !== "directory").length;
  const same = (one, other) => JSON.stringify(one.content) === JSON.stringify(other.content);

  function say(text, wrong = false) {
    status.textContent = text;
    status.classList.toggle("site-wrong", wrong);
  }

  async function show() {
    const number = count(await all());
    kept.textContent = number ? words.kept.replace("{number}", number) : words.nothing;
    save.hidden = !number;
  }

  async function take(files) {
    await put(files);
    differ.replaceChildren();
    replace.hidden = true;
    say(words.taken.replace("{number}", count(files)));
    await show();
  }

  async function choose(file) {
    differ.replaceChildren();
    replace.hidden = true;
    let files;
    try {
      if (file.size > LARGEST) throw new Error("large");
      files = read(await file.text());
    } catch {
      return say(words.no_work.replace("{name}", file.name), true);
    }
    const here = await all();
    const others = Object.keys(files).filter((path) => here[path] && !same(here[path], files[path]));
    if (!others.length) return take(files);
    say(words.differ.replace("{number}", others.length));
    differ.replaceChildren(...others.map((path) => Object.assign(document.createElement("li"), { textContent: path })));
    replace.hidden = false;
    replace.onclick = () => trying(() => take(files));
    return replace.focus();
  }

  async function write() {
    const text = JSON.stringify({ format: FORMAT, files: await all() });
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([text], { type: "application/json" }));
    link.download = `drilllib-work-${new Date().toISOString().slice(0, 10)}.json`;
    link.click();
  }

  async function trying(work) {
    try {
      await work();
    } catch (error) {
      say(words.store.replace("{reason}", error.message), true);
    }
  }

  if (location.protocol === "file:") return say(words.from_disk);
  form.hidden = false;
  save.onclick = () => trying(write);
  chosen.onchange = () => {
    const [file] = chosen.files;
    if (file) trying(() => choose(file));
    chosen.value = "";
  };
  return trying(show);
})();
