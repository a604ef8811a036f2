"""A look into the hosts of a lab with real packets, with the tools one has at work."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from drilllib.core.drills.lab import Lab
from drilllib.core.rules.rules import Direction
from drilllib.core.trace.answer import Question
from drilllib.errors import MissingToolError
from drilllib.labs.netns.lab import NetnsLab
from drilllib.lesson import magic
from drilllib.lesson.labs import no_real_packets
from drilllib.views.phrases.catalog import error_text, say
from drilllib.views.shown import Several, Shown, path_svg
from drilllib.views.text.kernel import agreement_lines, witness_text

Result = TypeVar("Result", Shown, Several)


class RealPackets:
    """The methods of `Lesson` of the same names. In a simulated lab each says in a line what is missing."""

    def __init__(self, lab: Lab, question: Question, language: str) -> None:
        self._lab, self._question, self._language = lab, question, language

    def run(self, host: str, command: str) -> Shown:
        """A command line in a host, and what it prints."""

        def ran(lab: NetnsLab) -> Shown:
            said = lab.run(host, command)
            status = f"\n(exit status {said.code})" if said.code else ""
            return Shown(f"[{host}] $ {command}\n{(said.out + said.err).rstrip()}{status}")

        return self._in_netns_lab(ran)

    def watch(self, hosts: Sequence[str]) -> Shown:
        """One ``curl -I`` while tcpdump runs in these hosts: the handshakes and refusals that each of them saw."""

        def watched(lab: NetnsLab) -> Shown:
            observed, packets = lab.watch(self._question, hosts)
            lines = [observed.transcript.splitlines()[0]]
            for host in hosts:
                seen = [f"  {line}" for line in packets[host]] or [say(self._language, "watch_nothing")]
                lines += [say(self._language, "watch_host", host=host), *seen]
            return Shown("\n".join(lines))

        return self._in_netns_lab(watched)

    def kernel(self) -> Shown | Several:
        """One request as the kernel saw it, hop by hop, and whether the model says the same."""

        def witnessed(lab: NetnsLab) -> Several:
            seen = lab.witness(self._question)
            picture = Shown(witness_text(seen.kernel, self._language), path_svg(seen.kernel, self._language))
            lines = agreement_lines(seen.differences, self._language)
            told = [f"{host} {behaviour}" for host, behaviour in lab.status()["pods"].items() if behaviour != "listens"]
            lines += [say(self._language, "witness_pods", pods=", ".join(told))] if told else []
            return Several(picture, Shown("\n".join(lines)))

        return self._in_netns_lab(witnessed)

    def counters(self, group_id: str, direction: Direction) -> Shown:
        """One ``curl -I``, and how many new connections each rule of a group counted meanwhile."""

        def counted(lab: NetnsLab) -> Shown:
            counts = lab.count(self._question, group_id, direction)
            title = say(self._language, "count_title", group=group_id, direction=direction)
            rules = lab.rules(group_id, direction)
            lines = [
                f"{count:>6}  [{place}] {rule.text}"
                for place, (rule, count) in enumerate(zip(rules, counts, strict=True))
            ]
            return Shown("\n".join([title, *lines]))

        return self._in_netns_lab(counted)

    def let_pod(self, host: str, behaviour: str) -> Shown:
        """Let a pod listen (`listens`), refuse every connection (`refuses`) or answer late (`slow`)."""

        def done(lab: NetnsLab) -> Shown:
            lab.set_pod(host, behaviour)
            return Shown(f"{host}: {behaviour}")

        return self._in_netns_lab(done)

    def _in_netns_lab(self, step: Callable[[NetnsLab], Result]) -> Shown | Result:
        if not isinstance(self._lab, NetnsLab):
            problem = no_real_packets() or say(self._language, "real_not_chosen")
            return Shown(say(self._language, "real_only", problem=problem))
        magic.use(self._lab)
        try:
            return step(self._lab)
        except MissingToolError as error:  # one tool fewer is no reason to end a lesson
            return Shown(error_text(error, self._language))
