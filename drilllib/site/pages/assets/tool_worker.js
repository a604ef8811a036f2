// Python for the engineer's page, beside the page, so that the page stays quick. It is asked in JSON and answers in JSON.

let answer = null;

async function start(folder) {
  const { loadPyodide } = await import(`${folder}pyodide.mjs`);
  const python = await loadPyodide({ indexURL: folder });
  const { packages } = await (await fetch(`${folder}pyodide-lock.json`)).json();
  for (const name of ["drilllib", "pyyaml"]) {
    if (!packages[name]) continue;
    const wheel = await fetch(new URL(packages[name].file_name, folder));
    if (!wheel.ok) throw new Error(`${wheel.status} ${wheel.url}`);
    python.unpackArchive(await wheel.arrayBuffer(), "wheel");
  }
  answer = python.pyimport("drilllib.site.pages.answers").answer;
}

onmessage = async ({ data }) => {
  try {
    if (data.start) await start(data.start);
    postMessage(data.start ? { ready: true } : { answer: JSON.parse(answer(data.asked)) });
  } catch (error) {
    postMessage({ failed: String(error) });
  }
};
