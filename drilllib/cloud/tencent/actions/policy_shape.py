"""The parameters that carry rules: SecurityGroupPolicySet of VPC 2017-03-12."""

from drilllib.cloud.tencent.schema import LEFT_OUT

POLICY = {
    "PolicyIndex?": int,
    "Protocol?": str,
    "Port?": str,
    "ServiceTemplate?": {"ServiceId?": str, "ServiceGroupId?": str},
    "CidrBlock?": str,
    "Ipv6CidrBlock?": str,
    "SecurityGroupId?": str,
    "AddressTemplate?": {"AddressId?": str, "AddressGroupId?": str},
    "Action?": str,
    "PolicyDescription?": str,
    "ModifyTime?": str,  # output only; taken and not kept, so that what was read can be sent back
    "Priority?": LEFT_OUT,  # how it relates to PolicyIndex is not documented
}
POLICY_SET = {
    "Version?": str,
    "Ingress?": [POLICY],
    "Egress?": [POLICY],
    "PolicyStatistics?": {
        "IngressIPv4TotalCount?": int,
        "IngressIPv6TotalCount?": int,
        "EgressIPv4TotalCount?": int,
        "EgressIPv6TotalCount?": int,
    },
}
DIRECTIONS = ("Ingress", "Egress")
