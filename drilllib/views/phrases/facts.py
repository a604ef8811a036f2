"""Missing facts in Chinese. The engine names them in English; what no pattern here fits stays so."""

import re
from collections.abc import Iterable

_SEVERAL = re.compile(r", (?=the (?:ingress|egress|members) )")  # of one check
_DIRECTIONS = {"ingress": "入站", "egress": "出站"}
_ZH = [
    (re.compile(pattern), text)
    for pattern, text in (
        (r"the (ingress|egress) rules of (.+)", "{1} 的{0}规则"),
        (r"the members of (.+) \((.+)\)", "{0} 的成员（{1}）"),
        (r"(.+) and ((?:sg|ipm|ipmg|ppm|ppmg)-.+)", "{0} 和 {1}"),
        (r"groups of (.+) on the super node (.+)", "超级节点 {1} 上 {0} 的安全组"),
        (r"groups of the interface of (.+)", "{0} 的网卡的安全组"),
        (r"groups of the node (.+)", "节点 {0} 的安全组"),
        (r"(?:the )?groups of (.+)", "{0} 的安全组"),
        (r"the IPv(.) address of (.+)", "{1} 的 IPv{0} 地址"),
        (r"the VIP of (.+)", "{0} 的 VIP"),
        (r"SnatIps of (.+)", "{0} 的 SnatIps"),
        (r"listeners of (.+)", "{0} 的监听器"),
        (r"targets of (.+)", "{0} 的后端"),
        (r"health of (.+)", "后端 {0} 的健康状态"),
        (r"EndpointSlices of (.+)", "{0} 的 EndpointSlice"),
        (r"kubernetes objects", "Kubernetes 对象"),
        (r"the load balancer and its VIP", "CLB 及其 VIP"),
        (r"(primary|secondary|eni-\S+|None) of (.+)", "{1} 的网卡 {0}"),
        (r"which addresses (.+) has to admit", "{0} 需要放通哪些地址"),
        (r"which address of (.+)", "是 {0} 中的哪个地址"),
        (r"which node (.+) is", "{0} 是哪个节点"),
        (r"which pod has the address (.+)", "哪个 Pod 的地址是 {0}"),
        (r"which IPv6 addresses a keep-alive listener uses", "开启长连接的监听器使用哪些 IPv6 地址"),
        (r"which IPv4 address stands for an IPv6 client", "IPv6 客户端对应哪个 IPv4 地址"),
        (r"which of (.+) takes host (.+)", "域名 {1} 匹配 {0} 中的哪一个"),
        (r"whether host (.+) matches (.+)", "域名 {0} 是否匹配 {1}"),
        (r"whether path (.+) matches (.+)", "路径 {0} 是否匹配 {1}"),
        (r"whether (.+) is reached through its interface from its own node", "从同一节点访问 {0} 是否经过其网卡"),
        (
            r"whether the groups of (.+), a private one, apply to traffic through its EIP",
            "内网 CLB {0} 的安全组是否对经其 EIP 进入的流量生效",
        ),
        (r"whether SecurityGroupPolicy (.+) applies to (.+)", "SecurityGroupPolicy {0} 是否对 {1} 生效"),
        (
            r"what the CLB does with host (.*) and path (.*) \(its rules: (.*)\)",
            "CLB 怎样处理域名 {0}、路径 {1}（转发规则：{2}）",
        ),
        (r"how a client inside the cluster reaches the VIP", "集群内的客户端怎样访问 VIP"),
        (r"how a classic load balancer forwards", "传统型负载均衡怎样转发"),
        (r"how a listener with a port range behaves", "端口段监听器怎样工作"),
        (r"how a (.+) listener behaves", "{0} 监听器怎样工作"),
        (r"how a target of type (.+) is reached", "怎样到达 {0} 类型的后端"),
        (r"how an IPv6 target of an IPv4 VIP is reached", "IPv4 VIP 怎样到达 IPv6 后端"),
        (r"how pods are reached in the network (.+)", "{0} 网络中怎样到达 Pod"),
        (r"how interfaces behave in the mode (.+)", "{0} 模式下网卡怎样工作"),
    )
]


def fact_text(fact: str, language: str) -> str:
    """A missing fact, or the several of one check, in the reader's language."""
    if language != "zh":
        return fact
    return "、".join(_in_chinese(each) for each in _SEVERAL.split(fact))


def facts_text(facts: Iterable[str], language: str) -> str:
    """Several missing facts on one line."""
    return ("、" if language == "zh" else ", ").join(fact_text(each, language) for each in facts)


def _in_chinese(fact: str) -> str:
    """What stands inside of a pattern, such as two names, may be one itself."""
    for pattern, text in _ZH:
        found = pattern.fullmatch(fact)
        if found:
            return text.format(*(_DIRECTIONS.get(each) or _in_chinese(each) for each in found.groups()))
    return fact
