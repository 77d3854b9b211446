output "function_name" {
  description = "The responder, for `aws lambda invoke`."
  value       = module.responder.function_name
}

output "settings" {
  description = "The responder's configuration, for `vigie aws plan` and `vigie aws run`."
  value       = module.responder.settings
}

output "table_name" {
  description = "Table of decisions."
  value       = module.responder.table_name
}

output "rule_names" {
  description = "EventBridge rules that call the responder."
  value       = module.responder.rule_names
}

output "blocked" {
  description = "IP sets and network ACLs to look into."
  value       = { waf = module.edge.waf, network_acls = module.edge.nacl.ids }
}

output "alb_dns_name" {
  description = "The load balancer that was made; null where one was given."
  value       = module.edge.alb_dns_name
}
