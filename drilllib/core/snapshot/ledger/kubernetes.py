"""
The objects of Kubernetes and of TKE's own resources, by the field texts of the public API.

Of labels and annotations only those are named that change what a node or a pod does with a packet. What a controller
makes of the others stands in the objects it made: the CLB, its listeners, EndpointSlices, interfaces.
"""

from collections.abc import Mapping

from drilllib.core.snapshot.ledger.tables import Fine, Kind, absent, all_but, exactly

_METADATA = """
    apiVersion kind metadata.annotations.* metadata.creationTimestamp metadata.deletionGracePeriodSeconds
    metadata.deletionTimestamp metadata.finalizers metadata.generateName metadata.generation metadata.managedFields
    metadata.ownerReferences metadata.resourceVersion metadata.selfLink metadata.uid
"""
_SKIPPED: Mapping[str, Fine] = {
    "metadata.labels[service.kubernetes.io/service-proxy-name]": absent(why="kube-proxy leaves it to another proxy"),
    "metadata.labels[service.kubernetes.io/headless]": absent(why="kube-proxy leaves it out"),
}

SERVICE = Kind(
    "Service",
    "v1",
    read="""
        metadata.name metadata.namespace spec.ports[].name spec.ports[].nodePort spec.ports[].port
        spec.ports[].protocol spec.ports[].targetPort spec.clusterIP spec.clusterIPs spec.internalTrafficPolicy
        spec.externalIPs spec.loadBalancerSourceRanges spec.allocateLoadBalancerNodePorts spec.healthCheckNodePort
        status.loadBalancer.ingress[].ip status.loadBalancer.ingress[].hostname status.loadBalancer.ingress[].ipMode
        metadata.annotations[service.cloud.tencent.com/prevent-loopback]
        metadata.annotations[service.cloud.tencent.com/direct-access]
        metadata.annotations[service.cloud.tencent.com/mode]
        metadata.annotations[service.cloud.tencent.com/pass-to-target]
        metadata.annotations[service.cloud.tencent.com/security-groups]
        metadata.annotations[service.cloud.tencent.com/specify-protocol]
        metadata.annotations[service.kubernetes.io/loadbalance-id]
        metadata.annotations[service.kubernetes.io/local-svc-only-bind-node-with-pod]
        metadata.annotations[service.kubernetes.io/qcloud-loadbalancer-backends-label]
        metadata.annotations[service.kubernetes.io/tke-existed-lbid]
        metadata.annotations[service.kubernetes.io/topology-mode]
        metadata.annotations[service.kubernetes.io/topology-aware-hints]
        metadata.annotations[service.beta.kubernetes.io/load-balancer-source-ranges]
    """,
    harmless=f"""
        metadata.labels.* spec.externalName spec.ipFamilies spec.ipFamilyPolicy
        spec.loadBalancerClass spec.loadBalancerIP spec.ports[].appProtocol
        spec.publishNotReadyAddresses spec.selector spec.sessionAffinityConfig status.conditions
        status.loadBalancer.ingress[].ports
        {_METADATA}
    """,
    fine={
        "spec.type": exactly("ClusterIP", "NodePort", "LoadBalancer", "ExternalName", why="there is no other type"),
        "spec.externalTrafficPolicy": exactly("Cluster", "Local", why="there is no other policy"),
        "spec.sessionAffinity": exactly("None", "ClientIP", why="there is no other affinity"),
        "spec.trafficDistribution": exactly(
            *("PreferClose", "PreferSameZone", "PreferSameNode"), why="another choice among the endpoints"
        ),
        **_SKIPPED,
    },
    notes={
        "spec.internalTrafficPolicy": "of clients of the ClusterIP",
        "spec.publishNotReadyAddresses": "`serving` and the Pod say which are ready",
        "metadata.deletionTimestamp": "it is served until it is gone",
    },
)

NODE = Kind(
    "Node",
    "v1",
    read="""
        metadata.name metadata.labels status.addresses[].type status.addresses[].address
        status.conditions[].type status.conditions[].status status.nodeInfo.kubeProxyVersion
        status.nodeInfo.kubeletVersion
    """,
    harmless=f"""
        metadata.namespace spec.configSource spec.externalID spec.podCIDR spec.podCIDRs spec.podPreemptionPolicy
        spec.providerID spec.taints[].effect spec.taints[].timeAdded spec.taints[].value spec.unschedulable
        status.allocatable status.capacity status.config
        status.conditions[].lastHeartbeatTime status.conditions[].lastTransitionTime status.conditions[].message
        status.conditions[].reason status.daemonEndpoints status.declaredFeatures status.features status.images
        status.nodeInfo.* status.phase status.runtimeHandlers status.volumesAttached status.volumesInUse
        {_METADATA}
    """,
    fine={
        "spec.taints[].key": all_but(
            "node.cloudprovider.kubernetes.io/shutdown",
            "node.kubernetes.io/out-of-service",
            "node.kubernetes.io/network-unavailable",
            why="the machine is off, or its network is not set up",
        )
    },
    notes={"spec.unschedulable": "cordoned nodes still forward"},
)

_CONTAINER = """
    args command env envFrom image imagePullPolicy lifecycle ports[].hostIP
    resizePolicy resources restartPolicyRules securityContext
    stdin stdinOnce terminationMessagePath terminationMessagePolicy tty volumeDevices volumeMounts workingDir
"""

_READ_OF_CONTAINER = """
    ports[].containerPort ports[].protocol ports[].hostPort ports[].name livenessProbe readinessProbe startupProbe
    restartPolicy name
"""

POD = Kind(
    "Pod",
    "v1",
    read=f"""
        metadata.name metadata.namespace metadata.labels spec.nodeName spec.hostNetwork status.podIP status.podIPs
        status.hostIP status.hostIPs status.conditions status.containerStatuses status.initContainerStatuses
        spec.readinessGates
        {" ".join(f"spec.containers[].{name} spec.initContainers[].{name}" for name in _READ_OF_CONTAINER.split())}
    """,
    harmless=f"""
        {" ".join(f"spec.containers[].{name}" for name in _CONTAINER.split())}
        {" ".join(f"spec.initContainers[].{name}" for name in _CONTAINER.split())}
        spec.activeDeadlineSeconds spec.affinity spec.automountServiceAccountToken spec.dnsConfig spec.dnsPolicy
        spec.enableServiceLinks spec.ephemeralContainers spec.evictionResponders spec.hostAliases spec.hostIPC
        spec.hostPID spec.hostUsers spec.hostname spec.hostnameOverride spec.imagePullSecrets
        spec.nodeSelector spec.os spec.overhead spec.preemptionPolicy spec.priority spec.priorityClassName
        spec.resourceClaims spec.resources spec.restartPolicy spec.runtimeClassName
        spec.schedulerName spec.schedulingGates spec.schedulingGroup spec.securityContext spec.serviceAccount
        spec.serviceAccountName spec.setHostnameAsFQDN spec.shareProcessNamespace spec.subdomain
        spec.terminationGracePeriodSeconds spec.tolerations spec.topologySpreadConstraints spec.volumes
        status.allocatedResources status.ephemeralContainerStatuses
        status.extendedResourceClaimStatus status.message
        status.nodeAllocatableResourceClaimStatuses status.nominatedNodeName status.observedGeneration
        status.qosClass status.reason status.resize status.resourceClaimStatuses status.resources status.startTime
        status.volumeHealth
        {_METADATA}
    """,
    fine={
        "status.phase": exactly("Running", why="in a pod that has not started or has ended nothing listens"),
        "metadata.annotations[tke.cloud.tencent.com/networks]": exactly(
            *("tke-route-eni", "tke-direct-eni"),
            why="a network of another kind; one of these two is a doubt where it is not the cluster's",
        ),
    },
    notes={
        "metadata.deletionTimestamp": "the EndpointSlices say whether it is still served",
    },
)

ENDPOINT_SLICE = Kind(
    "EndpointSlice",
    "discovery.k8s.io/v1",
    read="""
        metadata.name metadata.namespace metadata.labels[kubernetes.io/service-name] ports[].name ports[].port
        endpoints[].addresses endpoints[].nodeName endpoints[].targetRef.name endpoints[].conditions.ready
        endpoints[].conditions.serving endpoints[].conditions.terminating endpoints[].hints.forZones[].name
        endpoints[].hints.forNodes[].name
    """,
    harmless=f"""
        metadata.labels.* endpoints[].deprecatedTopology endpoints[].hostname endpoints[].zone ports[].appProtocol
        endpoints[].targetRef.apiVersion endpoints[].targetRef.fieldPath endpoints[].targetRef.kind
        endpoints[].targetRef.namespace endpoints[].targetRef.resourceVersion endpoints[].targetRef.uid
        {_METADATA}
    """,
    fine={
        "addressType": exactly("IPv4", "IPv6", why="one of FQDN is no Service's: kube-proxy leaves it out"),
        "ports[].protocol": exactly("TCP", "UDP", why="SCTP: no listener has it"),
        **_SKIPPED,
    },
)

NAMESPACE = Kind(
    "Namespace", "v1", read="metadata.name metadata.labels", harmless=f"metadata.namespace spec status {_METADATA}"
)

NETWORK_POLICY = Kind(
    "NetworkPolicy",
    "networking.k8s.io/v1",
    read="""
        metadata.name metadata.namespace spec.podSelector.matchLabels spec.podSelector.matchExpressions
        spec.ingress[].from[].ipBlock.cidr spec.ingress[].from[].ipBlock.except spec.ingress[].from[].podSelector
        spec.ingress[].from[].namespaceSelector spec.ingress[].ports[].port spec.ingress[].ports[].endPort
        spec.ingress[].ports[].protocol spec.policyTypes spec.egress[].to spec.egress[].ports
    """,
    harmless=f"metadata.labels {_METADATA}",
    notes={"spec.egress[].to": "of pods that ask, whether there is any; as `ports`"},
)

SECURITY_GROUP_POLICY_OF_PODS = Kind(
    "SecurityGroupPolicy (pods)",
    "vpcresources.tke.cloud.tencent.com/v1beta1",
    read="""
        metadata.name metadata.namespace spec.podSelector.matchLabels spec.podSelector.matchExpressions
        spec.serviceAccountSelector spec.securityGroups.groupIds
    """,
    harmless=f"""
        metadata.labels status
        {_METADATA}
    """,
)

NODE_ENI_CONFIG = Kind(
    "NodeENIConfig",
    "networking.tke.cloud.tencent.com/v1",
    read="",
    harmless=f"metadata.name metadata.namespace metadata.labels spec status {_METADATA}",
    notes={"spec": "not looked at; see model.md"},
)

# Kinds that filter what comes in to pods and that nothing here reads; those with a namespace are about its pods.
OTHER_FILTERS = (
    *("AdminNetworkPolicy", "AuthorizationPolicy", "BaselineAdminNetworkPolicy", "CiliumClusterwideNetworkPolicy"),
    *("CiliumNetworkPolicy", "ClusterNetworkPolicy", "GlobalNetworkPolicy"),
)
KUBERNETES_KINDS = (
    *(SERVICE, NODE, POD, ENDPOINT_SLICE, NAMESPACE, NETWORK_POLICY, SECURITY_GROUP_POLICY_OF_PODS, NODE_ENI_CONFIG),
)
