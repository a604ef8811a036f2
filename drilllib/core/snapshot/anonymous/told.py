"""
What was not read, as an anonymous snapshot says it: texts for people, of which only known words stay.

A word of a gap is a name or an address of the snapshot, which is replaced as everywhere; or one of the words that
captures write, of the vendor's calls, rights and error codes; else it may be anything, and goes.
"""

import re

from drilllib.core.snapshot.anonymous.addresses import address_in
from drilllib.core.snapshot.anonymous.words import WITHHELD, Words

# Of the reasons that core/capture writes, and the names of parts and kinds.
_KNOWN = """
a address address_template_groups address_templates addresses after all allowed an answer any are ask asked at
authorizationpolicies balancer by call changed ciliumnetworkpolicies clb cloud cluster clusters com command configmaps
cvm default discovery does each empty endpointslices eniipamd enough even every failed few file files for from gateway
gateways grant group groups has have here how httproutes in ingresses instances io is istio it items its k8s known
kube-system kubectl kubernetes let letter List list listeners load load_balancers lost may missing name names
namespaces network_interfaces networking networkpolicies networkpolicy no nodeeniconfigs nodes not of on once one only
or other others own page pages part parts peerauthentications permission persons pods prints read refused regions
request rest right rights rows rules say says security security_groups securitygrouppolicies serves service
service_template_groups service_templates services sg shape shows snapshot so some source subnets taken target_health
Targets tell tells tencent that the their them then there they time tke tke-service-controller-config to too total up
v1 values virtualservices vpc vpcresources was were when where which while whole with without
"""
_WORDS = frozenset(_KNOWN.split())
_CODED = re.compile(r"(Describe|Unauthorized|Forbidden|NotFound|Resource|Internal|Invalid|Limit|Request|Auth)[A-Za-z]*")
_NUMBER = re.compile(r"\d{1,5}")
_RIGHT = re.compile(r"(clb|cvm|vpc|tke|get|list|watch)")
_ID = re.compile(r"[a-z]{2,6}-[a-z0-9]{8,16}")
_TOKEN = re.compile(r"[^\s,;()'\"]+")
_PIECE = re.compile(r"[\w-]+")


def told_gap(text: str, words: Words) -> str:
    """The text with names and addresses replaced, and all words but known ones left out."""
    return _TOKEN.sub(lambda token: _token(token[0], words), text)


def _token(token: str, words: Words) -> str:
    """A name as it is, an address; else what stands between dots and colons, each by itself."""
    plain = token.rstrip(".:")
    if address_in(plain) is not None or words.knows(plain):
        return words.name(plain, "value") + token[len(plain) :]
    if _NUMBER.fullmatch(plain):  # a count, and no part of an address
        return token
    return _PIECE.sub(lambda piece: _piece(piece[0], words), token)


def _piece(piece: str, words: Words) -> str:
    if words.knows(piece):
        return words.name(piece, "value")
    if any(each.fullmatch(piece) for each in (_CODED, _RIGHT)) or piece in _WORDS:
        return piece
    return words.name(piece, "id") if _ID.fullmatch(piece) else WITHHELD
