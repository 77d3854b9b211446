# What the responder blocks for HTTP. It writes the addresses; Terraform makes the empty sets and never looks again.

resource "aws_wafv2_ip_set" "ipv4" {
  name               = "${var.name}-blocked-ipv4"
  description        = "IPv4 networks that the Vigie responder blocks"
  scope              = "REGIONAL"
  ip_address_version = "IPV4"
  addresses          = []
  tags               = var.tags

  lifecycle {
    ignore_changes = [addresses]
  }
}

resource "aws_wafv2_ip_set" "ipv6" {
  name               = "${var.name}-blocked-ipv6"
  description        = "IPv6 networks that the Vigie responder blocks"
  scope              = "REGIONAL"
  ip_address_version = "IPV6"
  addresses          = []
  tags               = var.tags

  lifecycle {
    ignore_changes = [addresses]
  }
}

resource "aws_wafv2_web_acl" "edge" {
  #checkov:skip=CKV_AWS_192:Log4j protection is a managed rule group, for the user to choose in managed_rule_groups
  name        = "${var.name}-edge"
  description = "Blocks what is in the IP sets of the Vigie responder"
  scope       = "REGIONAL"
  tags        = var.tags

  default_action {
    allow {}
  }

  rule {
    name     = "vigie-blocked"
    priority = var.web_acl_priority

    action {
      block {}
    }

    statement {
      or_statement {
        statement {
          ip_set_reference_statement {
            arn = aws_wafv2_ip_set.ipv4.arn
          }
        }
        statement {
          ip_set_reference_statement {
            arn = aws_wafv2_ip_set.ipv6.arn
          }
        }
      }
    }

    visibility_config {
      cloudwatch_metrics_enabled = true
      metric_name                = "${var.name}-blocked"
      sampled_requests_enabled   = true
    }
  }

  dynamic "rule" {
    for_each = var.managed_rule_groups

    content {
      name     = rule.value.name
      priority = rule.value.priority

      override_action {
        dynamic "count" {
          for_each = rule.value.count_only ? [true] : []
          content {}
        }
        dynamic "none" {
          for_each = rule.value.count_only ? [] : [true]
          content {}
        }
      }

      statement {
        managed_rule_group_statement {
          name        = rule.value.name
          vendor_name = rule.value.vendor
        }
      }

      visibility_config {
        cloudwatch_metrics_enabled = true
        metric_name                = "${var.name}-${rule.value.name}"
        sampled_requests_enabled   = true
      }
    }
  }

  visibility_config {
    cloudwatch_metrics_enabled = true
    metric_name                = "${var.name}-edge"
    sampled_requests_enabled   = true
  }

  lifecycle {
    precondition {
      condition     = var.create_alb != (var.alb_arn != null)
      error_message = "WAF blocks only where it is attached: either leave create_alb = true and give no alb_arn, or set create_alb = false and give alb_arn."
    }
    precondition {
      condition     = !contains([for group in var.managed_rule_groups : group.priority], var.web_acl_priority)
      error_message = "managed_rule_groups: priority ${var.web_acl_priority} belongs to the rule that blocks the responder's addresses (web_acl_priority)."
    }
  }
}

resource "aws_wafv2_web_acl_association" "alb" {
  resource_arn = var.create_alb ? aws_lb.edge[0].arn : var.alb_arn
  web_acl_arn  = aws_wafv2_web_acl.edge.arn
}

# WAF writes only to log groups whose names begin with aws-waf-logs-.
resource "aws_cloudwatch_log_group" "waf" {
  count = var.waf_log_retention_days == null ? 0 : 1

  name              = "aws-waf-logs-${var.name}-edge"
  retention_in_days = var.waf_log_retention_days
  kms_key_id        = var.waf_log_kms_key_arn
  tags              = var.tags
}

resource "aws_wafv2_web_acl_logging_configuration" "edge" {
  count = var.waf_log_retention_days == null ? 0 : 1

  log_destination_configs = [aws_cloudwatch_log_group.waf[0].arn]
  resource_arn            = aws_wafv2_web_acl.edge.arn

  # What passed is the web server's to log; here only what was blocked or counted is of use.
  logging_filter {
    default_behavior = "DROP"

    filter {
      behavior    = "KEEP"
      requirement = "MEETS_ANY"

      condition {
        action_condition {
          action = "BLOCK"
        }
      }
      condition {
        action_condition {
          action = "COUNT"
        }
      }
    }
  }

  dynamic "redacted_fields" {
    for_each = var.waf_log_redacted_headers

    content {
      single_header {
        name = redacted_fields.value
      }
    }
  }
}
