# The function's configuration and the rules that call it. `package` may be any file here.

mock_provider "aws" {
  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }
  mock_data "aws_region" {
    defaults = { region = "eu-west-3" }
  }
  mock_data "aws_caller_identity" {
    defaults = { account_id = "123456789012" }
  }
}

variables {
  package = "./versions.tf"
}

run "careful_by_default" {
  assert {
    condition     = local.settings.mode == "dry_run"
    error_message = "The default must be a dry run."
  }
  assert {
    condition     = local.settings.portscan_actor_response == "isolate"
    error_message = "An instance of ours that scans is isolated by default: the remote address is the victim."
  }
  assert {
    condition     = local.settings.shared_subnet == "tell" && local.settings.block_for == "24h" && !local.settings.isolate_nodes
    error_message = "Unexpected defaults."
  }
  assert {
    condition     = !can(local.settings.nacl) && length(local.settings.waf) == 0 && length(local.settings.alarms) == 0
    error_message = "Nothing that was not given may be in the configuration."
  }
  assert {
    condition     = length(aws_guardduty_detector.this) == 0
    error_message = "An account has one detector a Region: none is made unless asked for."
  }
}

run "function" {
  assert {
    condition     = aws_lambda_function.responder.runtime == "provided.al2023" && aws_lambda_function.responder.handler == "bootstrap"
    error_message = "The binary is called bootstrap and runs on provided.al2023."
  }
  assert {
    condition     = one(aws_lambda_function.responder.environment).variables.VIGIE_RESPONDER == output.settings
    error_message = "The function reads its configuration from VIGIE_RESPONDER."
  }
  assert {
    condition     = one(aws_lambda_function.responder.dead_letter_config).target_arn == aws_sqs_queue.dead_letters.arn
    error_message = "The function has no dead-letter queue."
  }
  assert {
    condition     = aws_lambda_function.responder.reserved_concurrent_executions == -1
    error_message = "No concurrency is reserved by default."
  }
  assert {
    condition     = jsondecode(output.settings).table == aws_dynamodb_table.decisions.name && jsondecode(output.settings).edge_queue == aws_sqs_queue.edge.url && jsondecode(output.settings).topic == aws_sns_topic.messages.arn && jsondecode(output.settings).own_role == "vigie-responder"
    error_message = "The function is told of the table, queue, topic and role that the module makes."
  }
}

run "full_settings" {
  variables {
    mode                 = "enforce"
    reserved_concurrency = 0
    create_detector      = true
    never_touch          = [{ network = "198.51.100.0/24", reason = "the office" }]
    waf = [{
      scope = "REGIONAL"
      ipv4  = { name = "four", id = "4", arn = "arn:aws:wafv2:eu-west-3:123456789012:regional/ipset/four/4" }
      ipv6  = { name = "six", id = "6", arn = "arn:aws:wafv2:eu-west-3:123456789012:regional/ipset/six/6" }
    }]
    nacl              = { ids = ["acl-1"] }
    quarantine_groups = { "vpc-1" = "sg-1" }
    alarms = [
      { alarm = "failed-logins*", do = "block_log_sources", log_group = "/vigie/secure", filter = "?\"Failed password\"", at_least = 5, lookback = "10m" },
      { alarm = "odd-instance", do = "isolate_instance" },
    ]
  }

  assert {
    condition     = local.settings.waf == [{ scope = "REGIONAL", ipv4 = { name = "four", id = "4" }, ipv6 = { name = "six", id = "6" } }]
    error_message = "waf: scope, names and ids reach the function."
  }
  assert {
    condition     = jsonencode(local.settings.nacl) == jsonencode({ first_rule = 10, ids = ["acl-1"], rules = 16 })
    error_message = "nacl: ids and the range reach the function."
  }
  assert {
    condition     = jsonencode(local.settings.alarms[1]) == jsonencode({ alarm = "odd-instance", do = "isolate_instance" })
    error_message = "alarms: what was not given is left out."
  }
  assert {
    condition     = local.settings.alarms[0].log_group == "/vigie/secure" && local.settings.alarms[0].at_least == 5
    error_message = "alarms: what was given reaches the function."
  }
  assert {
    condition     = aws_lambda_function.responder.reserved_concurrent_executions == 0
    error_message = "0 stops the function; it must not become \"no limit\"."
  }
  assert {
    condition     = one(aws_guardduty_detector.this[*].enable)
    error_message = "The detector was asked for."
  }

  # The rule for alarms: a prefix, and a name that must be equal.
  assert {
    condition     = jsonencode(jsondecode(aws_cloudwatch_event_rule.alarms[0].event_pattern).detail.alarmName) == jsonencode([{ prefix = "failed-logins" }, "odd-instance"])
    error_message = "The rule passes the alarms named, and no others."
  }
  assert {
    condition     = jsondecode(aws_cloudwatch_event_rule.alarms[0].event_pattern).detail.state.value == ["ALARM"]
    error_message = "An alarm that is over is not answered."
  }

  # IAM counts the inline policies of a role together, without white space.
  assert {
    condition     = sum([for policy in [aws_iam_role_policy.actions.policy, aws_iam_role_policy.runtime.policy] : length(jsonencode(jsondecode(policy)))]) < 10240
    error_message = "The policies are longer than a role takes (10,240 characters)."
  }

  # The policy of the actions names what was given.
  assert {
    condition     = strcontains(aws_iam_role_policy.actions.policy, "arn:aws:wafv2:eu-west-3:123456789012:regional/ipset/six/6")
    error_message = "The policy does not name the IP set."
  }
  assert {
    condition     = strcontains(aws_iam_role_policy.actions.policy, "arn:aws:ec2:eu-west-3:123456789012:network-acl/acl-1")
    error_message = "The policy does not name the network ACL."
  }
  assert {
    condition     = strcontains(aws_iam_role_policy.actions.policy, "arn:aws:logs:eu-west-3:123456789012:log-group:/vigie/secure:*")
    error_message = "The policy does not name the alarm's log group."
  }
}

run "policy_without_edge" {
  assert {
    condition     = can(jsondecode(aws_iam_role_policy.actions.policy).Statement[0])
    error_message = "The policy must be JSON also where no sets, ACLs, groups and logs are given."
  }
  assert {
    condition     = alltrue([for statement in jsondecode(aws_iam_role_policy.actions.policy).Statement : length(flatten([statement.Resource])) > 0])
    error_message = "A statement without a resource must be left out."
  }
  assert {
    condition     = alltrue(flatten([for statement in jsondecode(aws_iam_role_policy.actions.policy).Statement : [for action in flatten([statement.Action]) : !can(regex("^(\\*|[a-z0-9-]+:\\*)$", action))]]))
    error_message = "No statement may grant a whole service."
  }
}

run "finding_types_are_not_widened" {
  command = plan

  assert {
    condition = jsonencode(jsondecode(aws_cloudwatch_event_rule.findings.event_pattern)) == jsonencode({
      source        = ["aws.guardduty"]
      "detail-type" = ["GuardDuty Finding"]
      detail        = { type = [{ prefix = "Recon:EC2/PortProbe" }, { prefix = "Recon:EC2/Portscan" }] }
    })
    error_message = "By default PortProbe* and Portscan reach the function, nothing else."
  }
  assert {
    condition     = length(aws_cloudwatch_event_rule.alarms) == 0
    error_message = "Without alarms there is no rule for alarms: it would pass all of them."
  }
}

run "finding_types_by_variable" {
  command = plan
  variables {
    finding_types = ["UnauthorizedAccess:EC2/", "Backdoor:EC2/C&CActivity.B!DNS"]
  }

  assert {
    condition     = jsondecode(aws_cloudwatch_event_rule.findings.event_pattern).detail.type[*].prefix == ["UnauthorizedAccess:EC2/", "Backdoor:EC2/C&CActivity.B!DNS"]
    error_message = "The types given, as they were given."
  }
}

run "all_findings" {
  command = plan
  variables {
    respond_to_all_findings = true
  }

  assert {
    condition     = !can(jsondecode(aws_cloudwatch_event_rule.findings.event_pattern).detail) && jsondecode(aws_cloudwatch_event_rule.findings.event_pattern).source == ["aws.guardduty"]
    error_message = "All findings, but of GuardDuty only."
  }
}
