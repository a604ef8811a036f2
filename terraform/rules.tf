# The ingress rules of the three groups, in both states. The first rule that matches decides, so the order counts.
# The course's lab has the same rules (drilllib/core/drills/default_lab.py, fault original-drill); a test compares them.
locals {
  # Not part of the drill: what keeps the nodes manageable while it runs. They stand on top, or a DROP ALL would hide them.
  from_the_cluster = [
    for block in var.cluster_cidrs : { action = "ACCEPT", protocol = "ALL", cidr_block = block, port = "ALL" }
  ]

  ingress = {
    healthy = {
      clb = [
        for block in var.clients :
        { action = "ACCEPT", protocol = "TCP", cidr_block = block, port = tostring(var.listener_port) }
      ]
      # The CLB passes the client's address on, so the node's group has to let the client in, not the CLB.
      node = concat(local.from_the_cluster, [
        for block in var.clients :
        { action = "ACCEPT", protocol = "TCP", cidr_block = block, port = tostring(var.node_port) }
      ])
      # A node that sends a request on to a pod elsewhere puts its own address in the place of the client's.
      pod = [
        for block in var.node_subnets :
        { action = "ACCEPT", protocol = "TCP", cidr_block = block, port = tostring(var.pod_port) }
      ]
    }

    broken = {
      # Port 22 is no use on a CLB without such a listener, and 100.64.0.0/10 are the CLB's own probes, never clients.
      clb = [
        { action = "ACCEPT", protocol = "TCP", cidr_block = "0.0.0.0/0", port = "22" },
        { action = "ACCEPT", protocol = "TCP", cidr_block = "100.64.0.0/10", port = "80" },
      ]
      # What DROP ALL costs besides the drill (inferred, not tried): no kubectl logs or exec for pods on these nodes, because
      # the API server asks the kubelet on 10250; no SSH; no node or pod elsewhere reaches a port of theirs. Groups remember
      # what a node began itself, so it still joins the cluster, stays Ready and pulls images. cluster_cidrs keeps the rest.
      node = concat(local.from_the_cluster, [
        { action = "DROP", protocol = "ALL", cidr_block = "0.0.0.0/0", port = "ALL" },
      ])
      # No rule at all: a group drops what none of its rules matches.
      pod = []
    }
  }
}
