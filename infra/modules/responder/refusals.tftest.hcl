# What the module refuses, each with a message that says what to do. A run holds one bad value of each variable.

mock_provider "aws" {}

variables {
  package = "./versions.tf"
}

run "refuses_bad_values" {
  command = plan
  variables {
    package                 = "./no-such-file.zip"
    name                    = "Vigie"
    mode                    = "on"
    architecture            = "amd64"
    timeout_seconds         = 901
    memory_mb               = 64
    reserved_concurrency    = -1
    event_age_max_seconds   = 30
    log_retention_days      = 10
    finding_types           = []
    never_touch             = [{ network = "198.51.100.7", reason = "the office" }]
    block_for               = "1 day"
    portscan_actor_response = "block"
    isolate_min_severity    = 0
    credential_min_severity = 11
    shared_subnet           = "cut"
    nacl                    = { ids = ["acl-1"], first_rule = 0 }
    quarantine_groups       = { "sg-1" = "vpc-1" }
    waf                     = [{ scope = "GLOBAL", ipv4 = { name = "a", id = "a", arn = "a" }, ipv6 = { name = "a", id = "a", arn = "a" } }]
    emails                  = ["soc"]
    phones                  = ["0123456789"]
    alarms                  = [{ alarm = "*", do = "isolate_instance" }]
  }
  expect_failures = [
    var.package,
    var.name,
    var.mode,
    var.architecture,
    var.timeout_seconds,
    var.memory_mb,
    var.reserved_concurrency,
    var.event_age_max_seconds,
    var.log_retention_days,
    var.finding_types,
    var.never_touch,
    var.block_for,
    var.portscan_actor_response,
    var.isolate_min_severity,
    var.credential_min_severity,
    var.shared_subnet,
    var.nacl,
    var.quarantine_groups,
    var.waf,
    var.emails,
    var.phones,
    var.alarms,
  ]
}

run "refuses_more_bad_values" {
  command = plan
  variables {
    finding_types = ["Recon:EC2/PortProbe*"]
    never_touch   = [{ network = "198.51.100.0/24", reason = " " }]
    alarms        = [{ alarm = "a", do = "reboot" }]
  }
  expect_failures = [
    var.finding_types,
    var.never_touch,
    var.alarms,
  ]
}

run "refuses_third_bad_values" {
  command = plan
  variables {
    finding_types = ["*"]
    alarms        = [{ alarm = "a", do = "block_log_sources" }]
  }
  expect_failures = [
    var.finding_types,
    var.alarms,
  ]
}

run "refuses_fourth_bad_values" {
  command = plan
  variables {
    alarms = [{ alarm = "a", do = "isolate_instance", lookback = "soon" }]
  }
  expect_failures = [
    var.alarms,
  ]
}

run "refuses_an_alarm_of_its_own" {
  command = plan
  variables {
    alarms = [{ alarm = "vigie-*", do = "isolate_instance" }]
  }
  expect_failures = [
    aws_cloudwatch_event_rule.alarms,
  ]
}

# The whole configuration must fit a function's environment.
run "refuses_too_long_a_configuration" {
  variables {
    never_touch = [for number in range(100) : { network = "198.51.${number}.0/24", reason = "office number ${number}" }]
  }
  expect_failures = [aws_lambda_function.responder]
}
