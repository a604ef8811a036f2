"""Annotations of a Service that its load balancer follows [TKE-SVC]."""

DIRECT_ACCESS = "service.cloud.tencent.com/direct-access"
GROUPS = "service.cloud.tencent.com/security-groups"
LOAD_BALANCER_ID = "service.kubernetes.io/loadbalance-id"
EXISTING_LOAD_BALANCER_ID = "service.kubernetes.io/tke-existed-lbid"
PASS_TO_TARGET = "service.cloud.tencent.com/pass-to-target"
