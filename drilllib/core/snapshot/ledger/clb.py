"""
The objects of the load balancer: CLB API 2018-03-17, by the field texts of the vendor's SDK.

Where a text does not say what a value does to a packet, the value is doubted.
"""

from drilllib.core.snapshot.ledger.tables import Kind, only

_MODEL = "CLB 2018-03-17"
_ONE_WAY = only("UNIDIRECTIONAL", why="MUTUAL: clients without a certificate are refused")
_GROUP_OF_TARGETS = only(
    why="the targets are those of the target group, which the snapshot has no part for",
    call="tccli clb DescribeTargetGroupInstances",
)
_OF_CERTIFICATE = "Certificate.CertId Certificate.CertCaId Certificate.ExtCertIds Certificate.SSLVerifyClient"
_OF_GROUP = """
        TargetGroup.TargetGroupName TargetGroup.Weight TargetGroupList[].TargetGroupName TargetGroupList[].Weight
"""
_SPREAD = only("WRR", "LEAST_CONN", why="IP_HASH: one client always gets the same target")

LOAD_BALANCER = Kind(
    "LoadBalancer",
    _MODEL,
    read="""
        LoadBalancerId LoadBalancerVips AddressIPv6 LoadBalancerDomain AddressIPVersion
        SecureGroups LoadBalancerPassToTarget SnatPro SnatIps[].Ip VpcId TargetRegionInfo.VpcId
    """,
    harmless="""
        LoadBalancerName Domain CreateTime StatusTime IsolatedTime IsBlockTime ExpireTime ProjectId Tags
        ChargeType NetworkAttributes PrepaidAttributes SlaType Exclusive ExclusiveCluster ClusterIds ClusterTag
        NumericalVpcId SubnetId SnatIps[].SubnetId Zones MasterZone BackupZoneSet AnycastZone VipIsp LocalBgp
        Egress TargetRegionInfo.* TargetCount ConfigId Log LogSetId LogTopicId HealthLogSetId HealthLogTopicId
        OpenBgp IsDDos IPv6Mode MixIpTarget AssociateEndpoint ExtraInfo.TgwGroupName
        AvailableZoneAffinityInfo.ExitRatio AvailableZoneAffinityInfo.ReentryRatio
    """,
    fine={
        "Forward": only(0, 1, why="neither classic nor the kind of today"),
        "LoadBalancerType": only("OPEN", "INTERNAL", why="neither public nor private"),
        "Status": only(1, why="0: it is being created"),
        "Isolation": only(0, why="1: isolated for arrears, which may mean that it forwards nothing"),
        "IsBlock": only(False, why="the VIP is blocked"),
        "Snat": only(False, why="targets see an internal address in the client's place"),
        "AttributeFlags": only(
            *("DeleteProtect", "UserInVisible", "ShiftupFlag", "SgInTgw", "SharedLimitFlag"),
            *("IsDomainCLB", "HideDomain", "JumboFrame", "BgpPro", "ToaClean"),
            why="BlockStatus, BanStatus and Stop stop it; WafFlag filters; others change addresses",
        ),
        "AvailableZoneAffinityInfo.Enable": only(False, why="targets of the client's zone are preferred"),
        "ExtraInfo.ZhiTong": only(False, why="packets go past the balancer's translation"),
        "NfvInfo": only(why="layer 7 runs on machines whose addresses are not documented"),
    },
    notes={
        "Domain": "the older name of a classic CLB; `LoadBalancerDomain` is read",
        "IPv6Mode": "the families of VIP and target are compared instead",
        "MixIpTarget": "as the one before",
        "TargetRegionInfo.*": "its VPC tells whether targets are elsewhere",
        "ConfigId": "timeouts and headers; the answer has the default timeouts",
    },
)

LISTENER = Kind(
    "Listener",
    f"{_MODEL}, with `Targets` of ListenerBackend",
    read="ListenerId Protocol Port EndPort HealthCheck Rules Targets SessionExpireTime",
    harmless=f"""
        ListenerName CreateTime DataCompressMode DeregisterTargetRst RescheduleInterval RescheduleStartTime
        IdleConnectTimeout MaxConn MaxCps SessionType SniSwitch Toa {_OF_CERTIFICATE} {_OF_GROUP}
    """,
    fine={
        "KeepaliveEnable": only(0, 1, why="no other value is documented"),
        "TargetType": only("NODE", why="TARGETGROUP, TARGETGROUP-V2, POLARIS: the targets stand elsewhere"),
        "TargetGroup.TargetGroupId": _GROUP_OF_TARGETS,
        "TargetGroupList[].TargetGroupId": _GROUP_OF_TARGETS,
        "Scheduler": _SPREAD,
        "AttrFlags": only(why="the vendor lists no flags; its example has Stop"),
        "Certificate.SSLMode": _ONE_WAY,
    },
    notes={
        "MaxConn": "limits are taken not to be met",
        "MaxCps": "as the one before",
        "Toa": "it tells an application the client's address; no group sees it",
    },
)

RULE_OUTPUT = Kind(
    "RuleOutput",
    f"{_MODEL}, with `Targets` of RuleTargets",
    read="""
        LocationId Domain Domains Url DefaultServer HealthCheck Targets RewriteTarget.TargetListenerId
        RewriteTarget.TargetLocationId RewriteTarget.RewriteCode RewriteTarget.RewriteType RewriteTarget.TakeUrl
        SessionExpireTime
    """,
    harmless=f"""
        ListenerId CreateTime BeAutoCreated CookieName Http2 HttpGzip QuicStatus TrpcCallee TrpcFunc
        OAuth.OAuthFailureStatus {_OF_CERTIFICATE} {_OF_GROUP}
    """,
    fine={
        "TargetType": only("NODE", why="TARGETGROUP: the targets stand elsewhere"),
        "TargetGroup.TargetGroupId": _GROUP_OF_TARGETS,
        "TargetGroupList[].TargetGroupId": _GROUP_OF_TARGETS,
        "FunctionTargets": only(why="a cloud function answers"),
        "ForwardType": only("HTTP", "HTTPS", why="GRPC, TRPC: what a plain request meets is not documented"),
        "OAuth.OAuthEnable": only(False, why="requests without a login are refused or sent elsewhere"),
        "WafDomainId": only(why="a web application firewall may refuse the request"),
        "Scheduler": _SPREAD,
        "Certificate.SSLMode": _ONE_WAY,
    },
    notes={
        "BeAutoCreated": "`RewriteTarget` says where an automatic redirect leads",
        "TrpcCallee": "only with `ForwardType` TRPC, which is doubted",
        "TrpcFunc": "as the one before",
    },
)

BACKEND = Kind(
    "Backend",
    _MODEL,
    read="Type InstanceId PrivateIpAddresses Port Weight",
    harmless="EniId InstanceName PublicIpAddresses RegisteredTime Tag Zone",
    notes={"EniId": "an interface is found by the target's address"},
)

HEALTH_CHECK = Kind(
    "HealthCheck",
    _MODEL,
    read="CheckPort HttpCode",
    harmless="""
        HealthNum UnHealthNum IntervalTime TimeOut HttpCheckDomain HttpCheckMethod HttpCheckPath HttpVersion
        ContextType SendContext RecvContext ExtendedCode
    """,
    fine={
        "HealthSwitch": only(0, 1, why="neither on nor off"),
        "SourceIpType": only(0, 1, why="no third source of probes is documented"),
        "CheckType": only("TCP", "HTTP", "HTTPS", "PING", why="CUSTOM, GRPC: the application has to give one answer"),
    },
    notes={
        "HttpCheckPath": "taken to be answered as requests are",
        "ContextType": "only with `CheckType` CUSTOM, which is doubted",
        "ExtendedCode": "only with `CheckType` GRPC, which is doubted",
    },
)

LISTENER_HEALTH = Kind(
    "ListenerHealth",
    _MODEL,
    read="ListenerId Rules[].LocationId Rules[].Targets",
    harmless="ListenerName Port Protocol Rules[].Domain Rules[].Url Rules[].RuleId",
    notes={"Rules[].RuleId": "a rule is found by its `LocationId`"},
)

TARGET_HEALTH = Kind(
    "TargetHealth",
    _MODEL,
    read="TargetId IP Port HealthStatusDetail HealthStatusDetial HealthStatus",
    harmless="Weight TargetGroupId",
)

CLB_KINDS = (LOAD_BALANCER, LISTENER, RULE_OUTPUT, BACKEND, HEALTH_CHECK, LISTENER_HEALTH, TARGET_HEALTH)
