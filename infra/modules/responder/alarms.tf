# What must not go unnoticed about the responder itself. None of these alarms calls the function.

locals {
  own_alarms = {
    dead-letters = {
      description = "Events did not get through to the responder"
      namespace   = "AWS/SQS"
      metric      = "ApproximateNumberOfMessagesVisible"
      statistic   = "Maximum"
      threshold   = 0
      dimensions  = { QueueName = aws_sqs_queue.dead_letters.name }
    }
    edge-dead-letters = {
      description = "Changes of IP sets or network ACLs failed five times and were set aside"
      namespace   = "AWS/SQS"
      metric      = "ApproximateNumberOfMessagesVisible"
      statistic   = "Maximum"
      threshold   = 0
      dimensions  = { QueueName = aws_sqs_queue.edge_dead_letters.name }
    }
    edge-late = {
      description = "Changes of IP sets or network ACLs wait for more than ten minutes"
      namespace   = "AWS/SQS"
      metric      = "ApproximateAgeOfOldestMessage"
      statistic   = "Maximum"
      threshold   = 600
      dimensions  = { QueueName = aws_sqs_queue.edge.name }
    }
    errors = {
      description = "Runs of the responder failed"
      namespace   = "AWS/Lambda"
      metric      = "Errors"
      statistic   = "Sum"
      threshold   = 0
      dimensions  = { FunctionName = aws_lambda_function.responder.function_name }
    }
    # The function writes it to its log in CloudWatch's embedded metric format, the fullest set of all.
    set-fill = {
      description = "An IP set or the responder's range of network ACL rules is more than 80 % full"
      namespace   = "Vigie/Responder"
      metric      = "SetFillPercent"
      statistic   = "Maximum"
      threshold   = 80
      dimensions  = { FunctionName = aws_lambda_function.responder.function_name }
    }
  }
}

resource "aws_cloudwatch_metric_alarm" "own" {
  for_each = local.own_alarms

  alarm_name          = "${var.name}-${each.key}"
  alarm_description   = each.value.description
  namespace           = each.value.namespace
  metric_name         = each.value.metric
  statistic           = each.value.statistic
  dimensions          = each.value.dimensions
  comparison_operator = "GreaterThanThreshold"
  threshold           = each.value.threshold
  period              = 60
  evaluation_periods  = 1
  treat_missing_data  = "notBreaching"
  alarm_actions       = [aws_sns_topic.messages.arn]
  tags                = var.tags
}
