"""
Ways to misread a snapshot, for test_walker_mutants.py: what is found in it, and what is done to it.

A mistake is made by showing the engine a changed snapshot or question, as if it had misread the one that the walker
sees.
"""

from collections.abc import Callable, Iterator

Change = Callable[[dict, dict], object]  # what it returns is not looked at


def objects(document: dict, kind: str) -> list[dict]:
    return [item for item in document.get("kubernetes") or [] if item["kind"] == kind]


def listeners(document: dict) -> Iterator[dict]:
    for found in (document.get("listeners") or {}).values():
        yield from found


def rules_and_listeners(document: dict) -> Iterator[dict]:
    """Whatever has targets and a health check of its own."""
    for listener in listeners(document):
        yield from listener["Rules"] or [listener]


def targets(document: dict) -> Iterator[dict]:
    for holder in rules_and_listeners(document):
        yield from holder.get("Targets") or ()


def health_checks(document: dict) -> Iterator[dict]:
    for listener in listeners(document):
        yield from (
            holder["HealthCheck"] for holder in (listener, *(listener["Rules"] or ())) if holder.get("HealthCheck")
        )


def statuses(document: dict) -> Iterator[dict]:
    for balancer in document.get("target_health") or []:
        for listener in balancer["Listeners"]:
            for rule in listener["Rules"]:
                yield from rule["Targets"]


def endpoints(document: dict) -> Iterator[dict]:
    for piece in objects(document, "EndpointSlice"):
        yield from piece.get("endpoints") or ()


def part(name: str) -> Callable[[dict], list[dict]]:
    return lambda document: document.get(name) or []


def kind(name: str) -> Callable[[dict], list[dict]]:
    return lambda document: objects(document, name)


def cluster(document: dict) -> list[dict]:
    return [document["cluster"]] if document.get("cluster") else []


def pod_specs(document: dict) -> list[dict]:
    return [pod["spec"] for pod in objects(document, "Pod")]


def templates(document: dict) -> Iterator[dict]:
    for name in ("address_templates", "address_template_groups", "service_templates", "service_template_groups"):
        yield from (document.get(name) or {}).values()


def specs(document: dict) -> list[dict]:
    return [service["spec"] for service in objects(document, "Service")]


def policy_sets(document: dict) -> Iterator[dict]:
    for group in (document.get("security_groups") or {}).values():
        if group.get("SecurityGroupPolicySet"):
            yield group["SecurityGroupPolicySet"]


def containers(document: dict) -> Iterator[dict]:
    for pod in objects(document, "Pod"):
        yield from pod["spec"]["containers"]


def forwarding(document: dict) -> Iterator[dict]:
    for listener in listeners(document):
        yield from listener["Rules"] or ()


def container_ports(document: dict) -> Iterator[dict]:
    for container in containers(document):
        yield from container.get("ports") or ()


def statuses_of_pods(document: dict) -> list[dict]:
    return [pod["status"] for pod in objects(document, "Pod")]


def setting(find: Callable, field: str, value: object) -> Change:
    """Every thing found has a field set."""
    return lambda document, _: [item.update({field: value}) for item in find(document)]


def defaulting(find: Callable, field: str, value: object) -> Change:
    """A field that was not read is taken to be one thing."""
    return lambda document, _: [item.update({field: value}) for item in find(document) if item.get(field) is None]


def losing(find: Callable, field: str) -> Change:
    """Every thing found has lost a field."""
    return lambda document, _: [item.pop(field, None) for item in find(document)]


def replacing(find: Callable, field: str, old: object, new: object) -> Change:
    """A field's one value is taken for another."""
    return lambda document, _: [item.update({field: new}) for item in find(document) if item.get(field) == old]


def turning(find: Callable, field: str) -> Change:
    """A list is read backwards."""

    def change(document: dict, _: dict) -> None:
        for item in find(document):
            if item.get(field):
                item[field] = item[field][::-1]

    return change


def without(name: str, kind_lost: str) -> Change:
    """Objects of one kind are not seen."""

    def change(document: dict, _: dict) -> None:
        if document.get(name) is not None:
            document[name] = [item for item in document[name] if item["kind"] != kind_lost]

    return change


def semantics(**switches: object) -> Change:
    """A switch of the engine's behaviour."""
    return lambda document, _: document.update({"semantics": switches})


BALANCERS, INSTANCES, INTERFACES = part("load_balancers"), part("instances"), part("network_interfaces")
