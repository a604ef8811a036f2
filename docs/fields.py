"""Write docs/fields.md from the tables of drilllib/core/snapshot/ledger: what the engine makes of every field."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from drilllib.core.snapshot.ledger.clb import CLB_KINDS
from drilllib.core.snapshot.ledger.cloud import CLOUD_KINDS
from drilllib.core.snapshot.ledger.kubernetes import KUBERNETES_KINDS, OTHER_FILTERS
from drilllib.core.snapshot.ledger.tables import Fine, Kind

PAGE = Path(__file__).parent / "fields.md"
OTHERS = ", ".join(f"`{kind}`" for kind in OTHER_FILTERS)
PARTS = {
    "Load balancer": CLB_KINDS,
    "Instances, networks, groups, cluster": CLOUD_KINDS,
    "Kubernetes": KUBERNETES_KINDS,
}
INTRODUCTION = """# Every field, and what the engine makes of it

A [snapshot](snapshot.md) has the vendor's and Kubernetes' objects as their APIs return them. Each of their fields is
one of these:

- **read**: the answer follows from it, as [model.md](model.md) says.
- **fine for some values only**: another value may stop a request or send it elsewhere, and that is not modelled. Where
  such an object is on a request's path, the answer is `undetermined` and names the object, the field and the value,
  unless the request is stopped before. The vendor's texts are compared in any case, Kubernetes' as they are.
- **harmless**: names, times, bills, or of no weight for a new connection. It covers all that is below it.

A field that is not on this page is a doubt too, as soon as it has a value: it may have come after this version. Take it
out of the snapshot where you know that it does not matter. A null, an empty text, an empty list or object is never a
doubt, but where the table says that a label is fine when it is absent: such a label counts by being there.
Objects off the path are not asked. Doubts about a health check leave the health of its targets `Unknown`; the
answer is undetermined where health decides.

Of other objects these filter what comes in to pods, and are not read: {OTHERS}. An `AuthorizationPolicy` of
istio-system is one of every namespace. A `PeerAuthentication` of the pod's
namespace or of istio-system that says STRICT anywhere is a doubt as they are.
One in the snapshot leaves it open what reaches the pods that it may be about. All others are left aside.

`python docs/fields.py` makes this page of the tables in `drilllib/core/snapshot/ledger`; edit those. Tests hold them
against the models of the vendor's SDK and of Kubernetes' Python client. `a[].b` is a field of the items of a list,
`a[k]` a key with dots in it, `a.*` every other key."""


def page() -> str:
    """The whole page."""
    parts = (f"## {title}\n\n" + "\n\n".join(map(_section, kinds)) for title, kinds in PARTS.items())
    return "\n\n".join((INTRODUCTION.format(OTHERS=OTHERS), *parts)) + "\n"


def _section(kind: Kind) -> str:
    return "\n\n".join((f"### {kind.name}", f"{kind.source}.", *_blocks(kind)))


def _blocks(kind: Kind) -> Iterator[str]:
    if kind.read.strip():
        yield f"Read: {_listed(kind.read.split())}."
    if kind.fine:
        yield "\n".join(
            ("| field | fine | another value |\n|---|---|---|", *(_row(*each) for each in kind.fine.items()))
        )
    yield f"Harmless: {_listed(kind.harmless.split())}."
    if kind.notes:
        yield "\n".join(f"- `{path}`: {note}." for path, note in kind.notes.items())


def _listed(paths: Iterable[str]) -> str:
    return ", ".join(f"`{path}`" for path in paths)


def _row(path: str, rule: Fine) -> str:
    values = ", ".join(str(each).lower() if isinstance(each, bool) else str(each) for each in rule.values)
    fine = f"all but {values}" if rule.others else values or ("absent" if rule.present else "none")
    return f"| `{path}` | {fine} | {rule.why} |"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
