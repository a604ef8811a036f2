"""Kernels as `drill run` has them, forked from one process, for JupyterLab in the browser tests."""

import os
import tempfile
from functools import cache
from pathlib import Path
from typing import Any
from uuid import uuid4

from jupyter_client.provisioning import LocalProvisioner
from jupyter_server.services.kernels.kernelmanager import ServerKernelManager

from drilllib.course import kernels
from drilllib.course.warm.forks import Forks


@cache
def forks() -> Forks:
    """The process that they are forked from. Its guard ends it with this one, and removes the folder."""
    return Forks(os.environ, Path(tempfile.mkdtemp(prefix="forks")))


class Provisioner(LocalProvisioner):
    """Has a kernel forked."""

    async def launch_kernel(self, cmd: list[str], **options: Any) -> Any:
        arguments = cmd[cmd.index(kernels.LAUNCHER) + 1 :]
        self.process = fork = forks().launch(arguments, env=options["env"], cwd=str(options.get("cwd") or os.getcwd()))
        assert fork is not None
        self.pid = self.pgid = fork.pid
        return self.connection_info


class Forked(ServerKernelManager):
    """A kernel of JupyterLab's."""

    async def _async_pre_start_kernel(self, **options: Any) -> Any:
        self.kernel_id = self.kernel_id or options.pop("kernel_id", None) or str(uuid4())
        self.provisioner = Provisioner(kernel_id=self.kernel_id, kernel_spec=self.kernel_spec, parent=self)
        return await super()._async_pre_start_kernel(**options)
