# What calls the function: findings, alarms, and once a minute the clock.

locals {
  findings_pattern = merge(
    { source = ["aws.guardduty"], "detail-type" = ["GuardDuty Finding"] },
    var.respond_to_all_findings ? {} : { detail = { type = [for type in var.finding_types : { prefix = type }] } },
  )

  # An asterisk at the end is a prefix for EventBridge; a name without one must be equal.
  alarm_names = [
    for alarm in var.alarms :
    endswith(alarm.alarm, "*") ? jsonencode({ prefix = trimsuffix(alarm.alarm, "*") }) : jsonencode(alarm.alarm)
  ]
  alarms_pattern = {
    source        = ["aws.cloudwatch"]
    "detail-type" = ["CloudWatch Alarm State Change"]
    detail = {
      alarmName = [for name in distinct(local.alarm_names) : jsondecode(name)]
      state     = { value = ["ALARM"] }
    }
  }

  rule_arns = concat([aws_cloudwatch_event_rule.findings.arn], aws_cloudwatch_event_rule.alarms[*].arn)
}

resource "aws_cloudwatch_event_rule" "findings" {
  name          = "${var.name}-findings"
  description   = "GuardDuty findings for the Vigie responder"
  event_pattern = jsonencode(local.findings_pattern)
  tags          = var.tags
}

resource "aws_cloudwatch_event_target" "findings" {
  rule = aws_cloudwatch_event_rule.findings.name
  arn  = aws_lambda_function.responder.arn

  retry_policy {
    maximum_event_age_in_seconds = var.event_age_max_seconds
    maximum_retry_attempts       = 10
  }

  dead_letter_config {
    arn = aws_sqs_queue.dead_letters.arn
  }
}

resource "aws_lambda_permission" "findings" {
  statement_id   = "findings"
  action         = "lambda:InvokeFunction"
  function_name  = aws_lambda_function.responder.function_name
  principal      = "events.amazonaws.com"
  source_arn     = aws_cloudwatch_event_rule.findings.arn
  source_account = local.account
}

resource "aws_cloudwatch_event_rule" "alarms" {
  count = length(var.alarms) > 0 ? 1 : 0

  name          = "${var.name}-alarms"
  description   = "CloudWatch alarms for the Vigie responder"
  event_pattern = jsonencode(local.alarms_pattern)
  tags          = var.tags

  lifecycle {
    precondition {
      condition = alltrue([
        for pair in setproduct(var.alarms[*].alarm, keys(local.own_alarms)) :
        !startswith("${var.name}-${pair[1]}", trimsuffix(pair[0], "*"))
      ])
      error_message = "alarms: a name there also matches the responder's own alarms (${var.name}-…): it would answer itself. Use a longer beginning."
    }
  }
}

resource "aws_cloudwatch_event_target" "alarms" {
  count = length(var.alarms) > 0 ? 1 : 0

  rule = aws_cloudwatch_event_rule.alarms[0].name
  arn  = aws_lambda_function.responder.arn

  retry_policy {
    maximum_event_age_in_seconds = var.event_age_max_seconds
    maximum_retry_attempts       = 10
  }

  dead_letter_config {
    arn = aws_sqs_queue.dead_letters.arn
  }
}

resource "aws_lambda_permission" "alarms" {
  count = length(var.alarms) > 0 ? 1 : 0

  statement_id   = "alarms"
  action         = "lambda:InvokeFunction"
  function_name  = aws_lambda_function.responder.function_name
  principal      = "events.amazonaws.com"
  source_arn     = aws_cloudwatch_event_rule.alarms[0].arn
  source_account = local.account
}

resource "aws_scheduler_schedule" "expire" {
  #checkov:skip=CKV_AWS_297:The schedule's input is one fixed word, nothing to encrypt with a key of one's own
  name                = "${var.name}-expire"
  description         = "Ends the Vigie responder's decisions that have expired"
  schedule_expression = "rate(1 minute)"

  flexible_time_window {
    mode = "OFF"
  }

  target {
    arn      = aws_lambda_function.responder.arn
    role_arn = aws_iam_role.scheduler.arn
    input    = jsonencode({ vigie = "expire" })

    # The next minute tries again by itself.
    retry_policy {
      maximum_event_age_in_seconds = 60
      maximum_retry_attempts       = 1
    }

    dead_letter_config {
      arn = aws_sqs_queue.dead_letters.arn
    }
  }

  depends_on = [aws_iam_role_policy.scheduler]
}

resource "aws_iam_role" "scheduler" {
  name        = "${var.name}-scheduler"
  description = "Calls the Vigie responder once a minute"
  tags        = var.tags

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "scheduler.amazonaws.com" }
      Action    = "sts:AssumeRole"
      Condition = { StringEquals = { "aws:SourceAccount" = local.account } }
    }]
  })
}

resource "aws_iam_role_policy" "scheduler" {
  name = "expire"
  role = aws_iam_role.scheduler.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect   = "Allow"
        Action   = "lambda:InvokeFunction"
        Resource = aws_lambda_function.responder.arn
      },
      {
        Effect   = "Allow"
        Action   = "sqs:SendMessage"
        Resource = aws_sqs_queue.dead_letters.arn
      },
    ]
  })
}
