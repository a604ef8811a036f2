"""The ticket of somebody's own outage, drafted from what the client meets: it names no group, no rule and no repair."""

from collections.abc import Mapping

from drilllib.core.drills.worlds.drill import LANGUAGES
from drilllib.core.trace.answer import Trace
from drilllib.core.trace.path import SymptomKind
from drilllib.core.trace.verdict import Verdict

Ticket = Mapping[str, Mapping[str, object]]
_MEETS = {
    SymptomKind.CONNECT_TIMEOUT: ("the connection times out", "连接超时"),
    SymptomKind.REFUSED: ("the connection is refused", "连接被拒绝"),
    SymptomKind.RESET: ("the connection is reset", "连接被重置"),
    SymptomKind.NO_ANSWER: ("there is no answer", "没有响应"),
    SymptomKind.PORT_UNREACHABLE: ("the port is unreachable", "端口不可达"),
}
_FAILS = (
    ("{app} does not answer", "{{client}} gets nothing from {{url}}: {meets}. {{service}} is for {{served}}."),
    ("{app} 没有响应", "{{client}} 访问 {{url}} 失败：{meets}。{{service}} 面向 {{served}}。"),
)
_SOMETIMES = (
    ("{app} fails at times", "Some requests of {{client}} to {{url}} fail: {meets}. {{service}} is for {{served}}."),
    ("{app} 时好时坏", "{{client}} 访问 {{url}} 有时失败：{meets}。{{service}} 面向 {{served}}。"),
)
_UNHEALTHY = (
    ("Alarm: targets of {app} are unhealthy", "The CLB finds targets of {{service}} unhealthy. It is for {{served}}."),
    ("告警：{app} 的后端不健康", "CLB 探测到 {{service}} 的后端不健康。{{service}} 面向 {{served}}。"),
)


def ticket_of(answer: Trace) -> Ticket:
    """By language a title and one text with placeholders, as a drill's file has them."""
    kinds = {Verdict.REACHABLE: _UNHEALTHY, Verdict.INTERMITTENT: _SOMETIMES}
    texts = kinds.get(answer.verdict, _FAILS)
    return {
        language: {"title": title, "texts": [text.format(meets=_meets(answer)[place])]}
        for place, (language, (title, text)) in enumerate(zip(LANGUAGES, texts, strict=True))
    }


def _meets(answer: Trace) -> tuple[str, str]:
    """What the client meets, in English and in Chinese."""
    worst = answer.symptoms[0] if answer.symptoms else None
    if worst is not None and worst.status:
        return f"the answer is HTTP {worst.status}", f"返回 HTTP {worst.status}"
    return _MEETS.get(worst.kind if worst else SymptomKind.NO_ANSWER, _MEETS[SymptomKind.NO_ANSWER])
