# What the module refuses, each with a message that says what to do. A run holds one bad value of each variable.

mock_provider "aws" {}

variables {
  vpc_id                 = "vpc-0abc"
  alb_subnet_ids         = ["subnet-0a", "subnet-0b"]
  network_acl_subnet_ids = ["subnet-0c"]
}

run "refuses_bad_values" {
  command = plan
  variables {
    name                     = "Vigie"
    alb_arn                  = "arn:aws:elasticloadbalancing:eu-west-3:123456789012:loadbalancer/net/shop/50dc6c495c0c9188"
    alb_subnet_ids           = ["a", "b"]
    alb_allowed_networks     = ["10.0.0.0"]
    alb_target_networks      = ["fd00::/8"]
    certificate_arn          = "certificate"
    target_group_arns        = ["1", "2", "3", "4", "5", "6"]
    web_acl_priority         = -1
    waf_log_retention_days   = 10
    waf_log_redacted_headers = ["Cookie"]
    network_acl_subnet_ids   = ["a"]
    network_acl_ids          = ["nacl-1"]
    responder_first_rule     = 2
    responder_rules          = 37
    network_acl_quota        = 60
    managed_rule_groups      = [{ name = "a", priority = 1 }, { name = "b", priority = 1 }]
    network_acl_allow_rules  = [{ number = 100, direction = "in", network = "0.0.0.0/0" }]
  }
  expect_failures = [
    var.name,
    var.alb_arn,
    var.alb_subnet_ids,
    var.alb_allowed_networks,
    var.alb_target_networks,
    var.certificate_arn,
    var.target_group_arns,
    var.web_acl_priority,
    var.waf_log_retention_days,
    var.waf_log_redacted_headers,
    var.network_acl_subnet_ids,
    var.network_acl_ids,
    var.responder_first_rule,
    var.responder_rules,
    var.network_acl_quota,
    var.managed_rule_groups,
    var.network_acl_allow_rules,
  ]
}

run "refuses_one_number_twice" {
  command = plan
  variables {
    vpc_id                  = "the VPC"
    network_acl_allow_rules = [{ number = 100, direction = "ingress", network = "0.0.0.0/0" }, { number = 100, direction = "ingress", network = "::/0" }]
  }
  expect_failures = [var.vpc_id, var.network_acl_allow_rules]
}

# A rule that allows below the responder's range would let in what the responder denies.
run "refuses_allow_rules_within_the_range" {
  command = plan
  variables {
    network_acl_allow_rules = [{ number = 25, direction = "ingress", network = "0.0.0.0/0" }]
  }
  expect_failures = [aws_network_acl_rule.allow["ingress-25"]]
}

run "refuses_more_rules_than_the_quota" {
  command = plan
  variables {
    responder_rules  = 17
    web_acl_priority = 5
    managed_rule_groups = [
      { name = "AWSManagedRulesCommonRuleSet", priority = 5 },
    ]
  }
  expect_failures = [aws_network_acl.edge[0], aws_wafv2_web_acl.edge]
}

run "refuses_two_load_balancers" {
  command = plan
  variables {
    alb_arn                = "arn:aws:elasticloadbalancing:eu-west-3:123456789012:loadbalancer/app/shop/50dc6c495c0c9188"
    alb_subnet_ids         = ["subnet-0a"]
    network_acl_subnet_ids = []
  }
  expect_failures = [aws_wafv2_web_acl.edge, aws_lb.edge[0], aws_network_acl.edge[0]]
}

run "refuses_no_load_balancer" {
  command = plan
  variables {
    create_alb = false
  }
  expect_failures = [aws_wafv2_web_acl.edge]
}
