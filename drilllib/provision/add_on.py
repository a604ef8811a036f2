"""The add-on's list of groups for interfaces of pods: group 3 is taken out of it, and what is left of it is told."""

from collections.abc import Iterable

from drilllib.errors import DrillError, Message
from drilllib.guard.journal import Journal
from drilllib.guard.lines import WHOLE, Intent
from drilllib.provision import inventory, parts
from drilllib.provision.clients import Clients
from drilllib.provision.inventory import Found
from drilllib.provision.left import Left, Report
from drilllib.provision.parts import Kind
from drilllib.provision.sending import has_group, sent_until

Setting = tuple[str, ...] | None


class AddOn:
    """
    The add-on's setting in *cluster*, for one drill.

    Args:
        clients: reads and writes.
        cluster: its id.
        groups: the drill's groups that have its mark.
        journal: of the drill; None where there is none.
    """

    def __init__(self, clients: Clients, cluster: str, groups: Iterable[Found], journal: Journal | None) -> None:
        self._clients, self._cluster, self._journal = clients, cluster, journal
        self._groups = tuple(each for each in groups if each.role == "pod")

    def restore(self, report: Report) -> None:
        """Take group 3 out of the setting, as far as it is still what the drill wrote; what is done is reported."""
        ours, before = self._own()
        try:
            present = self._present(ours)
        except DrillError as error:
            report.left += [_left(error.problem_message)] if ours else []
            return
        is_ours = bool(ours & set(present or ()))
        if not is_ours and not (ours and self._unanswered()):
            return
        why = self._set(_without(ours, before, present) if is_ours else present)
        if why is not None:
            report.left.append(_left(why))
            return
        report.removed += [(Kind.ADD_ON, parts.ADD_ON)] if is_ours else []
        for each in self._open():
            assert self._journal is not None
            self._journal.undone(each.number)

    def tell_what_is_left(self, report: Report) -> None:
        """Report a group in the list that the drill made, or that is not there: pods would be given it."""
        if any(each.kind is Kind.ADD_ON for each in report.left):
            return
        made, (ours, before) = self._made(), self._own()
        try:
            others = [
                each for each in inventory.setting(self._clients, self._cluster) or () if each not in (before or ())
            ]
            wrong = [each for each in others if each in made | ours or not has_group(self._clients, each)]
        except DrillError as error:
            report.left += [_left(error.problem_message)] if self._open() else []
            return
        if wrong:
            why = Message("its list still has {groups}: take it out by hand", groups=", ".join(wrong))
            report.left.append(_left(why))

    def _intents(self) -> list[Intent]:
        return list(self._journal.intents.values()) if self._journal is not None else []

    def _open(self) -> list[Intent]:
        """The journal's intents to set the add-on that were not taken back."""
        return [each for each in self._intents() if each.kind == Kind.ADD_ON and each.state not in WHOLE]

    def _unanswered(self) -> bool:
        """
        Was it begun, and nobody knows whether it was done?

        A reading may be older than that write. Then what is read is written once more, which is later in any case.
        """
        return any(each.state == "intent" for each in self._open())

    def _made(self) -> set[str]:
        """The ids of the groups that the journal made."""
        return {str(each.result["id"]) for each in self._intents() if each.kind == Kind.GROUP and "id" in each.result}

    def _present(self, ours: set[str]) -> Setting:
        """The add-on's list; looked for until group 3 is in it, where it should be: answers may be late."""
        present = None
        for _ in self._clients.waits():
            present = inventory.setting(self._clients, self._cluster)
            if ours & set(present or ()) or not (ours and (self._open() or self._journal is None)):
                break
        return present

    def _own(self) -> tuple[set[str], Setting]:
        """
        The ids of group 3, and the add-on's list before: by the tag of the group, else by the journal.

        A journal is believed about a group only that it made and that is gone: any other is somebody's.
        """
        if self._groups:
            return {each.id for each in self._groups}, parts.setting_of(self._groups[0].before or "off")
        made = self._made()
        noted = [each for each in self._intents() if each.kind == Kind.ADD_ON and each.fields.get("after") in made]
        noted = [each for each in noted if self._is_gone(str(each.fields["after"]))]
        ours = {str(each.fields["after"]) for each in noted}
        return ours, parts.setting_of(str(noted[0].fields.get("before", "off"))) if noted else None

    def _is_gone(self, group: str) -> bool:
        """Is there no such group any more, as far as it is told?"""
        try:
            return not has_group(self._clients, group)
        except DrillError:
            return False

    def _set(self, wanted: Setting) -> Message | None:
        call = parts.setting_call(self._cluster, wanted)
        return sent_until(self._clients, call, lambda: inventory.setting(self._clients, self._cluster) == wanted)


def _without(ours: set[str], before: Setting, present: Setting) -> Setting:
    """The list of before, with what others have added to it meanwhile."""
    added = tuple(each for each in present or () if each not in (*ours, *(before or ())))
    return (*(before or ()), *added) if added or before is not None else None


def _left(why: str | Message) -> Left:
    return Left(Kind.ADD_ON, parts.ADD_ON, why)
