"""What a lab gives back: the result of a command in a host, and one request as the kernel and the model see it."""

from dataclasses import dataclass

from drilllib.core.drills.lab import Observation
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace.agreement import Disagreement, differences
from drilllib.core.trace.answer import Trace


@dataclass(frozen=True, slots=True)
class CommandResult:
    """What a command in a host printed, and its exit status."""

    code: int
    out: str
    err: str

    def __repr__(self) -> str:
        status = f"(exit status {self.code})" if self.code else ""
        return "\n".join(text.rstrip("\n") for text in (self.out, self.err, status) if text)


@dataclass(frozen=True, slots=True)
class Comparison:
    """One request: what its client met, the kernel's story of it as a trace, and the model's trace of the same."""

    observed: Observation
    kernel: Trace
    model: Trace
    snapshot: Snapshot

    @property
    def health(self) -> dict[str, str]:
        """The measured health of each target of the listener."""
        return {each.target: each.observed or "" for each in self.kernel.health}

    @property
    def differences(self) -> list[Disagreement]:
        """Where the two disagree."""
        return differences(self.kernel, self.model, self.snapshot.semantics)
