# Whoever probes your ports is blocked: in WAF for what passes the load balancer, in the network ACL for all else.
# An instance of yours that scans others is isolated.

module "edge" {
  source = "../../modules/network_edge"

  name                    = "vigie"
  vpc_id                  = local.vpc_id
  create_alb              = var.alb_arn == null
  alb_arn                 = var.alb_arn
  alb_subnet_ids          = local.subnet_ids
  alb_deletion_protection = var.deletion_protection
  certificate_arn         = var.certificate_arn
  create_network_acl      = length(var.network_acl_ids) == 0
  network_acl_ids         = var.network_acl_ids
  network_acl_subnet_ids  = local.subnet_ids
}

module "responder" {
  source = "../../modules/responder"

  name    = "vigie-responder"
  package = var.package

  # The module's default is a dry run, which plans and tells. Here it acts.
  mode = "enforce"

  create_detector           = var.create_detector
  finding_types             = var.finding_types
  portscan_actor_response   = var.portscan_actor_response
  never_touch               = var.never_touch
  emails                    = var.emails
  table_deletion_protection = var.deletion_protection

  waf               = module.edge.waf
  nacl              = module.edge.nacl
  quarantine_groups = module.edge.quarantine_groups
}
