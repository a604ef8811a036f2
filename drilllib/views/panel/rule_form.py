"""The form for a new rule: the rule that its fields make, or an error for each wrong field."""

import unicodedata
from ipaddress import ip_address, ip_interface

from drilllib.core.rules.policies import rule_from_text
from drilllib.core.rules.rules import PROTOCOLS_WITH_PORTS, Rule
from drilllib.errors import InvalidRuleError, quoted
from drilllib.views.panel.commands import RuleFields
from drilllib.views.panel.messages import FieldName
from drilllib.views.phrases.catalog import say


def rule_of(fields: RuleFields) -> Rule:
    """
    The rule in the fields.

    Raises:
        InvalidRuleError: The fields do not make a rule.
    """
    return rule_from_text(" ".join(_words(fields)))


def errors_of(fields: RuleFields, language: str) -> dict[FieldName, str]:
    """For each wrong field, what to write instead; empty for a valid rule."""
    if _reads(fields):
        return {}
    found: dict[FieldName, str] = {}
    if not _reads({**fields, "action": "ACCEPT", "protocol": "ALL"}):
        found["peer"] = say(language, "peer_wrong", value=quoted(_word(fields, "peer")))
    if not any(_reads({**fields, "action": "ACCEPT", "peer": peer}) for peer in ("0.0.0.0/0", "::/0")):
        found["port"] = say(language, "port_wrong", value=quoted(_word(fields, "port")))
    return found or {"peer": say(language, "peer_unfit", value=quoted(_word(fields, "peer")))}


def hint_of(fields: RuleFields, language: str) -> str:
    """What a block with host bits means, ``203.0.113.0/24`` for 203.0.113.10/24; empty for any other far end."""
    typed = _word(fields, "peer")
    try:
        block = ip_interface(typed).network
    except ValueError:
        return ""
    address = typed.partition("/")[0]
    if "/" not in typed or ip_address(address) == block.network_address:
        return ""
    return say(language, "ui_host_bits", block=block, address=address)


def _reads(fields: RuleFields) -> bool:
    try:
        rule_of(fields)
    except InvalidRuleError:
        return False
    return True


def _words(fields: RuleFields) -> list[str]:
    """One word for each field, even if it is empty or has spaces; otherwise the line would mean something else."""
    names: tuple[FieldName, ...] = ("action", "protocol", "peer")
    words = [_word(fields, name).replace(" ", "_") or "?" for name in names]
    port = _word(fields, "port").replace(" ", "") or "?"
    return [*words, port if words[1] in PROTOCOLS_WITH_PORTS else "ALL"]


def _word(fields: RuleFields, name: FieldName) -> str:
    """A field as typed, with full-width characters, as Chinese input methods produce, made half-width."""
    return unicodedata.normalize("NFKC", fields.get(name, "")).strip()
