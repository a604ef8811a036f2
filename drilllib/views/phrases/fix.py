"""What `drill fix` says, in English and Chinese."""

_EN = {
    "now": "now: ",
    "then": "after the change: ",
    "clients": "{sources}: {verdict} ({reason})",
    "nothing": "Nothing has to change: every request from {sources} succeeds already.",
    "not_a_group": "No change of security groups makes these requests succeed:",
    "not_enough": "The change below is needed, and is not enough. What is left is not a security group's doing:",
    "undetermined": "It cannot be said what would help, because a fact is missing:",
    "stopping": "what stops them:",
    "smallest": "smallest change ({size}):",
    "instead": "or instead ({size}):",
    "size": "{edits}; collateral: {flows}",
    "one_edit": "1 edit",
    "edits": "{count} edits",
    "no_flows": "nothing",
    "one_flow": "1 flow",
    "flows": "{count:,} flows",
    "beside": "  collateral, newly accepted beside what was asked, because these interfaces have the same group:",
    "overrides": "  this takes the effect from {spot} {rule} for {sources}",
    "subnets_of_nodes": "The pod sees the node's address. The rule names the nodes' subnet: "
    "one for single nodes fails when the pool grows.",
    "subnets_of_pods": "The rule names the pods' subnet, because pods change their addresses.",
    "only_here": "Interfaces outside of the snapshot that have these groups are not counted.",
    "world": "{group} {direction} opens to the world, because {block} was asked for.",
    "health": "Target {target} stays {state}: its health checks are dropped by {group}.",
    "in_console": "console:",
    "console": "VPC > Security groups > {what}",
    "inbound": "ingress",
    "outbound": "egress",
    "do_insert": "{group} {side}: insert before index {place}: {new}",
    "do_append": "{group} {side}: add at the bottom: {new}",
    "do_replace": "{group} {side}: replace index {place}, {old}, by {new}",
    "do_delete": "{group} {side}: delete index {place}, {old}",
}

_ZH = {
    "now": "现在：",
    "then": "改动之后：",
    "clients": "{sources} {verdict}（{reason}）",
    "nothing": "无需改动：来自 {sources} 的请求已全部成功。",
    "not_a_group": "改安全组解决不了这些请求的问题：",
    "not_enough": "下面的改动是必需的，但还不够。剩下的原因不在安全组：",
    "undetermined": "缺少关键信息，无法判断怎样改才有用：",
    "stopping": "被谁拦住：",
    "smallest": "最小改动（{size}）：",
    "instead": "也可以这样改（{size}）：",
    "size": "{edits}；附带放通：{flows}",
    "one_edit": "1 处",
    "edits": "{count} 处",
    "no_flows": "无",
    "one_flow": "1 条流",
    "flows": "{count:,} 条流",
    "beside": "  附带放通：下列网卡绑定了同一安全组，因此除所要求的之外还新放通了：",
    "overrides": "  改动后，{spot} {rule} 对 {sources} 不再生效",
    "subnets_of_nodes": "Pod 看到的是节点地址。规则写节点所在的子网，不写单个节点：否则节点池一扩容就失效。",
    "subnets_of_pods": "规则写 Pod 所在的子网，因为 Pod 的地址会变。",
    "only_here": "快照之外绑定了这些安全组的网卡未计算在内。",
    "world": "{group} {direction}相当于向全网放通，因为要求放通的是 {block}。",
    "health": "后端 {target} 仍为 {state}：健康检查被 {group} 丢弃。",
    "in_console": "控制台：",
    "console": "私有网络 > 安全组 > {what}",
    "inbound": "入站规则",
    "outbound": "出站规则",
    "do_insert": "{group} {side}：在序号 {place} 之前插入 {new}",
    "do_append": "{group} {side}：在末尾添加 {new}",
    "do_replace": "{group} {side}：把序号 {place} 的 {old} 换成 {new}",
    "do_delete": "{group} {side}：删除序号 {place} 的 {old}",
}

_TABLES = {"en": _EN, "zh": _ZH}


def tell(language: str, key: str, **facts: object) -> str:
    """One sentence, with its facts filled in."""
    return _TABLES[language][key].format(**facts)
