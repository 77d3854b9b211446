resource "aws_iam_role" "responder" {
  name        = var.name
  description = "The Vigie responder: its actions, and what its runtime needs"
  tags        = var.tags

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "lambda.amazonaws.com" }
      Action    = "sts:AssumeRole"
    }]
  })
}

# What the actions may do. `cargo xtask gen` writes the template from the statements that stand beside each action's
# code; docs/reference/aws-permissions.md says what each is for.
resource "aws_iam_role_policy" "actions" {
  name = "actions"
  role = aws_iam_role.responder.id
  policy = templatefile("${path.module}/policy.json.tftpl", {
    partition       = local.partition
    region          = local.region
    account         = local.account
    role_name       = aws_iam_role.responder.name
    waf_ip_set_arns = flatten([for sets in var.waf : [sets.ipv4.arn, sets.ipv6.arn]])
    nacl_arns       = [for id in local.nacl_ids : "arn:${local.partition}:ec2:${local.region}:${local.account}:network-acl/${id}"]
    log_group_arns  = [for group in local.alarm_log_groups : "arn:${local.partition}:logs:${local.region}:${local.account}:log-group:${group}:*"]
    topic_arn       = aws_sns_topic.messages.arn
    topic_key_arn   = aws_kms_key.messages.arn
    table_arn       = aws_dynamodb_table.decisions.arn
    edge_queue_arn  = aws_sqs_queue.edge.arn
  })
}

# What the runtime around the actions needs: the log, the edge queue's reader, the dead letters.
resource "aws_iam_role_policy" "runtime" {
  name = "runtime"
  role = aws_iam_role.responder.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid      = "Log"
        Effect   = "Allow"
        Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]
        Resource = "${aws_cloudwatch_log_group.responder.arn}:*"
      },
      {
        Sid      = "ReadEdgeQueue"
        Effect   = "Allow"
        Action   = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"]
        Resource = aws_sqs_queue.edge.arn
      },
      {
        Sid      = "DeadLetters"
        Effect   = "Allow"
        Action   = "sqs:SendMessage"
        Resource = aws_sqs_queue.dead_letters.arn
      },
    ]
  })
}

# X-Ray knows no resources: https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsx-ray.html
resource "aws_iam_role_policy" "traces" {
  count = var.xray ? 1 : 0

  name = "traces"
  role = aws_iam_role.responder.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid      = "Traces"
      Effect   = "Allow"
      Action   = ["xray:PutTraceSegments", "xray:PutTelemetryRecords"]
      Resource = "*"
    }]
  })
}
