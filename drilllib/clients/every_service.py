"""A capture of every LoadBalancer Service: what they have in common is read once."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from drilllib.clients import checks
from drilllib.clients.capture import Captured, Told, opened, uncompared
from drilllib.clients.settings import Settings
from drilllib.core.capture import calls
from drilllib.core.capture.asks import Answer, Wanted
from drilllib.core.capture.join import assembled
from drilllib.core.capture.known import Known, full_name
from drilllib.core.capture.leads import is_balanced
from drilllib.core.diagnosis.diagnose import NOT_SERVED
from drilllib.errors import UnknownNameError


def capture_services(
    settings: Settings,
    environment: Mapping[str, str],
    *,
    everywhere: bool = False,
    home: Path | None = None,
    told: Told = lambda number, done, of: None,
) -> Captured:
    """
    Read what every LoadBalancer Service of the namespace needs, or *everywhere*, into one snapshot.

    The API server's own Services are left out. See `capture` for the rest.

    Raises:
        DrillError: Nothing can be read, or there is no such Service.
    """
    access, rounds = opened(settings, environment, home, told)
    namespace = "" if everywhere else settings.namespace or access.namespace
    answers = rounds.read([replace(calls.SERVICES, namespace=namespace)])
    rounds.checked(answers)
    for name in _names(answers, namespace):
        rounds.wanted = Wanted(name, "", settings.cluster, settings.region)
        try:
            answers = rounds.read_needed(answers)
        except checks.NoServiceError:  # it is gone since
            continue
    answers = rounds.read_all(answers)
    assembly = assembled(answers, rounds.wanted, uncompared(rounds))
    return Captured(assembly, rounds.wanted, rounds.number, *access.calls(), answers)


def _names(answers: Sequence[Answer], namespace: str) -> list[str]:
    found = ["/".join(full_name(each)) for each in Known(answers).objects("Service") if is_balanced(each)]
    names = [each for each in found if each not in NOT_SERVED]
    if not names:
        refused = next((each.refusal for each in answers if each.refusal), None)
        raise UnknownNameError(
            "No LoadBalancer Service can be read in {place}: {why}",
            remedy="Name one, another namespace with -n, or all with -A",
            place=namespace or "any namespace",
            why=(refused.permission or refused.code) if refused else "there is none",
        )
    return names
