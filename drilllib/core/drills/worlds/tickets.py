"""The ticket of a world: its drill's texts with the names and addresses of the world in them."""

import re
from collections.abc import Callable, Mapping

from drilllib.core.drills.worlds.door_plan import DoorPlan
from drilllib.core.drills.worlds.draws import Draws
from drilllib.core.drills.worlds.drill import LANGUAGES, Drill
from drilllib.core.drills.worlds.own import Own
from drilllib.core.drills.worlds.plan import Plan
from drilllib.core.trace.answer import Question
from drilllib.core.trace.request import trace

_BETWEEN = {"en": ", ", "zh": "、"}
_PLACEHOLDER = re.compile(r"\{(\w+)\}")


def ticket_of(drill: Drill, plan: Plan, question: Question, draws: Draws) -> Mapping[str, Mapping[str, str]]:
    """By language the title and one of the texts, the same one in each."""
    number = draws.below(len(drill.texts[LANGUAGES[0]]))
    return _ticket(drill, number, lambda between: _values(plan, question, between))


def ticket_of_door(drill: Drill, plan: DoorPlan, draws: Draws) -> Mapping[str, Mapping[str, str]]:
    """The same of a connection to a door."""
    number = draws.below(len(drill.texts[LANGUAGES[0]]))
    asked, url = plan.asked, f"tcp://{plan.door}:{plan.door_port}"
    told = {
        "client": plan.sources[0],
        "door": plan.door,
        "port": str(plan.door_port),
        "protocol": "TCP",
        "service": f"{asked.namespace}/{asked.app}",
        "app": asked.app,
        "namespace": asked.namespace,
        "url": url,
        "service_url": url,
        "vip": plan.cluster_ip,
    }
    return _ticket(drill, number, lambda between: {**told, "served": between.join(plan.served)})


def ticket_of_own(drill: Drill, own: Own) -> Mapping[str, Mapping[str, str]]:
    """The ticket of an outage that is written down: the first of its texts, filled with what was asked."""
    asked = trace(own.snapshot, own.question).question
    namespace, _, app = (asked.service or "").partition("/")
    host = asked.host or asked.vip or ""
    scheme = asked.scheme or str(asked.protocol or "TCP").lower()
    path = asked.path if scheme.startswith("http") else ""
    url = f"{scheme}://{f'[{host}]' if ':' in host else host}:{asked.port}{path}"
    meant = url.replace(f":{asked.port}", f":{own.meant.port}") if own.port else url
    told = {
        "client": asked.client,
        "url": url,
        "service_url": meant,
        "service": asked.service or "",
        "app": app,
    }
    more = {
        "namespace": namespace,
        "port": str(asked.port),
        "door": meant,
        "protocol": asked.protocol or "TCP",
        "vip": asked.vip or "",
    }
    return _ticket(drill, 0, lambda between: {**told, **more, "served": between.join(own.served)})


def _ticket(drill: Drill, number: int, values: Callable[[str], Mapping[str, str]]) -> Mapping[str, Mapping[str, str]]:
    """By language the title and the text of that number."""
    found = {}
    for language in LANGUAGES:
        known = values(_BETWEEN[language])
        title, text = drill.titles[language], drill.texts[language][number]
        found[language] = {"title": _filled(title, known), "text": _filled(text.strip(), known)}
    return found


def _values(plan: Plan, question: Question, between: str) -> Mapping[str, str]:
    return {
        "client": question.client,
        "url": _url(plan, question.protocol, question.port),
        "service_url": _url(plan, plan.transport, plan.port),
        "service": plan.service,
        "door": _url(plan, plan.transport, plan.port),
        "served": between.join(plan.served),
        "app": plan.app,
        "namespace": plan.namespace,
        "port": str(plan.port),
        "protocol": plan.transport,
        "vip": plan.vip,
    }


def _url(plan: Plan, protocol: str | None, port: int | None) -> str:
    """How the port is asked: an HTTP Service by http, any other by its transport."""
    scheme = "http" if plan.protocol == "HTTP" and protocol == "TCP" else str(protocol).lower()
    return f"{scheme}://{plan.vip}:{port}" + ("/" if scheme == "http" else "")


def _filled(text: str, values: Mapping[str, str]) -> str:
    return _PLACEHOLDER.sub(lambda found: values[found[1]], text)
