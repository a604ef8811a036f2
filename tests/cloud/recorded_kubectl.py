"""The recorded kubectl session: its commands, the files they name, and what of the output differs on every run."""

import json
import re
from dataclasses import dataclass
from pathlib import Path

from kubernetes_cluster import manifests

RECORDED = Path(__file__).parent / "recorded" / "kubectl-1.36.json"
_POD = "containers: [{name: web, image: 'nginx:1.27'}]"
_TEMPLATE = "template: {metadata: {labels: {a: b}}, spec: {containers:"
FILES = {  # beside the project's own manifests
    "pod.yaml": "{apiVersion: v1, kind: Pod, metadata: {name: web-1, namespace: shop, labels: {app: web}},"
    f" spec: {{nodeName: node-a, {_POD}}}}}",
    "np.yaml": "{apiVersion: v1, kind: Service, metadata: {name: np, namespace: shop}, spec: {type: NodePort,"
    " selector: {app: web}, ports: [{name: a, port: 80}, {name: b, port: 81, targetPort: http}]}}",
    "badsel.yaml": "{apiVersion: apps/v1, kind: Deployment, metadata: {name: bad, namespace: shop}, spec: {selector:"
    f" {{matchLabels: {{a: b}}}}, template: {{metadata: {{labels: {{a: c}}}}, spec: {{{_POD}}}}}}}}}",
    "bad2.yaml": "{apiVersion: v1, kind: Service, metadata: {name: Bad_Name, namespace: shop}, spec: {type: Foo,"
    " ports: [{port: 0}]}}",
    "bad3.yaml": "{apiVersion: apps/v1, kind: Deployment, metadata: {name: b3, namespace: shop}, spec: {replicas: -1,"
    f" selector: {{matchLabels: {{a: b}}}}, {_TEMPLATE}"
    " [{name: c, image: x, ports: [{containerPort: 70000}]}, {name: c}]}}}}",
    "bad4.yaml": "{apiVersion: v1, kind: Pod, metadata: {name: b4, namespace: shop}, spec: {containers: []}}",
    "dup.yaml": "{apiVersion: v1, kind: Service, metadata: {name: dup, namespace: shop}, spec: {ports: [{port: 80},"
    " {port: 81}]}}",
    "h.yaml": "{apiVersion: v1, kind: Service, metadata: {name: hl, namespace: shop}, spec: {clusterIP: None, selector:"
    " {app: web}, ports: [{port: 80}]}}",
    "en.yaml": "{apiVersion: v1, kind: Service, metadata: {name: en, namespace: shop}, spec: {type: ExternalName,"
    " externalName: example.com}}",
    "cm.yaml": "{apiVersion: v1, kind: ConfigMap, metadata: {name: c1, namespace: shop}, data: {a: b}}",
}
_ALPHABET = "[bcdfghjklmnpqrstvwxz2456789]"  # of Kubernetes' generated names
# What differs on every run, in the order in which it is put aside.
NORMALISED = (
    (
        "times",
        r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+ \+0000|Z)|\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d \+0000",
        "TIME",
    ),
    ("ages, and not the 300s of a toleration", r"\b(?!300s)(\d+[smhd]){1,2}(?=\s|$)", "AGE"),
    ("uids", r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "UID"),
    ("resourceVersions", r'resourceVersion: "\d+"', 'resourceVersion: "N"'),
    ("container ids", r"simulated://\w+", "simulated://ID"),
    ("names generated for pods", rf"\b(web|d2)-{_ALPHABET}{{8,10}}-\w{{5}}\b", r"\1-HASH-POD"),
    ("names generated for ReplicaSets, and their hashes", rf"\b(web-|d2-|hash[=:] ?){_ALPHABET}{{8,10}}\b", r"\1HASH"),
    ("the prefix they are generated from", rf"\b(web|d2)-{_ALPHABET}{{8,10}}-(?=\s|$)", r"\1-HASH-"),
    ("names generated for EndpointSlices", r"\b(web|np|hl|other|e1)-(?!HASH)\w{5}\b", r"\1-SLICE"),
    (
        "how often an EndpointSlice was written",
        r"(generateName: \w+-\n\s+generation: )\d+(?=\n\s+labels:\n\s+endpointslice)",
        r"\1N",
    ),
    ("addresses given to pods", r"\b10\.0\.36\.\d+\b", "POD-IP"),
    ("addresses given to Services", r"\b172\.16\.\d+\.\d+\b", "CLUSTER-IP"),
    ("NodePorts that nobody asked for", r"\b(?!30713|30800|30000|32767)3[012]\d{3}\b", "NODEPORT"),
    ("the temporary files of kubectl diff", r"\S*?/?(LIVE|MERGED)-\d+/", r"\1/"),
)
_OF_GENERATED_NAMES = re.compile(r"^(Name: +)?\S*(HASH|SLICE)")


@dataclass(frozen=True)
class Step:
    """A command, with what was recorded of it."""

    number: int
    command: str
    status: int
    output: str


def steps() -> list[Step]:
    """The 130 commands, in their order."""
    recorded = json.loads(RECORDED.read_text(encoding="utf-8"))["commands"]
    return [Step(place, each["command"], each["status"], "\n".join(each["output"]))
            for place, each in enumerate(recorded, 1)]  # fmt: skip


def write_files(folder: Path) -> None:
    """What the commands read."""
    manifests(folder)
    for name, text in FILES.items():
        (folder / name).write_text(text, encoding="utf-8")


def normalised(text: str) -> str:
    """The output without what differs on every run, and without the width of its columns."""
    for _, pattern, instead in NORMALISED:
        text = re.sub(pattern, instead, text, flags=re.MULTILINE)
    lines = [re.sub(r"-{2,}", "--", re.sub(r"[ \t]+", " ", line)).rstrip() for line in text.split("\n")]
    return "\n\n\n".join(_sorted_objects("\n".join(_sorted_rows(lines)).split("\n\n\n"))).strip()


def _sorted_rows(lines: list[str]) -> list[str]:
    """Rows that stand together and begin with generated names, which put them in another order on every run."""
    result: list[str] = []
    block: list[str] = []
    for line in [*lines, ""]:
        if _OF_GENERATED_NAMES.match(line) and not line.startswith("Name:"):
            block.append(line)
            continue
        result += [*sorted(block), line]
        block = []
    return result[:-1]


def _sorted_objects(objects: list[str]) -> list[str]:
    """The objects that `describe` shows one after another, where their names are generated."""
    generated = all(_OF_GENERATED_NAMES.match(each.strip()) for each in objects)
    return sorted(each.strip() for each in objects) if generated else objects
