"""A rule panel in ipywidgets: a checkbox for each rule; every click redraws the path and the transcript."""

import html
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import ipywidgets as widgets

from drilllib.core.answers import Question, Trace
from drilllib.core.drills import Lab
from drilllib.core.rules import Direction, Rule
from drilllib.core.trace import trace
from drilllib.errors import DrillError
from drilllib.views.phrases import say
from drilllib.views.shown import svg_or_none
from drilllib.views.text import trace_text


class RulePanel(widgets.VBox):
    """
    Checkboxes that open and close the ingress rules of some groups in *lab*.

    *offered* are rules that are not in a group yet; ticking one puts it on top. Unticking a rule takes it out,
    ticking it again puts it back where it was.
    """

    def __init__(self, lab: Lab, question: Question, offered: Mapping[str, Sequence[Rule]], language: str) -> None:
        self._lab, self._question, self._language = lab, question, language
        self._boxes: dict[str, list[tuple[widgets.Checkbox, Rule]]] = {}
        for group_id, rules in offered.items():
            present = lab.rules(group_id, Direction.INGRESS)
            texts = {rule.text for rule in present}
            self._boxes[group_id] = [(self._box(rule, False), rule) for rule in rules if rule.text not in texts]
            self._boxes[group_id] += [(self._box(rule, True), rule) for rule in present]
        self._picture, self._transcript = widgets.HTML(), widgets.HTML()
        self._answer: Trace | None = None
        columns = [self._column(group_id, boxes) for group_id, boxes in self._boxes.items()]
        help_line = widgets.HTML(say(language, "panel_help"))
        wrap = widgets.Layout(flex_flow="row wrap")
        super().__init__([help_line, widgets.Box(columns, layout=wrap), self._picture, self._transcript])
        self._redraw()

    def __repr__(self) -> str:
        lines = []
        for group_id, boxes in self._boxes.items():
            lines.append(f"{group_id} {say(self._language, 'panel_groups')}")
            lines += [f"  [{'x' if box.value else ' '}] {rule.text}" for box, rule in boxes]
        return "\n".join([*lines, "", trace_text(self._answer, self._language)])

    def _repr_mimebundle_(self, **options: Any) -> dict[str, Any]:
        """Besides the live view, a text and a picture for places where no kernel runs."""
        bundle = dict(super()._repr_mimebundle_(**options) or {})
        bundle["text/plain"] = repr(self)
        drawn = svg_or_none(self._answer, self._language)
        return {**bundle, "image/svg+xml": drawn} if drawn else bundle

    def _box(self, rule: Rule, ticked: bool) -> widgets.Checkbox:
        box = widgets.Checkbox(value=ticked, description=rule.text, indent=False)
        box.layout = widgets.Layout(width="auto")
        if not ticked:
            box.tooltip = say(self._language, "other_rules")
        return box

    def _column(self, group_id: str, boxes: Sequence[tuple[widgets.Checkbox, Rule]]) -> widgets.VBox:
        for box, _ in boxes:
            box.observe(self._applier(group_id), names="value")
        title = widgets.HTML(f"<b>{html.escape(group_id)}</b> {say(self._language, 'panel_groups')}")
        layout = widgets.Layout(margin="0 24px 8px 0", min_width="260px")
        return widgets.VBox([title, *(box for box, _ in boxes)], layout=layout)

    def _applier(self, group_id: str) -> Callable[[Any], None]:
        def apply(_: Any) -> None:
            rules = tuple(rule for box, rule in self._boxes[group_id] if box.value)
            try:
                self._lab.replace_rules(group_id, Direction.INGRESS, rules)
                self._redraw()
            except DrillError as error:  # such as a lab that was closed
                self._picture.value, self._transcript.value = f"<pre>{html.escape(str(error))}</pre>", ""

        return apply

    def _redraw(self) -> None:
        self._answer = trace(self._lab.snapshot(), self._question)
        drawn = svg_or_none(self._answer, self._language)
        self._picture.value = drawn or f"<pre>{html.escape(trace_text(self._answer, self._language))}</pre>"
        said = self._lab.probe(self._question).transcript
        self._transcript.value = f"<pre>$ curl -I http://{self._answer.question.vip}\n{html.escape(said)}</pre>"
