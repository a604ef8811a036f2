# The groups of one scenario of docs/scenarios.md, broken as its lesson begins or healthy as after the reference repair.
# Nobody has run this against a real account: a test holds it against the provider's schema and the course's rules.
#
# It makes groups only. What binds them: a node pool's security_group_ids (or the instance's groups) for node-a and node-b;
# for web and mysql under VPC-CNI the add-on's setting or a SecurityGroupPolicy, on super nodes the annotation that
# manifests/scenarios has. Under GlobalRouter a pod has no group of its own: it stands behind its node's.
terraform {
  required_version = ">= 1.10"

  required_providers {
    tencentcloud = {
      source  = "tencentcloudstack/tencentcloud"
      version = "1.83.25"
    }
  }
}

# Credentials come from TENCENTCLOUD_SECRET_ID and TENCENTCLOUD_SECRET_KEY, never from a file of this folder.
provider "tencentcloud" {
  region = var.region
}

variable "region" {
  description = "Region of the cluster, such as ap-guangzhou."
  type        = string
}

variable "scenario" {
  description = "Which scenario: a name of docs/scenarios.md, such as pod-to-pod."
  type        = string

  validation {
    condition     = contains(keys(jsondecode(file("${path.module}/rules.json"))), var.scenario)
    error_message = "There is no such scenario; docs/scenarios.md lists them."
  }
}

variable "drill_state" {
  description = "broken: as the lesson begins. healthy: after the reference repair."
  type        = string
  default     = "broken"

  validation {
    condition     = contains(["broken", "healthy"], var.drill_state)
    error_message = "The drill state must be broken or healthy."
  }
}

variable "name_prefix" {
  description = "How the names of the groups begin, so that leftovers can be found."
  type        = string
  default     = "drill"
}

# The addresses in rules.json are those of the lessons' clusters. It is written from drilllib/core/drills by
# `python tests/deploy/scenario_rules.py`; a test fails where the two differ.
locals {
  lists = jsondecode(file("${path.module}/rules.json"))[var.scenario][var.drill_state]
}

module "group" {
  source   = "../modules/group"
  for_each = local.lists

  name        = "${var.name_prefix}-${var.scenario}-${each.key}"
  description = "Drill ${var.scenario}: ${each.key}"
  ingress     = each.value.ingress
  egress      = each.value.egress
}

output "groups" {
  description = "The id of each group by what it is bound to: node-a, node-b, web-1, mysql-0, and a CLB where there is one."
  value       = { for name, group in module.group : name => group.id }
}
