"""
The objects of instances, networks, groups and clusters: CVM and VPC API 2017-03-12, TKE API 2018-05-25.

By the field texts of the vendor's SDK; where a text does not say what a value does to a packet, the value is doubted.
"""

from drilllib.core.snapshot.ledger.tables import Kind, only
from drilllib.core.snapshot.resources import OFF

_CVM, _VPC, _TKE = "CVM 2017-03-12", "VPC 2017-03-12", "TKE 2018-05-25"
_ADDRESS = only("AVAILABLE", why="PENDING, MIGRATING, DELETING: the address may not be reached")

INSTANCE = Kind(
    "Instance",
    _CVM,
    read="""
        InstanceId InstanceName PrivateIpAddresses PublicIpAddresses IPv6Addresses SecurityGroupIds
        VirtualPrivateCloud.VpcId
    """,
    harmless="""
        CPU CamRoleName CpuTopology CreatedTime DataDisks DedicatedClusterId DefaultLoginPort DefaultLoginUser
        DisableApiTermination DisasterRecoverGroupId DisasterRecoverGroupIds EnableJumboFrame ExpiredTime GPUInfo
        HostName HpcClusterId ImageId InstanceChargeType InstanceType InternetAccessible LatestOperation
        LatestOperationErrorMsg LatestOperationRequestId LatestOperationState LicenseType LoginSettings Memory Metadata
        OsName PartitionNumber Placement PublicIPv6Addresses RdmaIpAddresses RenewFlag
        StopChargingMode SystemDisk Tags Uuid VirtualPrivateCloud.*
    """,
    fine={
        "InstanceState": only("RUNNING", *sorted(OFF), why="of a machine that is neither on nor off nobody can tell"),
        "RestrictState": only("NORMAL", why="EXPIRED, PROTECTIVELY_ISOLATED: the machine may be cut off"),
        "IsolatedSource": only("NOTISOLATED", why="isolated for arrears, or because it expired or was returned"),
    },
)

NETWORK_INTERFACE = Kind(
    "NetworkInterface",
    _VPC,
    read="""
        NetworkInterfaceId Primary Attachment.InstanceId PrivateIpAddressSet[].PrivateIpAddress
        PrivateIpAddressSet[].Primary PrivateIpAddressSet[].PublicIpAddress Ipv6AddressSet[].Address
        Ipv6AddressSet[].Primary GroupSet VpcId
    """,
    harmless="""
        NetworkInterfaceName NetworkInterfaceDescription AttachType Business CdcId CreatedTime MacAddress QosLevel
        ResourceId SubnetId TagSet Zone Ipv6AddressCount Ipv6Addresses
        Attachment.AttachTime Attachment.DeviceIndex Attachment.InstanceAccountId
        PrivateIpAddressSet[].AddressId
        PrivateIpAddressSet[].Description PrivateIpAddressSet[].QosLevel PrivateIpAddressSet[].IsWanIpBlocked
        Ipv6AddressSet[].AddressId Ipv6AddressSet[].AddressType
        Ipv6AddressSet[].Description Ipv6AddressSet[].IsWanIpBlocked Ipv6AddressSet[].PublicIpAddress
    """,
    fine={
        "EniType": only(0, 1, 2, why="no other kind of interface is documented"),
        "State": only("AVAILABLE", "INUSE", why="an interface that is being made, bound, unbound or deleted"),
        "NetworkInterfaceState": only("AVAILABLE", "INUSE", why="as the one before"),
        "PrivateIpAddressSet[].State": _ADDRESS,
        "Ipv6AddressSet[].State": _ADDRESS,
    },
    notes={
        "PrivateIpAddressSet[].IsWanIpBlocked": "of the public address, which no packet here goes through",
        "Ipv6Addresses": "of requests; answers have `Ipv6AddressSet`",
    },
)

SUBNET = Kind(
    "Subnet",
    _VPC,
    read="SubnetId CidrBlock Ipv6CidrBlock",
    harmless="""
        SubnetName AvailableIpAddressCount TotalIpAddressCount CdcId CreatedTime EnableBroadcast IsCdcSubnet IsDefault
        IsRemoteVpcSnat RouteTableId StackType TagSet VpcId Zone
    """,
    fine={
        "NetworkAclId": only(
            why="a network ACL filters the subnet, replies as well", call="tccli vpc DescribeNetworkAcls"
        )
    },
)

SECURITY_GROUP = Kind(
    "SecurityGroup",
    f"{_VPC}, with the SecurityGroupPolicySet",
    read="""
        SecurityGroupPolicySet.Version SecurityGroupPolicySet.Ingress SecurityGroupPolicySet.Egress
    """,
    harmless="""
        SecurityGroupId SecurityGroupName SecurityGroupDesc CreatedTime UpdateTime IsDefault ProjectId TagSet
        SecurityGroupPolicySet.PolicyStatistics RequestId
    """,
    notes={"RequestId": "of the whole answer, where that was saved"},
)

SECURITY_GROUP_POLICY = Kind(
    "SecurityGroupPolicy",
    _VPC,
    read="""
        PolicyIndex Protocol Port CidrBlock Ipv6CidrBlock SecurityGroupId Action
        AddressTemplate.AddressId AddressTemplate.AddressGroupId
        ServiceTemplate.ServiceId ServiceTemplate.ServiceGroupId
    """,
    harmless="Priority PolicyDescription ModifyTime",
    notes={"Priority": "what it means beside `PolicyIndex` is not documented; see model.md"},
)

ADDRESS_TEMPLATE = Kind(
    "AddressTemplate",
    _VPC,
    read="AddressSet AddressExtraSet[].Address",
    harmless="""
        AddressTemplateId AddressTemplateName CreatedTime UpdatedTime TagSet
        AddressExtraSet[].Description AddressExtraSet[].UpdatedTime
    """,
)

ADDRESS_TEMPLATE_GROUP = Kind(
    "AddressTemplateGroup",
    _VPC,
    read="AddressTemplateIdSet",
    harmless="AddressTemplateGroupId AddressTemplateGroupName AddressTemplateSet CreatedTime UpdatedTime TagSet",
    notes={"AddressTemplateSet": "the same templates once more"},
)

SERVICE_TEMPLATE = Kind(
    "ServiceTemplate",
    _VPC,
    read="ServiceSet ServiceExtraSet[].Service",
    harmless="""
        ServiceTemplateId ServiceTemplateName CreatedTime UpdatedTime TagSet
        ServiceExtraSet[].Description ServiceExtraSet[].UpdatedTime
    """,
)

SERVICE_TEMPLATE_GROUP = Kind(
    "ServiceTemplateGroup",
    _VPC,
    read="ServiceTemplateIdSet",
    harmless="ServiceTemplateGroupId ServiceTemplateGroupName ServiceTemplateSet CreatedTime UpdatedTime TagSet",
    notes={"ServiceTemplateSet": "the same templates once more"},
)

CLUSTER = Kind(
    "Cluster",
    f"{_TKE}, with what the snapshot has beside it",
    read="""
        NetworkType VpcCniType Property ClusterVersion eniipamd.enableSecurityGroups eniipamd.securityGroups
        networkpolicy.enforced controller_config.EnableDefaultDirectAccess ClusterNetworkSettings.VpcId
        KubeProxyMode ClusterNetworkSettings.KubeProxyMode ClusterNetworkSettings.Ipvs
    """,
    harmless="""
        ClusterId ClusterName ClusterDescription ClusterOs ClusterType ClusterCategory ClusterLevel
        ClusterEtcdNodeNum ClusterMaterNodeNum ClusterNodeNum AutoUpgradeClusterLevel CdcId ContainerRuntime
        RuntimeVersion CreatedTime DeletionProtection EnableExternalNode ImageId IsHighAvailability OsCustomizeType
        ProjectId QGPUShareEnable TagSpecification eniipamd.* controller_config.*
        SecurityModeConfig.Labels SecurityModeConfig.Namespaces
        ClusterNetworkSettings.CiliumMode ClusterNetworkSettings.ClusterCIDR ClusterNetworkSettings.Cni
        ClusterNetworkSettings.IgnoreClusterCIDRConflict ClusterNetworkSettings.IgnoreServiceCIDRConflict
        ClusterNetworkSettings.Ipv6ServiceCIDR ClusterNetworkSettings.IsDualStack
        ClusterNetworkSettings.MaxClusterServiceNum
        ClusterNetworkSettings.MaxNodePodNum ClusterNetworkSettings.ServiceCIDR ClusterNetworkSettings.SubnetId
        ClusterNetworkSettings.Subnets
    """,
    fine={
        "ClusterStatus": only(
            *("Running", "Scaling", "Upgrading", "NodeUpgrading", "RuntimeUpgrading", "MasterScaling"),
            *("ClusterLevelUpgrading", "Pause"),
            why="a cluster that is not made yet, isolated, idle, abnormal or being deleted",
        ),
        "ClusterNetworkSettings.DataPlaneV2": only(False, why="Cilium stands in kube-proxy's place"),
        "SecurityModeConfig.Enabled": only(False, why="network policies are put into the cluster"),
    },
    notes={
        "KubeProxyMode": "for clients inside the cluster; for NodePorts the modes are taken to be alike, see model.md",
        "ClusterNetworkSettings.KubeProxyMode": "as the one before",
        "ClusterNetworkSettings.Ipvs": "as the one before",
    },
)

CLOUD_KINDS = (
    *(INSTANCE, NETWORK_INTERFACE, SUBNET, SECURITY_GROUP, SECURITY_GROUP_POLICY, ADDRESS_TEMPLATE),
    *(ADDRESS_TEMPLATE_GROUP, SERVICE_TEMPLATE, SERVICE_TEMPLATE_GROUP, CLUSTER),
)
