# What never passes WAF (SSH, databases, anything that is not HTTP to the load balancer) is denied before the subnet.
# The responder writes deny entries to its own range of rule numbers. Rules are resources of their own here, never
# blocks of the network ACL: the provider would take the responder's entries for drift and delete them.

locals {
  responder_last_rule = var.responder_first_rule + var.responder_rules - 1
  network_acl_ids     = concat(aws_network_acl.edge[*].id, var.network_acl_ids)
  allow_rules         = { for rule in var.network_acl_allow_rules : "${rule.direction}-${rule.number}" => rule }
}

resource "aws_network_acl" "edge" {
  #checkov:skip=CKV2_AWS_1:Attached to subnets by network_acl_subnet_ids, which checkov does not follow
  count = var.create_network_acl ? 1 : 0

  vpc_id     = var.vpc_id
  subnet_ids = var.network_acl_subnet_ids
  tags       = merge(var.tags, { Name = "${var.name}-edge" })

  lifecycle {
    precondition {
      condition     = length(var.network_acl_subnet_ids) > 0
      error_message = "network_acl_subnet_ids: name the subnets to protect (or set create_network_acl = false)."
    }
    precondition {
      # Two more for the rules that cut off an instance, one for each version of IP.
      condition     = var.responder_rules + length([for rule in var.network_acl_allow_rules : rule if rule.direction == "ingress"]) + 2 <= var.network_acl_quota
      error_message = "The responder's rules (and two more, for cutting off an instance) and network_acl_allow_rules together are more than network_acl_quota: lower responder_rules, or ask AWS for a greater quota."
    }
  }
}

resource "aws_network_acl_rule" "allow" {
  for_each = var.create_network_acl ? local.allow_rules : {}

  network_acl_id  = aws_network_acl.edge[0].id
  rule_number     = each.value.number
  egress          = each.value.direction == "egress"
  rule_action     = "allow"
  protocol        = each.value.protocol
  from_port       = each.value.from_port
  to_port         = each.value.to_port
  cidr_block      = strcontains(each.value.network, ":") ? null : each.value.network
  ipv6_cidr_block = strcontains(each.value.network, ":") ? each.value.network : null

  lifecycle {
    precondition {
      condition     = each.value.number > local.responder_last_rule
      error_message = "network_acl_allow_rules: number ${each.value.number} must be above ${local.responder_last_rule}. Lower numbers are evaluated first, and ${var.responder_first_rule} to ${local.responder_last_rule} belong to the responder."
    }
  }
}
