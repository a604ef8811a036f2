"""What lesson 07 calls: a look into hosts of real packets, with the tools one has at work."""

from collections.abc import Callable

from drilllib import host_magic
from drilllib.core.answers import Question
from drilllib.core.drills import Lab
from drilllib.core.rules import Direction
from drilllib.labs.netns.lab import NetnsLab
from drilllib.places import no_real_packets
from drilllib.views.phrases import say
from drilllib.views.shown import Shown, svg_or_none
from drilllib.views.witness_text import witness_text


class RealPackets:
    """A lesson's real packets; `lesson.Lesson` has them. In a simulated lab each says in a line what is missing."""

    lab: Lab
    language: str
    question: Question

    def run(self, host: str, command: str) -> Shown:
        """A command line in a host, and what it prints."""

        def ran(lab: NetnsLab) -> Shown:
            said = lab.run(host, command)
            status = f"\n(exit status {said.code})" if said.code else ""
            return Shown(f"[{host}] $ {command}\n{(said.out + said.err).rstrip()}{status}")

        return self._really(ran)

    def watch(self, *hosts: str) -> Shown:
        """One ``curl -I`` while tcpdump runs in these hosts: the handshakes and refusals that each of them saw."""

        def watched(lab: NetnsLab) -> Shown:
            observed, packets = lab.watch(self.question, hosts)
            lines = [observed.transcript.splitlines()[0]]
            for host in hosts:
                seen = [f"  {line}" for line in packets[host]] or [say(self.language, "watch_nothing")]
                lines += [say(self.language, "watch_host", host=host), *seen]
            return Shown("\n".join(lines))

        return self._really(watched)

    def kernel(self) -> Shown:
        """One request as the kernel saw it, hop by hop, and whether the model says the same."""

        def told(lab: NetnsLab) -> Shown:
            seen = lab.witness(self.question)
            text = witness_text(seen.kernel, seen.differences, self.language)
            return Shown(text, svg_or_none(seen.kernel, self.language))

        return self._really(told)

    def counters(self, group_id: str, direction: str = Direction.INGRESS) -> Shown:
        """One ``curl -I``, and how many new connections each rule of a group counted meanwhile."""

        def counted(lab: NetnsLab) -> Shown:
            counts = lab.count(self.question, group_id, Direction(direction))
            title = say(self.language, "count_title", group=group_id, direction=direction)
            rules = lab.rules(group_id, Direction(direction))
            lines = [
                f"{count:>6}  {place}  {rule.text}"
                for place, (rule, count) in enumerate(zip(rules, counts, strict=True))
            ]
            return Shown("\n".join([title, *lines]))

        return self._really(counted)

    def let_pod(self, host: str, behaviour: str) -> Shown:
        """Let a pod listen (`listens`), refuse every connection (`refuses`) or answer late (`slow`)."""

        def done(lab: NetnsLab) -> Shown:
            lab.set_pod(host, behaviour)
            return Shown(f"{host}: {behaviour}")

        return self._really(done)

    def _really(self, step: Callable[[NetnsLab], Shown]) -> Shown:
        if isinstance(self.lab, NetnsLab):
            host_magic.use(self.lab)
            return step(self.lab)
        problem = no_real_packets() or say(self.language, "real_not_chosen")
        return Shown(say(self.language, "real_only", problem=problem))
