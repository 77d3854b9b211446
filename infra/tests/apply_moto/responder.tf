# The responder module's part.

resource "aws_guardduty_detector" "this" {
  enable                       = true
  finding_publishing_frequency = "FIFTEEN_MINUTES"
}

resource "aws_sqs_queue" "dead_letters" {
  name                      = "${local.name}-dead-letters"
  message_retention_seconds = 1209600
}

resource "aws_sqs_queue" "edge_dead_letters" {
  name                      = "${local.name}-edge-dead-letters.fifo"
  fifo_queue                = true
  message_retention_seconds = 1209600
}

resource "aws_sqs_queue" "edge" {
  name                        = "${local.name}-edge.fifo"
  fifo_queue                  = true
  content_based_deduplication = false
  visibility_timeout_seconds  = 360

  redrive_policy = jsonencode({
    deadLetterTargetArn = aws_sqs_queue.edge_dead_letters.arn
    maxReceiveCount     = 5
  })

  # moto gives the policy back with other white space, and this old provider compares the text.
  lifecycle {
    ignore_changes = [redrive_policy]
  }
}

resource "aws_dynamodb_table" "decisions" {
  name         = "${local.name}-decisions"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "id"

  attribute {
    name = "id"
    type = "S"
  }

  attribute {
    name = "state"
    type = "S"
  }

  attribute {
    name = "expires"
    type = "N"
  }

  global_secondary_index {
    name            = "by_state"
    hash_key        = "state"
    range_key       = "expires"
    projection_type = "ALL"
  }

  ttl {
    attribute_name = "purge"
    enabled        = true
  }

  point_in_time_recovery {
    enabled = true
  }
}

resource "aws_kms_key" "messages" {
  description             = "Messages of ${local.name}"
  enable_key_rotation     = true
  deletion_window_in_days = 7

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "AccountDecidesByIam"
        Effect    = "Allow"
        Principal = { AWS = "arn:${local.partition}:iam::${local.account}:root" }
        Action    = "kms:*"
        Resource  = "*"
      },
      {
        Sid       = "ResponderThroughSns"
        Effect    = "Allow"
        Principal = { AWS = aws_iam_role.responder.arn }
        Action    = ["kms:GenerateDataKey*", "kms:Decrypt"]
        Resource  = "*"
        Condition = { StringEquals = { "kms:ViaService" = "sns.${local.region}.amazonaws.com" } }
      },
    ]
  })
}

resource "aws_sns_topic" "messages" {
  name              = "${local.name}-messages"
  kms_master_key_id = aws_kms_key.messages.arn
}

resource "aws_iam_role" "responder" {
  name = local.name
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "lambda.amazonaws.com" }
      Action    = "sts:AssumeRole"
    }]
  })
}

# The same template, with the same variables, as in the responder module.
resource "aws_iam_role_policy" "actions" {
  name = "actions"
  role = aws_iam_role.responder.id
  policy = templatefile("${path.module}/policy.json.tftpl", {
    partition       = local.partition
    region          = local.region
    account         = local.account
    role_name       = aws_iam_role.responder.name
    waf_ip_set_arns = values(aws_wafv2_ip_set.blocked)[*].arn
    nacl_arns       = [aws_network_acl.edge.arn]
    log_group_arns  = ["${aws_cloudwatch_log_group.secure.arn}:*"]
    topic_arn       = aws_sns_topic.messages.arn
    topic_key_arn   = aws_kms_key.messages.arn
    table_arn       = aws_dynamodb_table.decisions.arn
    edge_queue_arn  = aws_sqs_queue.edge.arn
  })
}

# And with every list empty, so that what a small installation gets is a policy too.
resource "aws_iam_role_policy" "actions_without_edge" {
  name = "actions-without-edge"
  role = aws_iam_role.responder.id
  policy = templatefile("${path.module}/policy.json.tftpl", {
    partition       = local.partition
    region          = local.region
    account         = local.account
    role_name       = aws_iam_role.responder.name
    waf_ip_set_arns = []
    nacl_arns       = []
    log_group_arns  = []
    topic_arn       = aws_sns_topic.messages.arn
    topic_key_arn   = aws_kms_key.messages.arn
    table_arn       = aws_dynamodb_table.decisions.arn
    edge_queue_arn  = aws_sqs_queue.edge.arn
  })
}

resource "aws_cloudwatch_log_group" "secure" {
  name              = "/vigie/secure"
  retention_in_days = 365
}

# The function's place is taken by a queue, which moto delivers to.
resource "aws_cloudwatch_event_rule" "findings" {
  name = "${local.name}-findings"
  event_pattern = jsonencode({
    source        = ["aws.guardduty"]
    "detail-type" = ["GuardDuty Finding"]
    detail        = { type = [{ prefix = "Recon:EC2/PortProbe" }, { prefix = "Recon:EC2/Portscan" }] }
  })
}

resource "aws_cloudwatch_event_target" "findings" {
  rule = aws_cloudwatch_event_rule.findings.name
  arn  = aws_sqs_queue.dead_letters.arn
}

resource "aws_cloudwatch_event_rule" "alarms" {
  name = "${local.name}-alarms"
  event_pattern = jsonencode({
    source        = ["aws.cloudwatch"]
    "detail-type" = ["CloudWatch Alarm State Change"]
    detail        = { alarmName = [{ prefix = "failed-logins" }, "odd-instance"], state = { value = ["ALARM"] } }
  })
}

resource "aws_cloudwatch_metric_alarm" "dead_letters" {
  alarm_name          = "${local.name}-dead-letters"
  namespace           = "AWS/SQS"
  metric_name         = "ApproximateNumberOfMessagesVisible"
  statistic           = "Maximum"
  dimensions          = { QueueName = aws_sqs_queue.dead_letters.name }
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  period              = 60
  evaluation_periods  = 1
  treat_missing_data  = "notBreaching"
  alarm_actions       = [aws_sns_topic.messages.arn]
}
