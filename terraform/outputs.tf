# What `drill render` reads: terraform output -json | drill render -

output "region" {
  description = "Region of the cluster."
  value       = var.region
}

output "cluster_id" {
  description = "The cluster."
  value       = var.cluster_id
}

output "clb_security_group" {
  description = "Group 1, for the Service's annotation."
  value       = tencentcloud_security_group.drill["clb"].id
}

output "node_security_group" {
  description = "Group 2, on the nodes of both pools."
  value       = tencentcloud_security_group.drill["node"].id
}

output "pod_security_group" {
  description = "Group 3, for the setting of the add-on eniipamd."
  value       = tencentcloud_security_group.drill["pod"].id
}

output "node_label" {
  description = "Key of the label that tells the pools apart."
  value       = local.node_label
}

output "front_label" {
  description = "Its value on the nodes that the CLB sends to."
  value       = local.pools.front
}

output "back_label" {
  description = "Its value on the nodes that the pod runs on."
  value       = local.pools.back
}

output "client_block" {
  description = "The first block of clients, for the rules that the drill adds by hand."
  value       = var.clients[0]
}

output "node_subnet" {
  description = "The first block that the nodes have addresses of."
  value       = var.node_subnets[0]
}

output "listener_port" {
  description = "Port the CLB listens on."
  value       = var.listener_port
}

output "node_port" {
  description = "Port the nodes listen on for the CLB."
  value       = var.node_port
}

output "pod_port" {
  description = "Port the container listens on."
  value       = var.pod_port
}
