"""
An attempt played by typed lines: each line is answered by a text, and nothing is printed or read here.

A terminal and a script play by the same lines and get the same answers.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from urllib.parse import urlsplit

from drilllib.core.connection.ends import both_ends
from drilllib.core.connection.question import Connection
from drilllib.core.drills.worlds.world import CauseKind
from drilllib.core.practice.looks import CLIENT, Look, LookKind
from drilllib.core.practice.statements import statable
from drilllib.errors import DrillError, InvalidInputError, LabStateError, quoted
from drilllib.practice.places import called
from drilllib.practice.repairing import Repairs
from drilllib.practice.session import Session, Stage
from drilllib.practice.stating import stated
from drilllib.practice.typed import LOOKS, Typed, Verb, typed
from drilllib.quoting import terminal_text
from drilllib.views.phrases.catalog import error_text, say
from drilllib.views.text import practice as text
from drilllib.views.text.grade import grade_text
from drilllib.views.text.hints import hint_text
from drilllib.views.text.looks import evidence_text, log_text

YES = "yes"
Shell = Callable[[str], str]
_SHELLS = re.compile(r"\s*(?:\$ *)?(?:shell +(?P<line>.*)|(?P<client>(?:kubectl|tccli|terraform)\b.*))", re.DOTALL)


class Play:
    """
    One session and what is typed in it. *over*: it was graded; *left*: the learner goes, and the attempt stays;
    *titled*: the ticket has its title, which of a drill that the learner did not choose would tell too much.

    *shell* runs a command line in the session's own cloud, once a cause is stated, and gives what it prints.
    """

    def __init__(self, session: Session, language: str, *, shell: Shell | None = None) -> None:
        self.session, self._language, self._shell = session, language, shell
        self._repairs = Repairs(session, language)
        self.left, self.titled = False, True

    @property
    def over(self) -> bool:
        """Is it graded?"""
        return self.session.stage is Stage.GRADED

    @property
    def prompt(self) -> str:
        """What stands before a line: the stage, and what was spent."""
        return f"{self.session.stage} {self.session.spent}> "

    @property
    def words(self) -> tuple[str, ...]:
        """What Tab may complete to: what can be typed, and every place that can be looked at or named."""
        offered = self.session.offered()
        return (*LOOKS, *filter(None, Verb), *CauseKind, *(each.place for each in offered if each.place))

    def answer(self, line: str) -> str:
        """What a line does, as text; an error is an answer too, on one line. Empty for a blank line."""
        try:
            command = _SHELLS.fullmatch(line)
            if command and self._shell and self.session.stage is not Stage.LOOK:
                return self._run(self._shell, command["line"] or command["client"])
            found = typed(line)
            return terminal_text(self._done(found).split("\n")) if found else ""
        except DrillError as error:
            return error_text(error, self._language)

    def _done(self, found: Typed) -> str:
        if found.look is not None:
            return self._look(found.look, found.words)
        return self._doing[found.verb](found.words)

    @property
    def _doing(self) -> Mapping[Verb, Callable[[Sequence[str]], str]]:
        repairs = self._repairs
        return {
            Verb.HELP: lambda _: text.help_text(self._language, shell=self._shell is not None),
            Verb.TICKET: lambda _: text.ticket_text(self.session.ticket(self._language), titled=self.titled),
            Verb.LOG: lambda _: self._log(),
            Verb.MENU: lambda _: text.menu_text(
                self.session.offered(), self.session.next_hint, self.session.spent, self._language
            ),
            Verb.HINT: self._hint,
            Verb.STATE: self._state,
            Verb.SETTINGS: self._repair(lambda _: self._settings()),
            Verb.INSERT: self._repair(repairs.insert),
            Verb.DELETE: self._repair(repairs.delete),
            Verb.MOVE: self._repair(repairs.move),
            Verb.BIND: self._repair(repairs.bind),
            Verb.SET: self._repair(repairs.set),
            Verb.UNDO: self._repair(lambda _: repairs.undo()),
            Verb.SHELL: self._repair(self._in_shell),
            Verb.DONE: self._finish,
            Verb.QUIT: self._quit,
        }

    def _look(self, look: Look, words: Sequence[str]) -> str:
        """A look at its price; once a cause is stated, the ticket's own request is free."""
        if look.kind is LookKind.CURL:
            for word in words:
                self._require_ticket(word)
            ours = look.place in (CLIENT, self.session.world.question.client)
            if ours and self.session.stage in (Stage.STATED, Stage.REPAIR):
                return self.session.probe().transcript.rstrip("\n")
        before = self.session.spent
        seen = evidence_text(
            self.session.look(called(self.session.snapshot(), self.session.world.meant, look)), self._language
        )
        spent = self.session.spent
        cost = text.same_text if spent == before else partial(text.cost_text, look.price)
        return f"{seen}\n{cost(spent, self._language)}"

    def _require_ticket(self, url: str) -> None:
        """Raises InvalidInputError where a URL is not the one that the ticket's client asks for."""
        asked = self.session.world.question
        if isinstance(asked, Connection):
            self._require_door(url, asked)
            return
        vips = {each for one in self.session.snapshot().load_balancers for each in (*one.vips, one.domain)}
        try:
            found = urlsplit(url if "//" in url else f"//{url}")
            fits = found.hostname in {*vips, asked.host, asked.vip} and found.port in (None, asked.port)
        except ValueError:
            fits = False
        if not fits:
            raise InvalidInputError(
                "curl asks here for what the ticket asks for, not for {url}",
                remedy="Type curl; from another client, curl from ADDRESS",
                url=quoted(url),
            )

    def _require_door(self, url: str, asked: Connection) -> None:
        """The same of a host and a port that nc or curl is given."""
        _, door = both_ends(self.session.snapshot(), asked.client, asked.door)
        try:
            found = urlsplit(url if "//" in url else f"//{url}")
            fits = found.hostname in {str(door), asked.door.rpartition("/")[2]} and found.port in (None, asked.port)
        except ValueError:
            fits = False
        if not fits:
            raise InvalidInputError(
                "What is asked here is {door}, not {url}",
                remedy="Type curl; from another source, curl from pod/NAMESPACE/NAME",
                door=f"{asked.door}:{asked.port}",
                url=quoted(url),
            )

    def _log(self) -> str:
        """What was seen so far, once more and free: whoever comes back to an attempt has it no more on the screen."""
        seen, hints = self.session.evidence, self.session.hints
        told = [evidence_text(each, self._language) for each in seen]
        told += [hint_text(each, self._language) for each in hints]
        return "\n".join([*told, log_text([each.look for each in seen], self._language)])

    def _hint(self, words: Sequence[str]) -> str:
        """The price first; the hint for who says yes to it."""
        price = self.session.next_hint
        if price is None or list(words) != [YES]:
            return text.hint_price_text(price, self._language)
        before = self.session.spent
        told = hint_text(self.session.hint(), self._language)
        return f"{told}\n{text.cost_text(self.session.spent - before, self.session.spent, self._language)}"

    def _state(self, words: Sequence[str]) -> str:
        if not words:
            return text.forms_text(statable(self.session.snapshot()), self._language)
        causes = stated(words, self.session.snapshot())
        self.session.state(causes)
        return text.stated_text(causes, self._language)

    def _repair(self, change: Callable[[Sequence[str]], str]) -> Callable[[Sequence[str]], str]:
        """Whatever is missing in the line: before a cause is stated, that is what to say first."""

        def answer(words: Sequence[str]) -> str:
            if self.session.stage is Stage.LOOK:
                raise LabStateError(
                    "First the cause, then the repair", remedy="Type state, which says how; look goes on looking"
                )
            return change(words)

        return answer

    def _settings(self) -> str:
        return "\n".join(map(text.setting_text, self.session.settings()))

    def _in_shell(self, _: Sequence[str]) -> str:
        if self._shell is None:
            raise LabStateError("There is no shell in this lab", remedy="Begin with drill practice --cloud")
        return self._run(self._shell, "")

    def _run(self, shell: Shell, line: str) -> str:
        """A command in the cloud, and whatever it has changed goes into the log."""
        self.session.tell()
        try:
            said = shell(line.strip())
        finally:
            self.session.changed()
        return terminal_text(said.rstrip("\n").split("\n"))

    def _finish(self, words: Sequence[str]) -> str:
        if self.session.statement is None and list(words) != [YES]:
            return say(self._language, "practice.nothing_stated")
        found = self.session.finish()
        if self.session.withheld:
            return say(self._language, "practice.withheld")
        return grade_text(found, self._language)

    def _quit(self, _: Sequence[str]) -> str:
        self.left = True
        return ""
