"""The base clusters: ways in which a Service can be exposed, all of which work before a fault is planted."""

from dataclasses import dataclass

from drilllib.errors import UnknownNameError, quoted

LISTENERS = ("HTTP", "TCP", "UDP")


@dataclass(frozen=True, slots=True, kw_only=True)
class Base:
    """
    One way to expose a Service.

    *direct*: the CLB sends to pods. *local*: externalTrafficPolicy Local, with pods on the nodes that it sends to.
    *passes*: pass-to-target is on, and the registered targets' groups are closed. *inherits*: interfaces of pods have
    the nodes' group. *probes_by_vip*: health checks come from the VIP. *template*: the place, clb or
    node, where clients are named by a template. *every*: the CLB sends to every node, to those with pods too.
    """

    name: str
    direct: bool = False
    local: bool = False
    passes: bool = False
    inherits: bool = False
    probes_by_vip: bool = False
    template: str = ""
    every: bool = False


BASES = {
    each.name: each
    for each in (
        Base(name="node-port"),
        Base(name="every-node", every=True),
        Base(name="direct-access", direct=True),
        Base(name="local-policy", local=True),
        Base(name="pass-to-target", passes=True),
        Base(name="inherited-groups", inherits=True),
        Base(name="probes-from-vip", probes_by_vip=True),
        Base(name="direct-probes-from-vip", direct=True, probes_by_vip=True),
        Base(name="address-template", template="clb"),
        Base(name="address-template-at-nodes", template="node"),
    )
}


def base_named(name: str) -> Base:
    """
    The base of that name.

    Raises:
        UnknownNameError: There is none.
    """
    if name not in BASES:
        raise UnknownNameError(
            "There is no base {name}", remedy="Use one of {choices}", name=quoted(name), choices=", ".join(BASES)
        )
    return BASES[name]
