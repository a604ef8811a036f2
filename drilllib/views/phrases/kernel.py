"""The sentences about real packets, in English and Chinese; `phrases` has all others."""

WITNESS_EN = {
    "witness_title": "what the kernel saw:",
    "witness_agrees": "The model says the same.",
    "witness_differs": "THE MODEL SAYS OTHERWISE. This is a bug in drilllib, or something new about the cloud:",
    "witness_symptom": "symptom",
    "witness_path": "path",
    "witness_health": "health",
    "witness_difference": "  {what}: seen {seen}; expected {expected}",
    "witness_pods": "By hand: {pods}. No snapshot says so, and the model does not know.",
    "watch_nothing": "  nothing",
    "watch_host": "{host}:",
    "count_title": "{group} {direction}, new connections counted at each rule:",
    "real_only": "(This needs real packets, and this lab is simulated: {problem})",
    "real_not_chosen": 'choose them with lab="netns"',
}
WITNESS_ZH = {
    "witness_title": "内核看到的：",
    "witness_agrees": "与模型一致。",
    "witness_differs": "模型说的不一样。要么是 drilllib 的缺陷，要么是云上的新行为：",
    "witness_symptom": "现象",
    "witness_path": "路径",
    "witness_health": "健康状态",
    "witness_difference": "  {what}：看到 {seen}；预期 {expected}",
    "witness_pods": "手工设定：{pods}。快照里没有这一条，模型并不知道。",
    "watch_nothing": "  什么也没有",
    "watch_host": "{host}：",
    "count_title": "{group} {direction}，每条规则命中的新建连接数：",
    "real_only": "（这一步需要真实报文，而当前是模拟环境：{problem}）",
    "real_not_chosen": '用 lab="netns" 选择真实报文',
}
