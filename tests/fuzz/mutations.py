"""Documents changed at random: each still JSON, none what anybody meant."""

import copy
from collections.abc import Callable
from random import Random
from typing import Any

from tests.fuzz.hostile import HOSTILE

ODD: tuple[Any, ...] = (
    *(None, True, False, 0, 1, -1, 80, 65535, 65536, 2**31, 2**63, 10**400, 0.5, -0.0, 1e308, 10.0),
    *("", " ", "0", "-1", "80", "1-65535", "ALL", "TCP", "UDP", "ICMP", "true", "null", "None", "ACCEPT", "DROP"),
    *(
        "0.0.0.0/0",
        "::/0",
        "10.0.35.11",
        "2001:db8::1",
        "10.0.0.0/33",
        "256.1.1.1",
        "1.2.3.4%eth0",
        "::ffff:10.0.35.11",
    ),
    *(
        "sg-node0001",
        "ins-nodea001",
        "lb-lab00001",
        "shop",
        "web",
        "node-a",
        "Service",
        "Pod",
        "Node",
        "/",
        "a/b/c",
        "*",
    ),
    *([], {}, [[]], [{}], [None], {"": {}}, [[], {}, "", None], {"a": 1}, ["80"], "x" * 5000),
)


def mutated(random: Random, document: Any, beside: Any) -> Any:
    """A copy of *document* with one to six changes, some of them parts of *beside*."""
    changed = copy.deepcopy(document)
    for _ in range(random.choice((1, 1, 1, 1, 2, 4))):
        where = _places(changed)
        if not where:
            return changed
        holder, name = random.choice(where)
        random.choice(CHANGES)(random, holder, name, beside)
    return changed


def _places(document: Any) -> list[tuple[Any, Any]]:
    """Every value as what holds it and its name in there."""
    found, level = [], [document]
    while level:
        value = level.pop()
        named = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
        for name, each in named:
            found.append((value, name))
            level.append(each)
    return found


def _odd(random: Random, holder: Any, name: Any, _: Any) -> None:
    holder[name] = copy.deepcopy(random.choice(ODD))


def _like(random: Random, holder: Any, name: Any, _: Any) -> None:
    """An odd value of the same type, which gets further."""
    value = holder[name]
    alike = [each for each in ODD if type(each) is type(value)]
    if not isinstance(value, dict | list):
        holder[name] = random.choice(alike or ODD)


def _hostile(random: Random, holder: Any, name: Any, _: Any) -> None:
    holder[name] = random.choice(HOSTILE)


def _gone(_random: Random, holder: Any, name: Any, _: Any) -> None:
    del holder[name]


def _elsewhere(random: Random, holder: Any, name: Any, beside: Any) -> None:
    """The value of another place, of this document or the other."""
    other, place = random.choice(_places(beside) or [(holder, name)])
    holder[name] = copy.deepcopy(other[place])


def _twice(random: Random, holder: Any, name: Any, _: Any) -> None:
    value = copy.deepcopy(holder[name])
    if isinstance(holder, list):
        holder.insert(random.randrange(len(holder) + 1), value)
    else:
        holder[random.choice((f"{name}x", str(name).lower(), str(name).upper(), *HOSTILE))] = value


def _wrapped(random: Random, holder: Any, name: Any, _: Any) -> None:
    holder[name] = random.choice(([holder[name]], {"value": holder[name]}, str(holder[name]), repr(holder[name])))


def _nudged(random: Random, holder: Any, name: Any, _: Any) -> None:
    """A number or a text a little different."""
    value = holder[name]
    if isinstance(value, int | float):
        holder[name] = value + random.choice((-1, 1, 0.5, 65536))
    elif isinstance(value, str) and value:
        place = random.randrange(len(value))
        with_it = random.choice(("", "0", "9", "/", ",", "-", " ", ":", ".", "A", "\n", "é"))
        holder[name] = value[:place] + with_it + value[place + random.randrange(2) :]


def _swapped(random: Random, holder: Any, name: Any, _: Any) -> None:
    other = random.choice(list(holder)) if isinstance(holder, dict) else random.randrange(len(holder))
    holder[name], holder[other] = holder[other], holder[name]


CHANGES: tuple[Callable[[Random, Any, Any, Any], None], ...] = (
    *(_odd, _like, _like, _like, _gone, _gone, _elsewhere, _nudged, _nudged),
    *(_hostile, _twice, _wrapped, _swapped),
)
