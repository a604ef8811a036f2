"""
The lab's own process, in namespaces where everything ends with it.

It ends when whoever started it does, because the connection to it then ends, unless it was told to stay. One that
others shall find listens for them on a socket that has no file. Its arguments: FD [LISTENING].
"""

import asyncio
import contextlib
import os
import socket
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict
from typing import Any

from drilllib.core.drills.lab import Observation
from drilllib.core.rules.addresses import parse_client
from drilllib.core.rules.policies import rule_from_policy
from drilllib.core.rules.rules import Direction
from drilllib.core.snapshot import edits
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace.answer import Question
from drilllib.core.trace.entry import UnanswerableError, entry_of
from drilllib.errors import LabStateError, UnknownNameError, quoted
from drilllib.labs.netns import messages, sandbox, terminal
from drilllib.labs.netns.network import tcpdump
from drilllib.labs.netns.network.build import Build
from drilllib.labs.netns.network.client import after_curl, curl_command, over_udp
from drilllib.labs.netns.plan import FABRIC
from drilllib.labs.netns.playable import require_client

PATIENCE_S = 5  # how long one that asks may take to read a long answer; everybody else waits
Answer = dict[str, Any]


class Supervisor:
    """One lab and the connections to it."""

    def __init__(self) -> None:
        self._build: Build | None = None
        self._busy = asyncio.Lock()
        self._clients: set[str] = set()
        self._started = time.monotonic()
        self._tasks: set[asyncio.Task[Any]] = set()
        self._progress: Callable[[str], None] = lambda step: None
        self._stays = False

    def attend(self, connection: socket.socket, *, ends_with_it: bool) -> None:
        """Answer what comes on a connection. What it asked for ends with it, the lab too where it says so."""
        connection.settimeout(PATIENCE_S)
        inbox, loop = messages.Inbox(connection), asyncio.get_running_loop()
        asked: set[asyncio.Task[Any]] = set()

        def ready() -> None:
            try:
                found = inbox.receive()
            except (OSError, ValueError):
                found = None
            if found is None:
                loop.remove_reader(connection)
                inbox.close()
                if ends_with_it and not self._stays:
                    os._exit(0)
                for task in asked:
                    task.cancel()
            for message, files in found or ():
                task = self._soon(self._answer(connection, message, files))
                asked.add(task)
                task.add_done_callback(asked.discard)

        loop.add_reader(connection, ready)

    def welcome(self, listening: socket.socket) -> None:
        """Accept a connection of the same user, or of root."""
        connection, _ = listening.accept()
        if messages.is_trusted(connection):
            self.attend(connection, ends_with_it=False)
        else:
            connection.close()

    def _soon(self, work: Awaitable[None]) -> asyncio.Task[Any]:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _answer(self, connection: socket.socket, message: Answer, files: tuple[int, ...]) -> None:
        """Do what a message asks for, and reply; a socket is handed over, and is then the other side's alone."""
        try:
            self._progress = lambda step: messages.send(connection, {"progress": step})
            reply = await self._done(message, files)
            handed = reply if isinstance(reply, socket.socket) else None
            answer = {"answer": None if handed else reply}
        except Exception as error:
            handed, answer = None, messages.error_message(error)
        finally:
            messages.close_all(files)
        try:
            messages.send(connection, {**answer, "number": message.get("number")}, (handed.fileno(),) if handed else ())
        except OSError:  # half an answer may have gone: nothing more can be said on this connection
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        finally:
            if handed:
                handed.close()

    async def _done(self, message: Answer, files: tuple[int, ...]) -> Any:
        action = getattr(self, f"_do_{message.get('do')}", None)
        if action is None:
            raise LabStateError("A lab cannot {do}", remedy="This is a bug in drilllib", do=quoted(message.get("do")))
        return await action(*files, **message["with"])

    @property
    def _lab(self) -> Build:
        if self._build is None:
            raise LabStateError("The lab is not up", remedy="Open it first")
        return self._build

    # What can be asked of a lab

    async def _do_up(self, snapshot: Answer, client: str, slowness: float) -> list[str]:
        await self._stand(Build(Snapshot(snapshot), client, slowness, self._progress))
        return self._lab.plan.notes

    async def _stand(self, build: Build) -> None:
        await build.up()
        self._build, self._clients = build, {str(build.plan.client.addresses[0])}
        self._checking = self._soon(build.keep_checking())

    async def _do_stay(self) -> None:
        """Keep the lab up when the process that started it ends; it keeps no folder in use."""
        os.chdir("/")
        self._stays = True

    async def _do_connect(self, file: int) -> None:
        """Serve one more connection."""
        self.attend(socket.socket(fileno=os.dup(file)), ends_with_it=False)

    async def _do_status(self) -> Answer:
        lab = self._lab
        addresses = {host: list(map(str, known)) for host, known in lab.plan.addresses().items()}
        answer: Answer = {"hosts": lab.plan.hosts, "addresses": addresses, "health": self._health()}
        answer["pods"] = {host: pod.behaviour for host, pod in lab.pods.items()}
        answer |= {"slowness": lab.slowness, "notes": lab.plan.notes}
        return {**answer, "up_s": round(time.monotonic() - self._started, 1), "memory_kib": sandbox.memory_kib()}

    async def _do_snapshot(self) -> Answer:
        return self._lab.snapshot.to_dict()

    async def _do_replace_rules(self, group: str, direction: str, policies: Sequence[Answer]) -> None:
        rules = [rule_from_policy(each) for each in policies]
        self._lab.become(edits.with_rules(self._lab.snapshot, group, Direction(direction), rules))

    async def _do_bind_groups(self, resource: str, groups: Sequence[str]) -> None:
        self._lab.become(edits.with_binding(self._lab.snapshot, resource, groups))

    async def _do_become(self, snapshot: Answer) -> None:
        """
        Only rules and bindings change at once; for other hosts or cables all but the client host is made anew. What
        cannot be played leaves the lab as it is, or at least as it was.
        """
        wanted, lab = Snapshot(snapshot), self._lab
        async with self._busy:
            if lab.is_like(wanted):
                lab.become(wanted)
                return
            client = str(lab.plan.client.addresses[0])
            Build(wanted, client, lab.slowness, self._progress)
            self._checking.cancel()
            async with lab.checks_paused:
                build = Build(wanted, client, lab.slowness, self._progress, kept=await lab.down())
                try:
                    await self._stand(build)
                except Exception:
                    kept = await build.down()
                    await self._stand(Build(lab.snapshot, client, lab.slowness, self._progress, kept=kept))
                    raise

    async def _do_pod(self, name: str, behaviour: str) -> None:
        self._require_host(name, self._lab.pods)
        await self._lab.pods[name].behave(behaviour)

    async def _do_probe(self, question: Answer) -> Answer:
        async with self._busy, self._lab.checks_paused:
            await self._lab.check_health()
            return asdict(await self._request(Question(**question)))

    async def _do_witness(self, question: Answer) -> Answer:
        async with self._busy, self._lab.checks_paused:
            await self._lab.check_health()
            observation, runs = await self._lab.traced(self._request(Question(**question)))
            return {"observation": asdict(observation), "runs": runs, "health": self._health_checks()}

    async def _do_check(self) -> list[list[str | None]]:
        async with self._busy, self._lab.checks_paused:
            await self._lab.check_health()
            return self._health_checks()

    async def _do_watch(self, question: Answer, hosts: Sequence[str]) -> Answer:
        for host in hosts:
            self._require_host(host, self._lab.namespaces)
        async with self._busy, self._lab.checks_paused:
            await self._lab.check_health()
            namespaces = [self._lab.namespaces[host] for host in hosts]
            observation, seen = await tcpdump.around(namespaces, lambda: self._request(Question(**question)))
            return {"observation": asdict(observation), "packets": dict(zip(hosts, seen, strict=True))}

    async def _do_count(self, question: Answer, group: str, direction: str) -> list[int]:
        rules = edits.rules_of(self._lab.snapshot, group, Direction(direction))
        async with self._busy, self._lab.checks_paused:
            await self._lab.check_health()
            before = self._lab.counted(group, Direction(direction))
            await self._request(Question(**question))
            after = self._lab.counted(group, Direction(direction))
        return [after[place] - before[place] for place in range(len(rules))]

    def _health(self) -> dict[str, str]:
        return {str(target): str(state) for _, _, target, state in self._health_checks()}

    def _health_checks(self) -> list[list[str | None]]:
        """Listener, forwarding rule and name of each target, and how its last health check ended."""
        return [[*each, state] for checker in self._lab.checkers for each, state in checker.health.items()]

    async def _request(self, question: Question) -> Observation:
        lab = self._lab
        try:
            about = entry_of(lab.snapshot, question)
        except UnanswerableError as end:
            raise LabStateError(
                "The lab cannot ask that: {gap} is not known",
                remedy="Add it to the snapshot, or ask from outside",
                gap=end.gap.message,
            ) from None
        require_client(lab.snapshot, about)
        await self._let_client_be(question.client)
        if about.question.protocol == "UDP":
            return await over_udp(about, lab.namespaces["client"], lab.slowness)
        command = curl_command(about, lab.slowness, lab.snapshot.semantics)
        code, out, err = await self._run("client", command)
        return after_curl(code, out, err, lab.slowness, lab.snapshot.semantics)

    async def _let_client_be(self, client: str) -> None:
        """Add an address to the client host, where it lacks it."""
        if client in self._clients:
            return
        address = str(parse_client(client))
        if any(address == str(each) for port in self._lab.plan.ports[1:] for each in port.addresses):
            raise LabStateError(
                "{client} is an address inside the lab", remedy="Ask from another client", client=client
            )
        await self._run("client", ["ip", "addr", "replace", address, "dev", "eth0"])
        self._clients.add(client)

    async def _do_listen(self, host: str, port: int) -> socket.socket:
        """A socket that listens on a host's own loopback, for a server that runs elsewhere."""
        self._require_host(host, self._lab.namespaces)
        with self._lab.namespaces[host].inside():
            return socket.create_server(("127.0.0.1", port), backlog=128)

    async def _do_run(self, host: str, command: Sequence[str], timeout_s: float | None, folder: str) -> Answer:
        code, out, err = await self._run(host, command, timeout_s, folder)
        return {"code": code, "out": out, "err": err}

    async def _run(
        self, host: str, command: Sequence[str], timeout_s: float | None = None, folder: str = "/"
    ) -> tuple[int, str, str]:
        self._require_host(host, self._lab.namespaces)
        return await terminal.capture(command, self._lab.namespaces[host], timeout_s, folder)

    async def _do_shell(
        self, *files: int, host: str, command: Sequence[str], environment: dict[str, str], leads: bool
    ) -> int:
        self._require_host(host, self._lab.namespaces)
        return await terminal.run(command, files, self._lab.namespaces[host], environment, leads=leads)

    async def _do_down(self) -> None:
        asyncio.get_running_loop().call_later(0.01, os._exit, 0)

    def _require_host(self, host: str, known: Any) -> None:
        if host not in known:
            names = ", ".join(each for each in known if each != FABRIC)
            raise UnknownNameError(
                "The lab has no host {host}", remedy="There are {known}", host=quoted(host), known=names
            )


async def _main(file: int, listening: int | None = None) -> None:
    supervisor = Supervisor()
    supervisor.attend(socket.socket(fileno=file), ends_with_it=True)
    if listening is not None:
        others = socket.socket(fileno=listening)
        others.setblocking(False)
        asyncio.get_running_loop().add_reader(others, supervisor.welcome, others)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(_main(*map(int, sys.argv[1:])))
