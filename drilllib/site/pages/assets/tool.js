// The engineer's page: texts in, one question, one answer. What is pasted stays in this page and its worker.

(() => {
  const { words, language, example, ...places } = JSON.parse(document.getElementById("tool").textContent);
  const form = document.querySelector(".site-ask");
  const find = (id) => document.getElementById(id);
  const [pasted, chosen, clients, service, services] = ["pasted", "chosen", "clients", "service", "services"].map(find);
  const list = document.querySelector(".site-files");
  const status = document.querySelector(".site-status");
  const progress = document.querySelector(".site-progress");
  const shown = document.querySelector(".site-answer");
  const button = form.querySelector("[type=submit]");
  const files = new Map();

  const element = (tag, attributes, ...inside) => {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    made.append(...inside);
    return made;
  };

  function say(text, { busy = false, wrong = false } = {}) {
    status.textContent = text;
    status.classList.toggle("site-wrong", wrong);
    progress.hidden = !busy;
    button.disabled = busy;
  }

  // Python, once somebody begins. The worker comes from a blob, so that the policy of this page holds in it, too.
  let worker = null;
  let ready = null;
  let waiting = null;
  function python() {
    ready ??= new Promise((done, failed) => {
      const address = new URL(places.worker, location.href).href;
      const source = new Blob([`import ${JSON.stringify(address)};`], { type: "text/javascript" });
      worker = new Worker(URL.createObjectURL(source), { type: "module" });
      worker.onerror = (event) => failed(new Error(event.message || "worker"));
      worker.onmessage = ({ data }) => {
        if (data.ready) done();
        else if (waiting) (data.answer ? waiting.done(data.answer) : waiting.failed(new Error(data.failed)));
        else failed(new Error(data.failed));
      };
      worker.postMessage({ start: new URL(places.python, location.href).href });
    });
    ready.catch(() => { ready = null; });
    return ready;
  }
  const ask = (asked) => new Promise((done, failed) => {
    waiting = { done, failed };
    worker.postMessage({ asked: JSON.stringify(asked) });
  });

  function showFiles() {
    list.replaceChildren(...[...files.keys()].map((name) => {
      const remove = element("button", { type: "button", class: "site-button" }, words.remove.replace("{name}", name));
      remove.onclick = () => { files.delete(name); showFiles(); form.querySelector("#pasted").focus(); };
      return element("li", {}, remove);
    }));
  }

  async function take(given) {
    for (const file of given) files.set(file.name, await file.text());
    showFiles();
    begin();
  }

  function given() {
    const texts = [...files].map(([name, text]) => ({ name, text }));
    if (pasted.value.trim()) texts.push({ name: words.pasted, text: pasted.value });
    return texts;
  }

  const save = (name, type, text, label) => {
    const link = element("a", { class: "site-button", download: name }, label);
    link.href = URL.createObjectURL(new Blob([text], { type }));
    return link;
  };

  function picture(path) {
    const place = element("div", { class: "site-picture" });
    requestAnimationFrame(() => window.drillPath({ model: { get: (name) => path[name], on() {}, off() {}, send() {} }, el: place }));
    return place;
  }

  // The same page as `drill diagnose --html` writes, in a frame that runs no script.
  function page(html, name) {
    const frame = element("iframe", { title: name, sandbox: "allow-same-origin", srcdoc: html });
    const fit = () => { frame.style.height = `${frame.contentDocument.documentElement.scrollHeight + 2}px`; };
    frame.onload = () => { fit(); new ResizeObserver(fit).observe(frame.contentDocument.body); };
    return frame;
  }

  function show(answer) {
    const parts = [];
    if (answer.page) {
      parts.push(element("h2", { tabindex: "-1" }, answer.title), picture(answer.path), page(answer.page, answer.title));
    }
    if (answer.told) {
      const told = element("pre", { tabindex: "0" }, element("code", {}, answer.told));
      parts.push(element("details", answer.page ? {} : { open: "" }, element("summary", {}, words.understood), told));
    }
    const saves = answer.page ? [save("diagnosis.html", "text/html", answer.page, words.save_page)] : [];
    if (answer.snapshot) saves.push(save("snapshot.json", "application/json", answer.snapshot, words.save_snapshot));
    shown.replaceChildren(...parts, element("div", { class: "site-ways" }, ...saves));
    shown.hidden = !answer.snapshot;
    services.replaceChildren(...(answer.services ?? []).map((name) => element("option", { value: name })));
    if (answer.error) return say(answer.error, { wrong: true });
    if (answer.page) { say(words.done); return shown.querySelector("h2").focus(); }
    say(answer.services.length ? words.which.replace("{names}", answer.services.join(", ")) : words.no_service);
    return service.focus();
  }

  async function submit(event) {
    event.preventDefault();
    try {
      say(words.loading, { busy: true });
      await python();
    } catch (error) {
      return say(`${words.failed} (${error.message})`, { wrong: true });
    }
    try {
      say(words.reading, { busy: true });
      return show(await ask({ files: given(), clients: clients.value, service: service.value, language }));
    } catch (error) {
      return say(`${words.bug} (${error.message.trim().split("\n").pop()})`, { wrong: true });
    }
  }

  let begun = false;
  function begin() {
    if (begun) return;
    begun = true;
    python().catch(() => {}); // whoever asks is told
  }

  if (location.protocol === "file:") return say(words.from_disk);
  form.hidden = false;
  form.addEventListener("submit", submit);
  form.addEventListener("input", begin);
  chosen.addEventListener("change", () => take(chosen.files));
  find("example").onclick = () => {
    [pasted.value, clients.value, service.value] = [example.text, example.client, example.service];
    begin();
    button.focus();
  };
  for (const name of ["dragover", "drop"]) form.addEventListener(name, (event) => event.preventDefault());
  form.addEventListener("drop", (event) => take(event.dataTransfer.files));
})();
