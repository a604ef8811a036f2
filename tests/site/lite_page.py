"""A page of the course in a browser tab: a notebook is opened, run, and read."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tests.waits import PATIENCE_S

SIZE = {"width": 1300, "height": 1000}
PHONE = {"width": 390, "height": 844}
# How much of the page's width a lesson has.
SHARE = """() => {
  const { node } = window.jupyterapp.shell.currentWidget;
  return node.getBoundingClientRect().width / document.documentElement.clientWidth;
}"""
READY = """async () => {
  const app = window.jupyterapp; await app.restored;
  const panel = app.shell.currentWidget; await panel.context.ready; await panel.sessionContext.ready;
  while (panel.sessionContext.session.kernel.status !== 'idle') await new Promise((done) => setTimeout(done, 50));
}"""
RUN_ALL = "() => window.jupyterapp.commands.execute('notebook:run-all-cells')"
SAVE = "() => window.jupyterapp.commands.execute('docmanager:save')"
CELLS = "() => window.jupyterapp.shell.currentWidget.context.model.toJSON()"
EXECUTE = """async (code) => {
  const kernel = window.jupyterapp.shell.currentWidget.sessionContext.session.kernel;
  const asked = kernel.requestExecute({ code, store_history: false });
  let said = '';
  asked.onIOPub = ({ header, content }) => {
    if (header.msg_type === 'stream') said += content.text;
    if (header.msg_type === 'error') said += content.traceback.join('\\n');
  };
  await asked.done;
  return said;
}"""
SOLVING = "import os; os.environ['DRILL_SOLVE'] = '1'"
BESIDE = """async (path) => {
  const { commands, shell } = window.jupyterapp;
  const { id } = shell.currentWidget.sessionContext.session.kernel;
  const opened = await commands.execute('docmanager:open', { path, factory: 'Notebook', kernel: { id } });
  await opened.context.ready; await opened.sessionContext.ready;
  shell.activateById(opened.id);
  return opened.sessionContext.session.kernel.id === id;
}"""
# As a kernel is that has just started: no name, module of ours or setting, no attempt or progress of an earlier lesson.
AFRESH = """
import os, shutil, sys
for each in [name for name in sys.modules if name.partition(".")[0] == "drilllib"]:
    del sys.modules[each]
os.chdir("/drive/{language}")
shutil.rmtree("/drive/practice", ignore_errors=True)
os.environ.pop("DRILL_SOLVE", None)
if os.path.exists("/drive/.drilllib-progress.jsonl"):
    os.remove("/drive/.drilllib-progress.jsonl")
get_ipython().run_line_magic("reset", "-f")
"""


class LitePage:
    """A page that can ask nobody but the *address* of the site; *outside* has what it asked of others."""

    def __init__(self, context: Any, address: str) -> None:
        self.address, self.outside = address, list[str]()
        context.route("**/*", self._let_through)
        self.page = context.new_page()
        self.page.set_default_timeout(6 * PATIENCE_S * 1000)

    def _let_through(self, route: Any) -> None:
        url = route.request.url
        if url.startswith((self.address, "data:", "blob:")) or url.endswith("/favicon.ico"):
            route.continue_()
            return
        self.outside.append(url)
        route.abort()

    def open(self, name: str) -> None:
        """Show a notebook such as en/01-clb; back when its kernel waits."""
        self.page.goto(f"{self.address}lite/lab/index.html?path={name}.ipynb")
        self.wait()

    def open_beside(self, name: str) -> None:
        """
        Show a notebook on the kernel of the one that is shown, which it finds as a new one.

        JupyterLite takes two files of one name for one session, whatever their folders: one language a page.
        """
        told = self.execute(AFRESH.replace("{language}", name.split("/")[0]))
        assert "Traceback" not in told, told
        assert self.page.evaluate(BESIDE, f"{name}.ipynb"), "another kernel"

    def wait(self) -> None:
        """Until the notebook is there and its kernel waits."""
        self.page.locator(".jp-Notebook .jp-Cell").first.wait_for()
        self.page.evaluate(READY)

    def run_all(self) -> list[dict[str, Any]]:
        """Run all cells; back when they are done, with the cells."""
        self.page.evaluate(RUN_ALL)
        return self.cells()

    def cells(self) -> list[dict[str, Any]]:
        """The notebook's cells with their outputs."""
        return self.notebook()["cells"]

    def notebook(self) -> dict[str, Any]:
        """The notebook as it would be saved."""
        return self.page.evaluate(CELLS)

    def execute(self, code: str) -> str:
        """What *code* prints in the kernel, beside the notebook."""
        return self.page.evaluate(EXECUTE, code)


@contextmanager
def lite_page(browser: Any, address: str, size: dict[str, int] = SIZE) -> Iterator[LitePage]:
    """A page in a browser profile of its own, so that no notebook of an earlier one is opened again."""
    context = browser.new_context(viewport=size)
    page = LitePage(context, address)
    yield page
    context.close()
    assert page.outside == [], "the page asked another host"
