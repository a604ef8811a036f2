# Where the drill is played. These have no default: a drill in the wrong cluster costs money and breaks other people's work.

variable "region" {
  description = "Region of the cluster, such as ap-guangzhou."
  type        = string

  validation {
    condition     = can(regex("^[a-z]{2,3}-[a-z]+(-[a-z0-9]+)*$", var.region))
    error_message = "The region must look like ap-guangzhou."
  }
}

variable "cluster_id" {
  description = "An existing TKE cluster in VPC-CNI mode, for drills only: group 3 is set for all its nodes."
  type        = string

  validation {
    condition     = can(regex("^cls-[a-z0-9]{8}$", var.cluster_id))
    error_message = "The cluster id must be cls- and 8 lower-case letters or digits, as the console shows it."
  }
}

variable "subnet_ids" {
  description = "Subnets of the cluster's VPC that the new nodes get their addresses from."
  type        = list(string)

  validation {
    condition     = length(var.subnet_ids) > 0 && alltrue([for id in var.subnet_ids : can(regex("^subnet-[a-z0-9]{8}$", id))])
    error_message = "Give at least one subnet id: subnet- and 8 lower-case letters or digits."
  }
}

variable "instance_types" {
  description = "Machine types for the nodes, tried in this order. One that the zone sells and VPC-CNI supports."
  type        = list(string)
  default     = ["SA2.MEDIUM2"]

  validation {
    condition     = length(var.instance_types) > 0 && alltrue([for name in var.instance_types : can(regex("^[A-Z0-9][A-Za-z0-9]*\\.[A-Z0-9]+$", name))])
    error_message = "Give at least one machine type, such as SA2.MEDIUM2."
  }
}

# Who is let in. The defaults are the course's lab; nobody has an address of 203.0.113.0/24, so nothing is open by accident.

variable "clients" {
  description = "IPv4 blocks of the clients that the healthy state lets in, such as the address you run curl from."
  type        = list(string)
  default     = ["203.0.113.0/24"]

  validation {
    condition = length(var.clients) > 0 && length(distinct(var.clients)) == length(var.clients) && alltrue([
      for block in var.clients : can(cidrnetmask(block)) && try(cidrhost(block, 0), "") == split("/", block)[0]
    ])
    error_message = "Give at least one IPv4 block, each once, and its first address before the slash: 203.0.113.10/32."
  }
}

variable "node_subnets" {
  description = "IPv4 blocks of subnet_ids: a pod sees the address of the node that sent the request on to it."
  type        = list(string)
  default     = ["10.0.35.0/24"]

  validation {
    condition = length(var.node_subnets) > 0 && length(distinct(var.node_subnets)) == length(var.node_subnets) && alltrue([
      for block in var.node_subnets : can(cidrnetmask(block)) && try(cidrhost(block, 0), "") == split("/", block)[0]
    ])
    error_message = "Give at least one IPv4 block, each once, and its first address before the slash: 10.0.35.0/24."
  }
}

variable "cluster_cidrs" {
  description = "IPv4 blocks of the VPC and the containers that may reach the nodes on every port, in both states. Empty as in the original drill; rules.tf says what that costs. A client inside them is let through, too."
  type        = list(string)
  default     = []

  validation {
    condition = length(distinct(var.cluster_cidrs)) == length(var.cluster_cidrs) && alltrue([
      for block in var.cluster_cidrs : can(cidrnetmask(block)) && try(cidrhost(block, 0), "") == split("/", block)[0]
    ])
    error_message = "Give IPv4 blocks, each once, with the first address before the slash: 10.0.0.0/16."
  }
}

# Ports along the way: client -> listener_port on the CLB -> node_port on the node -> pod_port in the pod.

variable "listener_port" {
  description = "Port the CLB listens on."
  type        = number
  default     = 80

  validation {
    condition     = var.listener_port >= 1 && var.listener_port <= 65535 && floor(var.listener_port) == var.listener_port
    error_message = "The listener port must be a whole number from 1 to 65535."
  }
}

variable "node_port" {
  description = "Port the nodes listen on for the CLB. Fixed, so that the rule for it can be written before the Service exists."
  type        = number
  default     = 30713

  validation {
    condition     = var.node_port >= 30000 && var.node_port <= 32767 && floor(var.node_port) == var.node_port
    error_message = "The NodePort must be a whole number from 30000 to 32767."
  }
}

variable "pod_port" {
  description = "Port the container listens on; nginx listens on 80."
  type        = number
  default     = 80

  validation {
    condition     = var.pod_port >= 1 && var.pod_port <= 65535 && floor(var.pod_port) == var.pod_port
    error_message = "The pod's port must be a whole number from 1 to 65535."
  }
}

variable "name_prefix" {
  description = "How the names of all groups and pools begin, so that leftovers can be found."
  type        = string
  default     = "drill"

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{0,29}$", var.name_prefix))
    error_message = "The name prefix must be 1 to 30 lower-case letters, digits or hyphens, and begin with a letter."
  }
}

variable "drill_state" {
  description = "broken: the original drill's starting state, all three groups wrong. healthy: a first request gets 200."
  type        = string
  default     = "broken"

  validation {
    condition     = contains(["broken", "healthy"], var.drill_state)
    error_message = "The drill state must be broken or healthy."
  }
}
