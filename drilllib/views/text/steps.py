"""Changes of groups as text: a sentence each, Terraform blocks, steps in the console."""

from collections.abc import Mapping

from drilllib.core.fix.calls import command_of
from drilllib.core.fix.proposal import Proposal
from drilllib.core.fix.steps import Call, Step
from drilllib.core.rules.edits import Change, Edit, in_order
from drilllib.core.rules.rules import Direction
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.errors import Message, printable
from drilllib.quoting import hcl_comment, hcl_text, line_to_paste
from drilllib.views.phrases.catalog import said, say
from drilllib.views.phrases.pieces import Code, Phrase, phrase

_TERRAFORM = {
    "Action": "action",
    "CidrBlock": "cidr_block",
    "Ipv6CidrBlock": "ipv6_cidr_block",
    "Protocol": "protocol",
    "Port": "port",
}


def _at_bottom(snapshot: Snapshot, change: Change) -> bool:
    rules = snapshot.group(change.group).rules(change.direction) or ()
    return change.edit is Edit.INSERT and change.place == len(rules)


def terraform(snapshot: Snapshot, proposal: Proposal, language: str) -> list[str]:
    """Blocks for `tencentcloud_security_group_rule_set`, which lists rules in order; steps are told in comments."""
    lines = [hcl_comment(step_text(each, language)) for each in proposal.steps]
    for change in proposal.changes:
        lines += [hcl_comment(sentence(snapshot, change, language))]
        if change.rule:
            fields = {_TERRAFORM[name]: value for name, value in change.rule.policy.items() if name in _TERRAFORM}
            lines += _block(change.direction, fields, language)
    return lines


def _block(title: str, fields: Mapping[str, str], language: str) -> list[str]:
    """A block of HCL, or a comment that says why there is none."""
    values = {name: hcl_text(value) for name, value in fields.items()}
    refused = next((each for each in values.values() if isinstance(each, Message)), None)
    if refused is not None:
        return [said(refused, language)]
    width = max(map(len, fields))
    return [f"{title} {{", *(f"  {name:<{width}} = {value}" for name, value in values.items()), "}"]


def console(snapshot: Snapshot, proposal: Proposal, language: str) -> list[str]:
    """Steps in the console, ordered so that earlier ones do not shift the indices of later ones."""
    first = [step_text(each, language) for each in proposal.steps if isinstance(each.command, Call)]
    rules = [sentence(snapshot, each, language) for each in in_order(proposal.changes)]
    return [*first, *(say(language, "fix.console", what=each) for each in rules)]


def command_lines(snapshot: Snapshot, proposal: Proposal, language: str) -> list[str]:
    """The commands of the steps that are no changes of rules, for a proposal that is told in short."""
    made = [each.command for each in proposal.steps]
    lines = (line_to_paste(command_of(snapshot, each) if isinstance(each, Call) else each.line) for each in made)
    return [f"{'$ ' if isinstance(line, str) else ''}{said(line, language)}" for line in lines]


def step_text(step: Step, language: str) -> str:
    """One step as a sentence, on one line."""
    return printable(say(language, f"fix.step_{step.code}", where=step.where, **step.facts))


def sentence(snapshot: Snapshot, change: Change, language: str) -> Phrase:
    """One change as a sentence, on one line whatever the names in it are, so that it can stand in a comment."""
    side = say(language, "fix.inbound" if change.direction is Direction.INGRESS else "fix.outbound")
    old, new = Code(change.old.text if change.old else ""), Code(change.rule.text if change.rule else "")
    place, group = change.place, Code(change.group)
    verb = "append" if _at_bottom(snapshot, change) else change.edit
    return phrase(language, f"fix.do_{verb}", group=group, side=side, place=place, old=old, new=new).printable()
