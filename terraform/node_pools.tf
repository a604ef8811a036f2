locals {
  node_label = "drill"

  # The CLB sends to front only, and the pod runs on back. Were both on one node, the request would reach the pod without
  # crossing the interface that group 3 is bound to; and were other nodes targets too, the drill would fail only sometimes.
  pools = { front = "front", back = "back" }
}

resource "tencentcloud_kubernetes_native_node_pool" "drill" {
  for_each = local.pools

  cluster_id = var.cluster_id
  name       = "${var.name_prefix}-${each.key}"
  type       = "Native"

  # On, it would refuse `terraform destroy`, and the nodes would go on costing money.
  deletion_protection = false

  labels {
    name  = local.node_label
    value = each.value
  }

  native {
    subnet_ids         = var.subnet_ids
    security_group_ids = [tencentcloud_security_group.drill["node"].id]

    # Never 0: the provider finds a pool's machines by name before it deletes the pool, and leaves one without machines behind.
    replicas           = 1
    enable_autoscaling = false
    auto_repair        = false # a node replaced in the middle of a drill takes the evidence with it

    scaling {
      min_replicas  = 1
      max_replicas  = 1
      create_policy = "ZonePriority"
    }

    # NativeCVM has ins- ids, so the CVM API can list the groups of a node; machines of the type Native cannot be asked.
    machine_type         = "NativeCVM"
    instance_types       = var.instance_types
    instance_charge_type = "POSTPAID_BY_HOUR"

    system_disk {
      disk_type = "CLOUD_PREMIUM"
      disk_size = 50
    }
  }

  # The group alone is not enough: nodes would start while it has no rule at all, and could reach nothing.
  depends_on = [tencentcloud_security_group_rule_set.drill]
}
