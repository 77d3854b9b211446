output "function_name" {
  description = "Name of the function, for `aws lambda invoke`."
  value       = aws_lambda_function.responder.function_name
}

output "function_arn" {
  description = "ARN of the function."
  value       = aws_lambda_function.responder.arn
}

output "role_arn" {
  description = "ARN of the role that acts: name it in the policies of resources that it must reach, and look for it in CloudTrail."
  value       = aws_iam_role.responder.arn
}

output "settings" {
  description = "The function's configuration as JSON: save it to a file and `vigie aws plan` and `vigie aws run` decide as the function does."
  value       = jsonencode(local.settings)
}

output "table_name" {
  description = "Table of decisions, for `vigie aws list` and `vigie aws undo`."
  value       = aws_dynamodb_table.decisions.name
}

output "topic_arn" {
  description = "Topic of the responder's messages, for more subscriptions."
  value       = aws_sns_topic.messages.arn
}

output "edge_queue_url" {
  description = "Queue of the changes of IP sets and network ACLs."
  value       = aws_sqs_queue.edge.url
}

output "dead_letter_queue_urls" {
  description = "Queues that hold what did not get through, for 14 days: events, and changes of the edge."
  value       = [aws_sqs_queue.dead_letters.url, aws_sqs_queue.edge_dead_letters.url]
}

output "rule_names" {
  description = "EventBridge rules that call the function: disable them to stop it."
  value       = concat([aws_cloudwatch_event_rule.findings.name], aws_cloudwatch_event_rule.alarms[*].name)
}
