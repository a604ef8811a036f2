"""
Clients inside the cluster put into random worlds, with what decides their way; see worlds.py.

They are drawn from a stream of chance of their own, so that worlds without them stay as they are.
"""

from random import Random

from worlds_rules import GONE, NODES, PODS

NAMING = ("service.kubernetes.io/loadbalance-id", "service.kubernetes.io/tke-existed-lbid")
SHARE = 0.16  # of all worlds
PREVENTS = "service.cloud.tencent.com/prevent-loopback"
FEATURE = "clients inside"


def put_client_inside(document: dict, question: dict, seed: int) -> bool:
    """Ask from a node or a pod, in some worlds; says whether."""
    random = Random(f"inside {seed}")
    if random.random() > SHARE:
        return False
    version = 6 if ":" in question["client"] else 4
    question["client"] = random.choice([*NODES[version], *PODS[version], *PODS[version], GONE[version]])
    _set_mode(document, random)
    if random.random() < 0.6 and "kubernetes" in (document.get("complete") or {}):
        document["complete"]["kubernetes"] = [*(document["complete"]["kubernetes"] or []), "Service"]
    _make_private(document, question, random)
    for service in (item for item in document.get("kubernetes") or [] if item["kind"] == "Service"):
        _change_status(service, random)
    if random.random() < 0.6:
        _claim(document, question, version)
    for interface in document.get("network_interfaces") or []:
        _mark_primary(interface, random)
    return True


def _set_mode(document: dict, random: Random) -> None:
    """Of kube-proxy: mostly told, in one of three ways."""
    cluster = document.get("cluster")
    if cluster is None:
        return
    usual = ({"Ipvs": False}, {"Ipvs": False}, {"KubeProxyMode": "iptables"}, {"Ipvs": True}, {"KubeProxyMode": "ipvs"})
    odd = ({"Ipvs": True, "KubeProxyMode": "kube-proxy-bpf"}, {"Ipvs": True, "KubeProxyMode": "iptables"}, {})
    told = random.choice((*usual * 5, *odd, {"Ipvs": None, "KubeProxyMode": ""}))
    if random.random() < 0.9:
        cluster["ClusterNetworkSettings"] = {**(cluster.get("ClusterNetworkSettings") or {}), **told}
    elif "KubeProxyMode" in told:
        cluster["KubeProxyMode"] = random.choice((told["KubeProxyMode"], "IPVS", None))


def _make_private(document: dict, question: dict, random: Random) -> None:
    """The CLBs whose VIPs are private are private ones; some others get such a VIP."""
    moved = {}
    for number, balancer in enumerate(document.get("load_balancers") or []):
        vips = balancer.get("LoadBalancerVips") or []
        if len(vips) == 1 and ":" not in vips[0] and random.random() < 0.5:
            moved[vips[0]] = f"10.0.4.{30 + number}"
            vips[0] = moved[vips[0]]
        if vips and vips[0].startswith("10.") and random.random() < 0.9:
            balancer["LoadBalancerType"] = "INTERNAL"
    question["vip"] = moved.get(question.get("vip"), question.get("vip"))
    for service in (item for item in document.get("kubernetes") or [] if item["kind"] == "Service"):
        for entry in ((service.get("status") or {}).get("loadBalancer") or {}).get("ingress") or []:
            if entry.get("ip") in moved:
                entry["ip"] = moved[entry["ip"]]


def _claim(document: dict, question: dict, version: int) -> None:
    """The Service that is asked, or has the port that is, has the VIP in its status."""
    services = [item for item in document.get("kubernetes") or [] if item["kind"] == "Service"]
    name = (question.get("service") or "").partition("/")[2]
    asked = [item for item in services if item["metadata"]["name"] == name] if name else services
    ports = [port["port"] for item in asked[:1] for port in item["spec"].get("ports") or []]
    ids = [(item["metadata"].get("annotations") or {}).get(key) for item in asked[:1] for key in NAMING]
    balancers = document.get("load_balancers") or []
    vips = [question.get("vip")] if question.get("vip") else []
    vips += [vip for item in balancers if item["LoadBalancerId"] in ids for vip in item.get("LoadBalancerVips") or []]
    fitting = [vip for vip in vips if vip[-1].isalnum() and vip[0].isdigit() and (":" in vip) == (version == 6)]
    if fitting and (name or question.get("port") in ports):
        asked[0]["status"] = {"loadBalancer": {"ingress": [{"ip": fitting[0]}]}}


def _change_status(service: dict, random: Random) -> None:
    """Entries with a mode, without an address, or not read; an annotation; a Service that claims no VIP of its own."""
    annotations, status = service["metadata"].get("annotations") or {}, service.get("status") or {}
    ingress = (status.get("loadBalancer") or {}).get("ingress")
    if random.random() < 0.1 and annotations:
        annotations[PREVENTS] = random.choice(("true", "true", "false"))
    if not ingress:
        return
    if random.random() < 0.2:
        ingress[0]["ipMode"] = random.choice(("VIP", "VIP", None, "Proxy"))
    named = any(annotations.get(key) for key in NAMING)
    if named and random.random() < 0.25:
        status["loadBalancer"] = random.choice(
            ({"ingress": []}, {"ingress": []}, {}, {"ingress": [{"ip": None}]}, None)
        )


def _mark_primary(interface: dict, random: Random) -> None:
    """Which of its addresses is the interface's own, where that is told; it may be one that no pod has."""
    for field, own in (("PrivateIpAddressSet", "PrivateIpAddress"), ("Ipv6AddressSet", "Address")):
        entries = interface.get(field)
        if entries and random.random() < 0.6:
            address = "10.0.2.250" if field == "PrivateIpAddressSet" else "2001:db8:2::250"
            entries.insert(0, {own: address, "Primary": True})
