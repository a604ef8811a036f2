"""What a user says about a capture besides the Service."""

from dataclasses import dataclass

DEADLINE_S = 120.0


@dataclass(frozen=True, slots=True)
class Settings:
    """
    What a user says besides the Service; "" is not said.

    *via* is ``sdk``, or ``tools`` for the user's own kubectl and tccli. *profile* is tccli's, *role* one to be assumed.
    *deadline_s* is for everything; what was not read by then is a gap.
    """

    namespace: str = ""
    context: str = ""
    kubeconfig: str = ""
    region: str = ""
    cluster: str = ""
    profile: str = ""
    role: str = ""
    via: str = "sdk"
    deadline_s: float = DEADLINE_S
    impersonated: tuple[tuple[str, str], ...] = ()
    """As whom the cluster is read, as kubectl's --as and --as-group: pairs of User or Group and a name."""
