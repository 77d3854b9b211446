# The responder: one function, called by EventBridge with findings and alarms, by the edge queue with changes of IP sets
# and network ACLs, and by the Scheduler once a minute to end what has expired.

data "aws_partition" "current" {}
data "aws_region" "current" {}
data "aws_caller_identity" "current" {}

locals {
  partition = data.aws_partition.current.partition
  region    = data.aws_region.current.region
  account   = data.aws_caller_identity.current.account_id

  nacl_ids         = try(var.nacl.ids, [])
  alarm_log_groups = distinct([for alarm in var.alarms : alarm.log_group if alarm.log_group != null])

  # The statement that refuses calls without TLS; the resource policies add what it is about.
  tls_only = {
    Sid       = "TlsOnly"
    Effect    = "Deny"
    Principal = "*"
    Condition = { Bool = { "aws:SecureTransport" = "false" } }
  }

  # The function's whole configuration, one JSON document in VIGIE_RESPONDER.
  settings = merge(
    {
      mode                    = var.mode
      never_touch             = var.never_touch
      block_for               = var.block_for
      portscan_actor_response = var.portscan_actor_response
      isolate_min_severity    = var.isolate_min_severity
      credential_min_severity = var.credential_min_severity
      isolate_nodes           = var.isolate_nodes
      quarantine_groups       = var.quarantine_groups
      shared_subnet           = var.shared_subnet
      topic                   = aws_sns_topic.messages.arn
      table                   = aws_dynamodb_table.decisions.name
      edge_queue              = aws_sqs_queue.edge.url
      own_role                = aws_iam_role.responder.name
      alarms                  = [for alarm in var.alarms : { for key, value in alarm : key => value if value != null }]
      waf = [for sets in var.waf : {
        scope = sets.scope
        ipv4  = { name = sets.ipv4.name, id = sets.ipv4.id }
        ipv6  = { name = sets.ipv6.name, id = sets.ipv6.id }
      }]
    },
    length(local.nacl_ids) == 0 ? {} : { nacl = var.nacl },
  )
}

resource "aws_lambda_function" "responder" {
  #checkov:skip=CKV_AWS_117:It calls AWS APIs only; in a VPC it would depend on the network that it must be able to cut
  #checkov:skip=CKV_AWS_272:Signing needs a profile of the user's; source_code_hash pins the package that was planned
  #checkov:skip=CKV_AWS_173:The environment holds configuration and no secrets
  function_name                  = var.name
  description                    = "Vigie: decides on GuardDuty findings and CloudWatch alarms, and acts"
  role                           = aws_iam_role.responder.arn
  runtime                        = "provided.al2023"
  handler                        = "bootstrap"
  architectures                  = [var.architecture]
  filename                       = var.package
  source_code_hash               = filebase64sha256(var.package)
  memory_size                    = var.memory_mb
  timeout                        = var.timeout_seconds
  reserved_concurrent_executions = coalesce(var.reserved_concurrency, -1)
  tags                           = var.tags

  environment {
    variables = { VIGIE_RESPONDER = jsonencode(local.settings) }
  }

  dead_letter_config {
    target_arn = aws_sqs_queue.dead_letters.arn
  }

  tracing_config {
    mode = var.xray ? "Active" : "PassThrough"
  }

  lifecycle {
    precondition {
      condition     = length(jsonencode(local.settings)) <= 4000
      error_message = "The configuration is longer than a function's environment takes (4 KB): shorten never_touch (wider networks, shorter reasons) or alarms."
    }
  }

  depends_on = [aws_cloudwatch_log_group.responder, aws_iam_role_policy.actions, aws_iam_role_policy.runtime]
}

# An event comes at least once, and a failed run twice more: decisions are claimed before acting, so that nothing doubles.
resource "aws_lambda_function_event_invoke_config" "responder" {
  function_name                = aws_lambda_function.responder.function_name
  maximum_retry_attempts       = 2
  maximum_event_age_in_seconds = var.event_age_max_seconds
}

resource "aws_cloudwatch_log_group" "responder" {
  name              = "/aws/lambda/${var.name}"
  retention_in_days = var.log_retention_days
  kms_key_id        = var.log_kms_key_arn
  tags              = var.tags
}

resource "aws_guardduty_detector" "this" {
  #checkov:skip=CKV2_AWS_3:Whether it is on for the whole organisation is not this module's to decide
  count = var.create_detector ? 1 : 0

  enable = true
  # How soon a repeat is told of, which extends a block; new findings come within five minutes in any case.
  finding_publishing_frequency = "FIFTEEN_MINUTES"
  tags                         = var.tags
}
