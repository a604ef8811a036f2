"""
The network that a cluster is in: its kind, and its VPC (sections 3 and 6 of docs/model.md).

Part of the witness against the engine (see walker.py), so nothing here comes from drilllib.
"""

import json

Document = dict


def property_of(document: Document) -> dict | None:
    """What the JSON text of the cluster's Property says; None where it is no JSON object."""
    text = (document.get("cluster") or {}).get("Property")
    if not text:
        return {}
    try:
        found = json.loads(text)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def told(document: Document, field: str) -> str | None:
    """NetworkType or VpcCniType, at the top or in Property."""
    return (document.get("cluster") or {}).get(field) or (property_of(document) or {}).get(field)


def is_known_network(document: Document) -> bool:
    """Whether docs/model.md says how this kind of network behaves."""
    if property_of(document) is None and not (document.get("cluster") or {}).get("NetworkType"):
        return False
    known = told(document, "VpcCniType") in (None, "tke-route-eni", "tke-direct-eni")
    return known and told(document, "NetworkType") in (None, "VPC-CNI", "GR", "GlobalRouter")


def is_global_router(document: Document) -> bool:
    """Whether pods have addresses of routes, and no interfaces."""
    return told(document, "NetworkType") in ("GR", "GlobalRouter")


def shares_interfaces(document: Document) -> bool:
    """Whether the cluster says that pods share interfaces."""
    return told(document, "VpcCniType") == "tke-route-eni"
