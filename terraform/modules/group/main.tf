# One security group and all its rules, in their order. A rule set owns every rule of its group: what was changed by hand
# is taken back by the next `terraform apply`. terraform/security_groups.tf says why it is no security_group_rule.
terraform {
  required_providers {
    tencentcloud = {
      source = "tencentcloudstack/tencentcloud"
    }
  }
}

variable "name" {
  description = "What the group is called."
  type        = string
}

variable "description" {
  description = "What it is bound to."
  type        = string
}

variable "ingress" {
  description = "The rules of the way in, from the top."
  type        = list(object({ action = string, protocol = string, cidr_block = string, port = string }))
}

variable "egress" {
  description = "The rules of the way out, from the top; none lets nothing out."
  type        = list(object({ action = string, protocol = string, cidr_block = string, port = string }))
}

resource "tencentcloud_security_group" "this" {
  name        = var.name
  description = var.description
}

resource "tencentcloud_security_group_rule_set" "this" {
  security_group_id = tencentcloud_security_group.this.id

  dynamic "ingress" {
    for_each = var.ingress

    content {
      action     = ingress.value.action
      protocol   = ingress.value.protocol
      cidr_block = ingress.value.cidr_block
      port       = ingress.value.port
    }
  }

  dynamic "egress" {
    for_each = var.egress

    content {
      action     = egress.value.action
      protocol   = egress.value.protocol
      cidr_block = egress.value.cidr_block
      port       = egress.value.port
    }
  }
}

output "id" {
  description = "The group's id, to be bound."
  value       = tencentcloud_security_group.this.id
}
