# What is made by default, with a load balancer, and what the responder is given.

mock_provider "aws" {
  mock_data "aws_vpc" {
    defaults = { cidr_block = "10.0.0.0/16" }
  }
}

variables {
  vpc_id                 = "vpc-0abc"
  alb_subnet_ids         = ["subnet-0a", "subnet-0b"]
  network_acl_subnet_ids = ["subnet-0c"]
}

run "sets_and_web_acl" {
  assert {
    condition     = aws_wafv2_ip_set.ipv4.ip_address_version == "IPV4" && aws_wafv2_ip_set.ipv6.ip_address_version == "IPV6"
    error_message = "WAF needs a set for each version."
  }
  assert {
    condition     = aws_wafv2_ip_set.ipv4.scope == "REGIONAL" && aws_wafv2_ip_set.ipv6.scope == "REGIONAL" && aws_wafv2_web_acl.edge.scope == "REGIONAL"
    error_message = "A load balancer takes a regional web ACL."
  }
  assert {
    condition     = length(coalesce(aws_wafv2_ip_set.ipv4.addresses, [])) == 0
    error_message = "Sets begin empty."
  }
  assert {
    condition     = [for rule in aws_wafv2_web_acl.edge.rule : [rule.priority, length(rule.action[0].block)]] == [[0, 1]]
    error_message = "One rule, first, that blocks."
  }
  assert {
    condition     = toset([for rule in aws_wafv2_web_acl.edge.rule : [for inner in rule.statement[0].or_statement[0].statement : inner.ip_set_reference_statement[0].arn]]...) == toset([aws_wafv2_ip_set.ipv4.arn, aws_wafv2_ip_set.ipv6.arn])
    error_message = "The rule looks into both sets."
  }
  assert {
    condition     = aws_wafv2_web_acl_association.alb.resource_arn == aws_lb.edge[0].arn && output.alb_arn == aws_lb.edge[0].arn
    error_message = "WAF blocks only where it is attached."
  }
  assert {
    condition = alltrue([for text in [aws_wafv2_web_acl.edge.description, aws_wafv2_ip_set.ipv4.description, aws_wafv2_ip_set.ipv6.description, aws_security_group.alb[0].description, aws_security_group.quarantine.description] :
    can(regex("^[A-Za-z0-9+=:#@/,. -]+$", text))])
    error_message = "WAF and EC2 refuse descriptions with an apostrophe and other signs."
  }
  assert {
    condition     = length(aws_wafv2_web_acl_logging_configuration.edge) == 0
    error_message = "No log unless asked for."
  }
}

run "load_balancer" {
  assert {
    condition     = aws_lb.edge[0].drop_invalid_header_fields && aws_lb.edge[0].enable_deletion_protection
    error_message = "Odd headers are dropped, and deletion is refused by default."
  }
  assert {
    condition     = one(aws_lb_listener.http[0].default_action).type == "fixed-response" && length(aws_lb_listener.https) == 0
    error_message = "Without targets and certificate it answers 404 by HTTP."
  }
  assert {
    condition     = keys(aws_vpc_security_group_ingress_rule.alb) == ["0.0.0.0/0 80", "::/0 80"] && aws_vpc_security_group_ingress_rule.alb["::/0 80"].cidr_ipv6 == "::/0" && aws_vpc_security_group_ingress_rule.alb["0.0.0.0/0 80"].cidr_ipv4 == "0.0.0.0/0"
    error_message = "HTTP from anywhere, by both versions."
  }
  assert {
    condition     = aws_vpc_security_group_egress_rule.alb[0].cidr_ipv4 == "10.0.0.0/16"
    error_message = "It sends into the VPC only."
  }
}

run "https" {
  variables {
    certificate_arn   = "arn:aws:acm:eu-west-3:123456789012:certificate/a"
    target_group_arns = ["arn:aws:elasticloadbalancing:eu-west-3:123456789012:targetgroup/a/b"]
  }
  assert {
    condition     = one(aws_lb_listener.http[0].default_action).type == "redirect" && one(aws_lb_listener.https[0].default_action).type == "forward"
    error_message = "With a certificate HTTP redirects and HTTPS forwards."
  }
  assert {
    condition     = contains(keys(aws_vpc_security_group_ingress_rule.alb), "0.0.0.0/0 443")
    error_message = "Port 443 is open."
  }
}

run "a_load_balancer_that_exists" {
  variables {
    create_alb     = false
    alb_arn        = "arn:aws:elasticloadbalancing:eu-west-3:123456789012:loadbalancer/app/shop/50dc6c495c0c9188"
    alb_subnet_ids = []
  }
  assert {
    condition     = length(aws_lb.edge) == 0 && length(aws_security_group.alb) == 0 && length(data.aws_vpc.edge) == 0
    error_message = "Nothing of a load balancer is made."
  }
  assert {
    condition     = aws_wafv2_web_acl_association.alb.resource_arn == var.alb_arn
    error_message = "The web ACL is attached to the one that was given."
  }
}

run "network_acl" {
  assert {
    condition     = alltrue([for rule in values(aws_network_acl_rule.allow) : rule.rule_number > var.responder_first_rule + var.responder_rules - 1])
    error_message = "Rules that allow must come after the responder's, which deny."
  }
  assert {
    condition     = alltrue([for rule in values(aws_network_acl_rule.allow) : rule.rule_action == "allow"])
    error_message = "Terraform makes no rule that denies."
  }
  assert {
    condition     = keys(aws_network_acl_rule.allow) == ["egress-100", "egress-101", "ingress-100", "ingress-101"]
    error_message = "What the responder does not deny passes, both ways, by both versions."
  }
  assert {
    condition     = output.nacl == { ids = [aws_network_acl.edge[0].id], first_rule = 10, rules = 16 }
    error_message = "The responder is given the ACL and its range."
  }
}

run "network_acls_that_exist" {
  variables {
    create_network_acl     = false
    network_acl_ids        = ["acl-0a", "acl-0b"]
    network_acl_subnet_ids = []
    responder_first_rule   = 50
    responder_rules        = 10
  }
  assert {
    condition     = length(aws_network_acl.edge) == 0 && length(aws_network_acl_rule.allow) == 0
    error_message = "Rules of others' network ACLs are not touched."
  }
  assert {
    condition     = output.nacl == { ids = ["acl-0a", "acl-0b"], first_rule = 50, rules = 10 }
    error_message = "The responder is given the ACLs and its range."
  }
}

run "quarantine" {
  assert {
    condition     = length(aws_security_group.quarantine.ingress) == 0 && length(aws_security_group.quarantine.egress) == 0
    error_message = "The quarantine group lets nothing in or out."
  }
  assert {
    condition     = aws_security_group.quarantine.tags["vigie:quarantine"] == "true"
    error_message = "The responder finds the group by its tag."
  }
  assert {
    condition     = output.quarantine_groups == { "vpc-0abc" = aws_security_group.quarantine.id }
    error_message = "The responder is given the group by its VPC."
  }
}

run "log_and_managed_rules" {
  variables {
    waf_log_retention_days = 30
    managed_rule_groups    = [{ name = "AWSManagedRulesCommonRuleSet", priority = 10 }]
  }
  assert {
    condition     = aws_cloudwatch_log_group.waf[0].name == "aws-waf-logs-vigie-edge" && aws_cloudwatch_log_group.waf[0].retention_in_days == 30
    error_message = "WAF writes only to groups whose names begin with aws-waf-logs-."
  }
  assert {
    condition     = flatten([for field in aws_wafv2_web_acl_logging_configuration.edge[0].redacted_fields : field.single_header[*].name]) == ["authorization", "cookie"]
    error_message = "Credentials are not logged."
  }
  assert {
    condition     = [for rule in aws_wafv2_web_acl.edge.rule : rule.priority] == [0, 10]
    error_message = "The managed group comes after the responder's rule."
  }
}
