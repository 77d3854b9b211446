# Who is told: each action, each refusal, and what went wrong.
resource "aws_sns_topic" "messages" {
  name              = "${var.name}-messages"
  kms_master_key_id = aws_kms_key.messages.arn
  tags              = var.tags
}

# The responder publishes by its role's policy; alarms have no role, so the topic must let them.
resource "aws_sns_topic_policy" "messages" {
  arn = aws_sns_topic.messages.arn
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "AlarmsOfThisAccount"
        Effect    = "Allow"
        Principal = { Service = "cloudwatch.amazonaws.com" }
        Action    = "sns:Publish"
        Resource  = aws_sns_topic.messages.arn
        Condition = { StringEquals = { "aws:SourceAccount" = local.account } }
      },
      merge(local.tls_only, { Action = "sns:Publish", Resource = aws_sns_topic.messages.arn }),
    ]
  })
}

# Not the key alias/aws/sns: its policy cannot be changed, and CloudWatch alarms may not use it.
resource "aws_kms_key" "messages" {
  description             = "Messages of ${var.name}"
  enable_key_rotation     = true
  deletion_window_in_days = 7
  tags                    = var.tags

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
      {
        Sid       = "AlarmsOfThisAccount"
        Effect    = "Allow"
        Principal = { Service = "cloudwatch.amazonaws.com" }
        Action    = ["kms:GenerateDataKey*", "kms:Decrypt"]
        Resource  = "*"
        Condition = { StringEquals = { "aws:SourceAccount" = local.account } }
      },
    ]
  })
}

resource "aws_kms_alias" "messages" {
  name          = "alias/${var.name}-messages"
  target_key_id = aws_kms_key.messages.key_id
}

resource "aws_sns_topic_subscription" "email" {
  for_each = var.emails

  topic_arn = aws_sns_topic.messages.arn
  protocol  = "email"
  endpoint  = each.value
}

resource "aws_sns_topic_subscription" "sms" {
  for_each = var.phones

  topic_arn = aws_sns_topic.messages.arn
  protocol  = "sms"
  endpoint  = each.value
}
