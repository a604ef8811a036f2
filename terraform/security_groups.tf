locals {
  groups = {
    clb  = "Drill, group 1: on the load balancer"
    node = "Drill, group 2: on the nodes"
    pod  = "Drill, group 3: on the pods' interfaces"
  }
}

resource "tencentcloud_security_group" "drill" {
  for_each = local.groups

  name        = "${var.name_prefix}-${each.key}"
  description = each.value
}

# One rule set a group, because it keeps its order. tencentcloud_security_group_rule inserts every rule at the top, several
# at a time, so that an ACCEPT and a DROP end up in either order. Action, protocol and port are in capitals as the API
# returns them; in small letters every plan shows a change.
#
# A rule set owns all rules of its group: `terraform apply` takes back what was changed by hand during the drill.
resource "tencentcloud_security_group_rule_set" "drill" {
  for_each = local.groups

  security_group_id = tencentcloud_security_group.drill[each.key].id

  dynamic "ingress" {
    for_each = local.ingress[var.drill_state][each.key]

    content {
      action     = ingress.value.action
      protocol   = ingress.value.protocol
      cidr_block = ingress.value.cidr_block
      port       = ingress.value.port
    }
  }

  # A new group lets nothing out either; the drill is about ingress.
  egress {
    action     = "ACCEPT"
    protocol   = "ALL"
    cidr_block = "0.0.0.0/0"
    port       = "ALL"
  }
}

# Which resource binds which group: the Service's annotation binds group 1 to the CLB, node_pools.tf group 2 to the nodes,
# the add-on eniipamd group 3 to the pods' interfaces. The add-on is no resource here on purpose: Terraform would install
# it, and delete it with the drill, and the cluster's network would go with it. `drill render` writes its setting.
