# Queues, dead letters, table, schedule, topic and alarms.

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
  emails  = ["soc@example.org"]
  phones  = ["+33123456789"]
  alarms  = [{ alarm = "odd-instance", do = "isolate_instance" }]
}

run "dead_letters" {
  assert {
    condition = alltrue([for target in [aws_cloudwatch_event_target.findings, aws_cloudwatch_event_target.alarms[0]] :
    one(target.dead_letter_config).arn == aws_sqs_queue.dead_letters.arn && one(target.retry_policy).maximum_retry_attempts == 10])
    error_message = "Both rules retry, and then give to the dead-letter queue."
  }
  assert {
    condition     = one(one(aws_scheduler_schedule.expire.target).dead_letter_config).arn == aws_sqs_queue.dead_letters.arn
    error_message = "The schedule gives to the dead-letter queue."
  }
  assert {
    condition     = jsondecode(aws_sqs_queue.edge.redrive_policy) == { deadLetterTargetArn = aws_sqs_queue.edge_dead_letters.arn, maxReceiveCount = 5 }
    error_message = "The edge queue gives to its dead-letter queue after five tries."
  }
  assert {
    condition     = !coalesce(aws_sqs_queue.dead_letters.fifo_queue, false) && aws_sqs_queue.edge_dead_letters.fifo_queue
    error_message = "EventBridge and the Scheduler need a standard queue; a FIFO queue needs a FIFO one."
  }
  assert {
    condition     = jsondecode(aws_sqs_queue_policy.dead_letters.policy).Statement[0].Condition.ArnEquals["aws:SourceArn"] == [aws_cloudwatch_event_rule.findings.arn, aws_cloudwatch_event_rule.alarms[0].arn]
    error_message = "Only this responder's rules may send to the dead-letter queue."
  }
}

run "edge_queue" {
  assert {
    condition     = aws_sqs_queue.edge.name == "vigie-responder-edge.fifo" && aws_sqs_queue.edge.fifo_queue && !aws_sqs_queue.edge.content_based_deduplication
    error_message = "A FIFO queue whose messages bring their own deduplication id."
  }
  assert {
    condition     = aws_sqs_queue.edge.visibility_timeout_seconds >= 6 * aws_lambda_function.responder.timeout
    error_message = "A batch must stay hidden for six times the function's timeout."
  }
  assert {
    condition     = aws_lambda_event_source_mapping.edge.batch_size == 10 && aws_lambda_event_source_mapping.edge.function_response_types == toset(["ReportBatchItemFailures"])
    error_message = "Batches of ten, of which only what failed comes again."
  }
}

run "longer_runs" {
  command = plan
  variables {
    timeout_seconds = 300
  }
  assert {
    condition     = aws_sqs_queue.edge.visibility_timeout_seconds == 1800
    error_message = "The queue follows the function's timeout."
  }
}

run "table" {
  command = plan
  assert {
    condition     = aws_dynamodb_table.decisions.hash_key == "id" && aws_dynamodb_table.decisions.billing_mode == "PAY_PER_REQUEST"
    error_message = "The key is id."
  }
  assert {
    condition     = [for index in aws_dynamodb_table.decisions.global_secondary_index : [index.name, index.hash_key, index.range_key, index.projection_type]] == [["by_state", "state", "expires", "ALL"]]
    error_message = "The index by_state finds what has expired."
  }
  assert {
    condition     = one(aws_dynamodb_table.decisions.ttl).attribute_name == "purge" && one(aws_dynamodb_table.decisions.point_in_time_recovery).enabled && one(aws_dynamodb_table.decisions.server_side_encryption).enabled
    error_message = "Purged by TTL, recoverable, encrypted."
  }
  assert {
    condition     = aws_dynamodb_table.decisions.deletion_protection_enabled
    error_message = "The table holds the way back: it is protected unless said otherwise."
  }
}

run "schedule" {
  assert {
    condition     = aws_scheduler_schedule.expire.schedule_expression == "rate(1 minute)" && one(aws_scheduler_schedule.expire.target).input == "{\"vigie\":\"expire\"}"
    error_message = "Once a minute, with the word that the function knows."
  }
  assert {
    condition     = [for statement in jsondecode(aws_iam_role_policy.scheduler.policy).Statement : statement.Resource] == [aws_lambda_function.responder.arn, aws_sqs_queue.dead_letters.arn]
    error_message = "The schedule's role may call this function and write to its dead-letter queue, nothing else."
  }
}

run "topic" {
  assert {
    condition     = aws_sns_topic.messages.kms_master_key_id == aws_kms_key.messages.arn && aws_kms_key.messages.enable_key_rotation
    error_message = "Messages are encrypted with a key that rotates."
  }
  assert {
    condition     = jsondecode(aws_kms_key.messages.policy).Statement[1].Condition.StringEquals["kms:ViaService"] == "sns.eu-west-3.amazonaws.com" && jsondecode(aws_kms_key.messages.policy).Statement[1].Principal.AWS == aws_iam_role.responder.arn
    error_message = "The function uses the key through SNS only."
  }
  assert {
    condition     = [for subscription in values(aws_sns_topic_subscription.email) : [subscription.protocol, subscription.endpoint]] == [["email", "soc@example.org"]] && [for subscription in values(aws_sns_topic_subscription.sms) : [subscription.protocol, subscription.endpoint]] == [["sms", "+33123456789"]]
    error_message = "E-mail and text messages."
  }
}

run "alarms" {
  assert {
    condition     = alltrue([for alarm in values(aws_cloudwatch_metric_alarm.own) : alarm.alarm_actions == toset([aws_sns_topic.messages.arn])])
    error_message = "The responder's own alarms tell, and call nothing."
  }
  assert {
    condition     = aws_cloudwatch_metric_alarm.own["set-fill"].namespace == "Vigie/Responder" && aws_cloudwatch_metric_alarm.own["set-fill"].metric_name == "SetFillPercent" && aws_cloudwatch_metric_alarm.own["set-fill"].threshold == 80 && aws_cloudwatch_metric_alarm.own["set-fill"].dimensions == tomap({ FunctionName = "vigie-responder" })
    error_message = "A set that is 80 % full is told of."
  }
  assert {
    condition     = aws_cloudwatch_metric_alarm.own["dead-letters"].dimensions.QueueName == "vigie-responder-dead-letters" && aws_cloudwatch_metric_alarm.own["edge-dead-letters"].dimensions.QueueName == "vigie-responder-edge-dead-letters.fifo"
    error_message = "Each dead-letter queue has its alarm."
  }
}

run "traces_by_choice" {
  command = plan
  variables {
    xray = true
  }
  assert {
    condition     = one(aws_lambda_function.responder.tracing_config).mode == "Active" && length(aws_iam_role_policy.traces) == 1
    error_message = "Traces need the mode and the permission."
  }
}
