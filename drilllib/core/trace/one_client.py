"""`trace` for those who name a client: of an anonymous snapshot no address is taken that was somebody's before."""

from ipaddress import ip_network

from drilllib.core.rules.addresses import parse_client
from drilllib.core.snapshot.anonymous.asked import require_renamed, require_renamed_vip
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace import request
from drilllib.core.trace.answer import Question, Trace


def trace(snapshot: Snapshot, question: Question, *, all_paths: bool = False) -> Trace:
    """
    Follow a request on every path it may take: does it succeed, what does the client meet, and what blocks it?

    The answer has all its evidence: the rule behind every decision, each target's health, each assumption and each
    missing fact. A blocked request is an answer, not an error; where a missing fact decides, the verdict is
    undetermined. Times are documented seconds. Behaviour: docs/model.md, its sources docs/codes.md.

    Targets and endpoints that no check tells apart are walked once and counted; with *all_paths* each is by itself.

    Raises:
        InvalidInputError: An address, the port or the protocol of the question cannot be used, or the client is none of
            an anonymous snapshot's.
        UnknownNameError: The Service is not in the snapshot.
        TooComplexError: Thousands of paths differ, or with *all_paths* there are thousands.
    """
    if snapshot.public_blocks is not None:
        require_renamed_vip(snapshot, question.vip)
        require_renamed(snapshot, [ip_network(parse_client(question.client))])
    return request.trace(snapshot, question, all_paths=all_paths)
