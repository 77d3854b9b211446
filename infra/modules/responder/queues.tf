# Dead letters: what EventBridge, the Scheduler or Lambda could not get through. A standard queue, as they require.
resource "aws_sqs_queue" "dead_letters" {
  name                      = "${var.name}-dead-letters"
  message_retention_seconds = 1209600
  sqs_managed_sse_enabled   = true
  tags                      = var.tags
}

resource "aws_sqs_queue_policy" "dead_letters" {
  queue_url = aws_sqs_queue.dead_letters.url
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "RulesOfThisResponder"
        Effect    = "Allow"
        Principal = { Service = "events.amazonaws.com" }
        Action    = "sqs:SendMessage"
        Resource  = aws_sqs_queue.dead_letters.arn
        Condition = { ArnEquals = { "aws:SourceArn" = local.rule_arns } }
      },
      merge(local.tls_only, { Action = "sqs:*", Resource = aws_sqs_queue.dead_letters.arn }),
    ]
  })
}

# All changes of the edge (IP sets, network ACLs) pass through one message group, so that one run at a time makes them,
# in batches: no update is lost, and WAF's limit of one update a second holds. Each message brings its own
# deduplication id, made from the decision: two changes of equal content can both be meant.
resource "aws_sqs_queue" "edge" {
  name                        = "${var.name}-edge.fifo"
  fifo_queue                  = true
  content_based_deduplication = false
  sqs_managed_sse_enabled     = true
  message_retention_seconds   = 345600
  # AWS asks for six times the function's timeout: https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
  visibility_timeout_seconds = 6 * var.timeout_seconds
  tags                       = var.tags

  redrive_policy = jsonencode({
    deadLetterTargetArn = aws_sqs_queue.edge_dead_letters.arn
    maxReceiveCount     = 5
  })
}

resource "aws_sqs_queue_policy" "edge" {
  queue_url = aws_sqs_queue.edge.url
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [merge(local.tls_only, { Action = "sqs:*", Resource = aws_sqs_queue.edge.arn })]
  })
}

resource "aws_sqs_queue" "edge_dead_letters" {
  name                      = "${var.name}-edge-dead-letters.fifo"
  fifo_queue                = true
  sqs_managed_sse_enabled   = true
  message_retention_seconds = 1209600
  tags                      = var.tags
}

resource "aws_sqs_queue_redrive_allow_policy" "edge_dead_letters" {
  queue_url = aws_sqs_queue.edge_dead_letters.url
  redrive_allow_policy = jsonencode({
    redrivePermission = "byQueue"
    sourceQueueArns   = [aws_sqs_queue.edge.arn]
  })
}

resource "aws_lambda_event_source_mapping" "edge" {
  event_source_arn        = aws_sqs_queue.edge.arn
  function_name           = aws_lambda_function.responder.arn
  batch_size              = 10
  function_response_types = ["ReportBatchItemFailures"]
  tags                    = var.tags

  depends_on = [aws_iam_role_policy.runtime]
}
