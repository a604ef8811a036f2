"""
Players who type at random in real sessions: the right cause or another that could have been, then a repair that is
right in some other way, or lacks something, or opens or breaks something; with changes undone, and sittings ended.
"""

import random
import re
from collections.abc import Iterator
from ipaddress import ip_network
from pathlib import Path

from drilllib.core.drills.worlds.make import candidates, make_world
from drilllib.core.drills.worlds.world import Cause, CauseKind
from drilllib.core.facts import Fact
from drilllib.core.practice.feedback import shortest_repair
from drilllib.core.practice.grade import Grade
from drilllib.core.practice.reasons import GradeCode
from drilllib.core.practice.settings import settings_of
from drilllib.core.rules.rules import Direction
from drilllib.practice.library import drill
from drilllib.practice.play import Play
from drilllib.practice.session import Session

REPAIRS = ("as told", "split", "redundant", "lacking", "wide", "none", "harmful")


class Player:
    """One attempt at a world, in one file; *lines* is all that was typed, for who reads a failure."""

    def __init__(self, name: str, level: int, seed: int, path: Path) -> None:
        self.draws = random.Random(f"{name}/{level}/{seed}/player")
        self.drill, self.level, self.seed, self.path = drill(name), level, seed, path
        self.world = make_world(self.drill, seed, level)
        self.session = Session.begin(self.world, path)
        self.play, self.lines = Play(self.session, "en"), list[str]()

    def played(self) -> tuple[Grade, bool]:
        """The grade, and whether the causes were stated rightly."""
        for look in self.draws.sample(self.session.offered(), 3):
            self.type(f"{look.kind} {look.place}".replace("kubectl ", "kubectl get "))
        is_right = self.state()
        repair = self.draws.choice(REPAIRS)
        for line in self.repair(repair):
            self.wander()
            self.type(line)
        self.type("done")
        assert self.session.grade is not None, self.lines
        return self.session.grade, is_right

    def type(self, line: str) -> str:
        answer = self.play.answer(line)
        self.lines.append(f"{line} ==> {answer[:90]!r}")
        return answer

    def state(self) -> bool:
        """All causes, each at one of the places where it is the same; or too few, too many, or another one."""
        causes, draws = list(self.world.causes), self.draws
        others = [
            each.causes[0]
            for each in candidates(self.drill, self.seed, self.level)[1:]
            if each.causes and not any(cause.names(each.causes[0]) for cause in causes)
        ]
        stated = draws.sample(causes, len(causes))
        way = draws.choice(("right", "right", "right", "too few", "too many", "other"))
        if way == "too few":
            stated = stated[1:]
        elif way != "right":
            stated = [*(stated if way == "too many" else ()), draws.choice(others)]
        said = self.type("state " + (" + ".join(map(self.typed, stated)) or "nothing"))
        if "You state" not in said:  # a group that is not bound here, or a rule that is not there
            self.type("state nothing")
            return not causes
        return way == "right" or (way == "too few" and not causes)

    def typed(self, cause: Cause) -> str:
        resource = self.draws.choice((cause.resource, *cause.alike))
        if cause.kind is not CauseKind.GROUP:
            return f"{cause.kind} {resource}"
        group = self.draws.choice((cause.group, *cause.beside)) if cause.rule is None else cause.group
        return f"group {resource} {group} {cause.direction} {'none' if cause.rule is None else cause.rule}"

    def wander(self) -> None:
        """Now and then something else is done and undone, and now and then the sitting ends and goes on."""
        if self.draws.random() < 0.2:
            before = self.standing()
            self.type(self.harm())
            if self.standing() != before:
                self.type("undo")
            assert self.standing() == before, self.lines
        if self.draws.random() < 0.1:
            self.session.close()
            self.session = Session.resume(self.path)
            self.play = Play(self.session, "zh")

    def standing(self) -> object:
        """What a change would change: rules, bindings and settings; a group's version is one more after `undo`, too."""
        now = self.session.snapshot()
        rules = {name: [group.rules(each) for each in Direction] for name, group in now.groups.items()}
        return rules, now.bound_groups(), settings_of(now, self.world.question)

    def repair(self, way: str) -> Iterator[str]:
        lines = [line for step in shortest_repair(self.world) for line in self.lines_of(step, way)]
        if way == "none":
            return
        if way == "lacking" and lines:
            lines.pop(self.draws.randrange(len(lines)))
        if way == "wide":
            lines = self.widened(lines)
        yield from lines
        if way == "redundant":
            yield from self.redundant()
        if way == "harmful":
            yield self.harm()

    def lines_of(self, step: Fact, way: str) -> Iterator[str]:
        """One step of the repair as it is typed."""
        told, code = {name: str(value) for name, value in step.values}, step.code
        place = {"egress": " out"}.get(told.get("direction", ""), "")
        match code:
            case GradeCode.TAKE_OUT:
                yield f"delete {told['group']} {told['place']}{place}"
            case GradeCode.PUT_IN:
                rules = [told["text"]] if way == "as told" else self.halves(told["text"])
                yield from (f"insert {told['group']} {rule} at {told['place']}{place}" for rule in rules)
            case GradeCode.MOVE:
                yield f"move {told['group']} {told['place']} {told['to']}{place}"
            case GradeCode.BIND:
                yield f"bind {told['resource']} {told['groups'].replace(',', '')}"
            case GradeCode.MEMBERS:
                yield from self.rules_for_members(told["template"], told["members"].split(", "))
            case _:
                yield from self.settings(code, told.get("resource", "").removeprefix("Service/"))

    def settings(self, code: str, resource: str) -> Iterator[str]:
        """One step that is no group's, as it is typed."""
        world = self.world
        match code:
            case GradeCode.MEND_LOCAL_POLICY:
                yield f"set policy {resource} Cluster"
            case GradeCode.MEND_NOT_READY:
                yield f"set pods {resource} ready"
            case GradeCode.MEND_SELECTOR:
                yield f"set selector {resource} app={resource.partition('/')[2]}"
            case GradeCode.MEND_TARGET_PORT:
                yield f"set target_port {resource} {world.reference.service(resource).ports[0].target_port}"
            case GradeCode.MEND_WEIGHT:
                yield f"set weight {resource} 10"
            case GradeCode.MEND_LISTENER:
                (own,) = (each for each in world.reference.listeners(resource) or () if each.port == world.meant.port)
                yield f"set listener {own.listener_id} {world.meant.port}"
            case GradeCode.MEND_STOPPED:
                stopped = (each.instance_id for each in world.snapshot.nodes if each.state == "STOPPED")
                yield from (f"set state {each} RUNNING" for each in stopped)

    def halves(self, rule: str) -> list[str]:
        """The rule as one, or as two for the halves of its block, in either order."""
        action, protocol, peer, ports = rule.split()
        if not re.fullmatch(r"[\d.]+/\d+", peer) or ip_network(peer).prefixlen > 30:
            return [rule]
        blocks = [*ip_network(peer).subnets()]
        return [f"{action} {protocol} {each} {ports}" for each in self.draws.sample(blocks, len(blocks))]

    def rules_for_members(self, template: str, members: list[str]) -> Iterator[str]:
        """No line changes a template: rules for those who should be in it, above the one that names it."""
        for name, group in self.world.snapshot.groups.items():
            for place, rule in enumerate(group.rules(Direction.INGRESS) or ()):
                if template in rule.text:
                    yield from (f"insert {name} {rule.text.replace(template, each)} at {place}" for each in members)

    def widened(self, lines: list[str]) -> list[str]:
        """One of the rules for more clients, more ports or more protocols; else a rule that nobody asked for."""
        rules = [place for place, line in enumerate(lines) if re.match(r"insert \S+ ACCEPT \S+ [\d.]+/", line)]
        if not rules:
            groups = [name for names in self.world.snapshot.bound_groups().values() for name in names or ()]
            return [*lines, f"insert {self.draws.choice(groups)} ACCEPT TCP {self.world.served[0]} 22"]
        place = self.draws.choice(rules)
        words, way = lines[place].split(), self.draws.randrange(3)
        if way == 0:
            words[4] = str(ip_network(words[4]).supernet(self.draws.choice((1, 4))))
        elif way == 1:
            words[5] = "ALL"
        else:
            words[3] = words[5] = "ALL"
        return [*lines[:place], " ".join(words), *lines[place + 1 :]]

    def redundant(self) -> Iterator[str]:
        """Neighbours of one action change places, and rules that accept stand there twice: that changes nothing."""
        for name in self.draws.sample(sorted(self.world.snapshot.groups), 2):
            rules = self.session.snapshot().group(name).rules(Direction.INGRESS) or ()
            for place, rule in enumerate(rules[:-1]):
                if rule.text.split()[0] == rules[place + 1].text.split()[0]:
                    yield f"move {name} {place} {place + 1}"
                    break
            rules = self.session.snapshot().group(name).rules(Direction.INGRESS) or ()
            accepted = [place for place, rule in enumerate(rules) if rule.text.startswith("ACCEPT")]
            if accepted:
                place = self.draws.choice(accepted)
                yield f"insert {name} {rules[place].text} at {place}"

    def harm(self) -> str:
        """Something that opens, breaks or does neither."""
        snapshot, draws = self.session.snapshot(), self.draws
        group, resource = draws.choice(sorted(snapshot.groups)), draws.choice(sorted(snapshot.bound_groups()))
        return draws.choice(
            (
                f"insert {group} ACCEPT ALL 0.0.0.0/0 ALL",
                f"insert {group} DROP ALL 0.0.0.0/0 ALL",
                f"delete {group} 0",
                f"bind {resource} {group}",
                f"set policy {self.world.meant.service} Local",
            )
        )
