"""
How Jupyter's client starts, asks and ends the kernels of `drill run`; it is imported after papermill was found.

Three waits of its own are left out: 100 ms until a socket that was connected too early is tried again, 200 ms of
silence on iopub before the first cell, and up to 100 ms until the end of a kernel is noticed.
"""

import asyncio
import contextlib
import os
import time
from collections.abc import Mapping
from pathlib import Path
from queue import Empty
from typing import Any
from uuid import uuid4

import zmq
import zmq.asyncio
from jupyter_client.asynchronous.client import AsyncKernelClient
from jupyter_client.manager import AsyncKernelManager
from jupyter_client.provisioning import LocalProvisioner

from drilllib.course import kernels
from drilllib.course.warm.forks import Forks
from drilllib.machine import guarded

KILLS = 9  # the lab is in memory; nothing waits to be said goodbye to
RECONNECT_MS, LOOK_S = 3, 0.003
LONGEST_PATH = 100  # bytes of a socket's name; Linux allows 107, macOS 103


class Client(AsyncKernelClient):
    """Hears a kernel as soon as it speaks."""

    def _context_default(self) -> Any:
        self._created_context = True
        context = zmq.asyncio.Context()
        context.sockopts[zmq.RECONNECT_IVL] = RECONNECT_MS
        return context

    async def wait_for_ready(self, timeout: float | None = None) -> None:
        """
        Until it answers on shell, and something has come on iopub: then nothing that it publishes is lost.

        Raises:
            RuntimeError: It died, or *timeout* seconds are over.
        """
        until = time.monotonic() + (timeout or float("inf"))
        while True:
            self.kernel_info()
            with contextlib.suppress(Empty):
                reply = await self.get_shell_msg(timeout=1)
                if reply["msg_type"] == "kernel_info_reply":
                    await self.get_iopub_msg(timeout=0.2)
                    self._handle_kernel_info_reply(reply)
                    return
            if not await self.is_alive():
                raise RuntimeError("Kernel died before replying to kernel_info")
            if time.monotonic() > until:
                raise RuntimeError(f"Kernel didn't respond in {timeout} seconds")


class Provisioner(LocalProvisioner):
    """Has a kernel forked, or starts it under a guard of its own."""

    async def launch_kernel(self, cmd: list[str], **options: Any) -> Any:
        """Its number is that of its process group, too, so that a signal reaches what it started."""
        run: type[Kernels] = type(self.parent)
        arguments = cmd[cmd.index(kernels.LAUNCHER) + 1 :]
        cwd = str(options.get("cwd") or os.getcwd())
        fork = run.forks.launch(arguments, env=options["env"], cwd=cwd) if run.forks else None
        if run.stopping:
            raise RuntimeError("interrupted")
        if fork is None:
            command = guarded.command(cmd, first=KILLS, grace_s=1.0, folder=run.folder)
            return await super().launch_kernel(command, pass_fds=guarded.files(), **options)
        self.process, self.cwd = fork, cwd
        self.pid = self.pgid = fork.pid
        return self.connection_info

    async def wait(self) -> int | None:
        """Until it has ended."""
        while await self.poll() is None:
            await asyncio.sleep(LOOK_S)
        ended: int | None = await super().wait()
        return ended


class Kernels(AsyncKernelManager):
    """A kernel of a run, and on the class what the run's kernels share; each run has a class of its own (`of_run`)."""

    kernel_id: Any
    environment: Mapping[str, str]
    folder: Path
    forks: Forks | None
    started: list[Any]
    stopping = False

    def _client_factory_default(self) -> Any:
        return Client

    def format_kernel_cmd(self, extra_arguments: list[str] | None = None) -> list[str]:
        """Our own kernel's command line, whatever else of its name the user has."""
        self.kernel_spec.argv = kernels.command()
        command: list[str] = super().format_kernel_cmd(extra_arguments)
        return command

    async def _async_pre_start_kernel(self, **options: Any) -> Any:
        self.kernel_id = self.kernel_id or str(uuid4())
        self.provisioner = Provisioner(kernel_id=self.kernel_id, kernel_spec=self.kernel_spec, parent=self)
        return await super()._async_pre_start_kernel(**options)

    async def _async_start_kernel(self, **options: Any) -> None:
        if self.stopping:
            raise RuntimeError("interrupted")
        options.pop("env", None)
        place = self.folder / uuid4().hex[:12]
        self.connection_file = f"{place}.json"
        if guarded.HAS_GUARDS and len(os.fsencode(place)) < LONGEST_PATH:  # else by TCP on the loopback
            self.transport, self.ip = "ipc", str(place)
        await super()._async_start_kernel(env=dict(self.environment), **options)
        self.started.append(self.provisioner)
        if self.stopping:  # it was being started when the others were ended
            self.stop_all()

    start_kernel = _async_start_kernel

    async def _async_interrupt_kernel(self) -> None:
        if not self.shutting_down:  # a kernel that is killed next would only complain
            await super()._async_interrupt_kernel()

    interrupt_kernel = _async_interrupt_kernel

    async def _async_wait(self, pollinterval: float = LOOK_S) -> None:
        await super()._async_wait(LOOK_S)

    @classmethod
    def stop_all(cls) -> None:
        """End every kernel of the run; none is started from now on."""
        cls.stopping = True
        if cls.forks is not None:
            cls.forks.end()
        for provisioner in cls.started:
            process = getattr(provisioner, "process", None)
            if process is not None and process.poll() is None:
                with contextlib.suppress(ProcessLookupError):
                    process.terminate()  # its guard ends the kernel, and what came of that


def of_run(environment: Mapping[str, str], folder: Path, forks: Forks | None) -> type[Kernels]:
    """
    The kernels of one run, which remember each other, so that an interrupt can end exactly those.

    *environment* is theirs. Their keys and sockets are in *folder*; when this process is killed,
    they end and it goes. *forks*: who they are forked from; None: each is started anew.
    """
    shared = {"environment": environment, "folder": folder, "forks": forks, "started": [], "stopping": False}
    return type("KernelsOfRun", (Kernels,), shared)
