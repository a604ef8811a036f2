"""
Fresh connections from a client of a lab, to be run inside it: `traffic.py steady|step FROM OTHER TO PORT`.

*steady*: one after the other from FROM until standard input ends, then says how many, and how many did not pass.
*step*: for each line of standard input one from FROM, and says whether it passed.
"""

import json
import os
import select
import socket
import struct
import sys

SOON_S = 0.9  # less than it takes until a lost packet is sent again


def begun(source: str, to: tuple[str, int]) -> socket.socket:
    """A connection on its way; when closed it is gone at once and leaves its port free."""
    made = socket.socket(socket.AF_INET6 if ":" in source else socket.AF_INET)
    made.setblocking(False)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    made.bind((source, 0))
    made.connect_ex(to)
    return made


def passed(connection: socket.socket, within_s: float) -> bool:
    writable = select.select([], [connection], [], within_s)[1]
    return bool(writable) and connection.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) == 0


def answered(connection: socket.socket) -> bool:
    """Ask for a page. Servers are waited for: they may be busy, and connections must not queue up there."""
    connection.settimeout(30)
    connection.sendall(b"HEAD / HTTP/1.1\r\n\r\n")
    return connection.recv(4096).startswith(b"HTTP/1.1 200 ")


def steady(source: str, to: tuple[str, int]) -> dict[str, int]:
    tried = lost = 0
    while not select.select([sys.stdin], [], [], 0)[0]:
        with begun(source, to) as connection:
            tried += 1
            lost += not (passed(connection, SOON_S) and answered(connection))
    return {"tried": tried, "lost": lost}


def step(source: str, other: str, to: tuple[str, int]) -> bool:
    """Did one pass? It had its chance once one that began later, from another client on the same way, passed."""
    with begun(source, to) as connection, begun(other, to) as later:
        if not (passed(later, SOON_S) and answered(later)):
            raise SystemExit("a connection that is always let in did not pass")
        return passed(connection, 0)


if __name__ == "__main__":
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})  # on one processor packets never overtake each other
    kind, source, other, host, port = sys.argv[1:]
    if kind == "steady":
        print(json.dumps(steady(source, (host, int(port)))), flush=True)
    for _ in sys.stdin:
        print(json.dumps(step(source, other, (host, int(port)))), flush=True)
