output "waf" {
  description = "The IP sets, in the form that the responder module's variable `waf` takes."
  value = [{
    scope = "REGIONAL"
    ipv4  = { name = aws_wafv2_ip_set.ipv4.name, id = aws_wafv2_ip_set.ipv4.id, arn = aws_wafv2_ip_set.ipv4.arn }
    ipv6  = { name = aws_wafv2_ip_set.ipv6.name, id = aws_wafv2_ip_set.ipv6.id, arn = aws_wafv2_ip_set.ipv6.arn }
  }]
}

output "nacl" {
  description = "The network ACLs and the responder's range of rule numbers, in the form that the responder module's variable `nacl` takes."
  value = {
    ids        = local.network_acl_ids
    first_rule = var.responder_first_rule
    rules      = var.responder_rules
  }
}

output "quarantine_groups" {
  description = "The quarantine group by its VPC, in the form that the responder module's variable `quarantine_groups` takes."
  value       = { (var.vpc_id) = aws_security_group.quarantine.id }
}

output "web_acl_arn" {
  description = "ARN of the web ACL."
  value       = aws_wafv2_web_acl.edge.arn
}

output "alb_arn" {
  description = "ARN of the load balancer that the web ACL is attached to."
  value       = aws_wafv2_web_acl_association.alb.resource_arn
}

output "alb_dns_name" {
  description = "DNS name of the load balancer that the module made; null where it made none."
  value       = one(aws_lb.edge[*].dns_name)
}

output "alb_security_group_id" {
  description = "Security group of the load balancer that the module made: let your targets accept traffic from it. Null where it made none."
  value       = one(aws_security_group.alb[*].id)
}
