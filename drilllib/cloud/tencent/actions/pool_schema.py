"""The parameters of native node pools. API: TKE 2022-05-01, CreateNativeNodePoolParam and UpdateNativeNodePoolParam."""

from typing import Any

from drilllib.cloud.tencent.schema import LEFT_OUT, TAGS

_DISK = {
    "DiskType?": str,
    "DiskSize?": int,
    "AutoFormatAndMount?": bool,
    "FileSystem?": str,
    "MountTarget?": str,
    "DiskId?": str,
    "Encrypt?": str,
    "KmsKeyId?": str,
}
_DATA_DISK = {
    "DiskType?": str,
    "FileSystem?": str,
    "DiskSize?": int,
    "AutoFormatAndMount?": bool,
    "DiskPartition?": str,
    "MountTarget?": str,
    "Encrypt?": str,
    "KmsKeyId?": str,
    "SnapshotId?": str,
    "ThroughputPerformance?": int,
}
_NATIVE: dict[str, Any] = {
    "Scaling?": {"MinReplicas?": int, "MaxReplicas?": int, "CreatePolicy?": str, "ScaleDownMode?": str},
    "UpgradeSettings?": {
        "AutoUpgrade?": bool,
        "UpgradeOptions?": {"AutoUpgradeStartTime?": str, "Duration?": str, "WeeklyPeriod?": [str]},
        "Components?": [str],
        "MaxUnavailable?": {"Type?": int, "IntVal?": int, "StrVal?": str},
    },
    "AutoRepair?": bool,
    "InstanceChargePrepaid?": {"Period?": int, "RenewFlag?": str},
    "SystemDisk?": _DISK,
    "Management?": {"Nameservers?": [str], "Hosts?": [str], "KernelArgs?": [str]},
    "HealthCheckPolicyName?": str,
    "HostNamePattern?": str,
    "KubeletArgs?": [str],
    "Lifecycle?": {"PreInit?": str, "PostInit?": str},
    "RuntimeRootDir?": str,
    "EnableAutoscaling?": bool,
    "Replicas?": int,
    "DataDisks?": [_DATA_DISK],
    "KeyIds?": [str],
    "CustomImage?": str,
    **{f"{name}?": LEFT_OUT for name in ("GPUConfigs", "AutomationService", "Password")},
}
CREATE_NATIVE = {
    **_NATIVE,
    "SubnetIds": [str],
    "InstanceTypes": [str],
    "InstanceChargeType?": str,
    "SecurityGroupIds?": [str],
    "InternetAccessible?": {"MaxBandwidthOut?": int, "ChargeType?": str, "BandwidthPackageId?": str},
    "MachineType?": str,
    "QGPUEnable?": LEFT_OUT,
    "RuntimeVersion?": LEFT_OUT,
}
UPDATE_NATIVE = {
    **_NATIVE,
    "SubnetIds?": [str],
    "InstanceTypes?": [str],
    "InstanceChargeType?": str,
    "SecurityGroupIds?": [str],
    "UpdateExistedNode?": bool,
    "UpdateMachineManagement?": LEFT_OUT,
    "DeletePolicy?": LEFT_OUT,
}
COMMON = {
    "Labels?": [{"Name": str, "Value?": str}],
    "Taints?": [{"Key": str, "Value?": str, "Effect": str}],
    "Tags?": [{"ResourceType?": str, "Tags?": TAGS}],
    "DeletionProtection?": bool,
    "Unschedulable?": bool,
    "Annotations?": [{"Name": str, "Value?": str}],
    "SkipValidateOptions?": LEFT_OUT,
}
# InternetAccessible and InstanceChargePrepaid are not here: the Terraform provider would take either for a change.
DEFAULT_NATIVE = {
    "Scaling": {"MinReplicas": 0, "MaxReplicas": 0, "CreatePolicy": "ZonePriority", "ScaleDownMode": ""},
    "SecurityGroupIds": [],
    "AutoRepair": False,
    "InstanceChargeType": "POSTPAID_BY_HOUR",
    "SystemDisk": {
        "DiskType": "CLOUD_PREMIUM",
        "DiskSize": 50,
        "AutoFormatAndMount": False,
        "FileSystem": "",
        "MountTarget": "",
        "Encrypt": "",
        "KmsKeyId": "",
    },
    "UpgradeSettings": {
        "AutoUpgrade": False,
        "UpgradeOptions": {"AutoUpgradeStartTime": "", "Duration": "", "WeeklyPeriod": []},
        "Components": [],
        "MaxUnavailable": {"Type": 0, "IntVal": 0, "StrVal": ""},
    },
    "KeyIds": [],
    "Management": {"Nameservers": [], "Hosts": [], "KernelArgs": []},
    "HealthCheckPolicyName": "",
    "HostNamePattern": "",
    "KubeletArgs": [],
    "Lifecycle": {"PreInit": "", "PostInit": ""},
    "RuntimeRootDir": "",
    "EnableAutoscaling": False,
    "Replicas": 0,
    "DataDisks": [],
    "MachineType": "",
    "CustomImage": "",
}
# The items of lists, whose empty texts are dropped on the way in.
DEFAULT_ITEMS: dict[str, dict[str, Any]] = {
    "Labels": {"Value": ""},
    "Annotations": {"Value": ""},
    "Taints": {"Value": ""},
    "DataDisks": {name.removesuffix("?"): "" for name, kind in _DATA_DISK.items() if kind is str}
    | {"ThroughputPerformance": 0},
}
