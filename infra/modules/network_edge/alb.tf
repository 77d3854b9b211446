# An application load balancer, where none is given: WAF needs something to be attached to.

locals {
  # An address family of its own for each: the provider takes them in different arguments.
  alb_networks = var.create_alb ? toset(var.alb_allowed_networks) : toset([])
  alb_ports    = var.certificate_arn == null ? toset(["80"]) : toset(["80", "443"])
  alb_rules = {
    for pair in setproduct(local.alb_networks, local.alb_ports) :
    "${pair[0]} ${pair[1]}" => { network = pair[0], port = tonumber(pair[1]), ipv6 = strcontains(pair[0], ":") }
  }
}

resource "aws_security_group" "alb" {
  count = var.create_alb ? 1 : 0

  name        = "${var.name}-alb"
  description = "Load balancer that the web ACL of Vigie protects"
  vpc_id      = var.vpc_id
  tags        = merge(var.tags, { Name = "${var.name}-alb" })
}

resource "aws_vpc_security_group_ingress_rule" "alb" {
  for_each = local.alb_rules

  security_group_id = aws_security_group.alb[0].id
  description       = "Web, from ${each.value.network}"
  ip_protocol       = "tcp"
  from_port         = each.value.port
  to_port           = each.value.port
  cidr_ipv4         = each.value.ipv6 ? null : each.value.network
  cidr_ipv6         = each.value.ipv6 ? each.value.network : null
  tags              = var.tags
}

resource "aws_vpc_security_group_egress_rule" "alb" {
  count = var.create_alb ? max(length(var.alb_target_networks), 1) : 0

  security_group_id = aws_security_group.alb[0].id
  description       = "Targets"
  ip_protocol       = "-1"
  cidr_ipv4         = try(var.alb_target_networks[count.index], data.aws_vpc.edge[0].cidr_block)
  tags              = var.tags
}

data "aws_vpc" "edge" {
  count = var.create_alb ? 1 : 0

  id = var.vpc_id
}

resource "aws_lb" "edge" {
  #checkov:skip=CKV_AWS_150:Protected unless alb_deletion_protection says otherwise; the example must let itself be destroyed
  #checkov:skip=CKV2_AWS_76:Log4j protection is a managed rule group, for the user to choose in managed_rule_groups
  count = var.create_alb ? 1 : 0

  name                       = "${var.name}-alb"
  load_balancer_type         = "application"
  internal                   = var.alb_internal
  security_groups            = [aws_security_group.alb[0].id]
  subnets                    = var.alb_subnet_ids
  drop_invalid_header_fields = true
  enable_deletion_protection = var.alb_deletion_protection
  tags                       = var.tags

  dynamic "access_logs" {
    for_each = var.alb_access_logs == null ? [] : [var.alb_access_logs]

    content {
      enabled = true
      bucket  = access_logs.value.bucket
      prefix  = access_logs.value.prefix
    }
  }

  lifecycle {
    precondition {
      condition     = length(var.alb_subnet_ids) >= 2
      error_message = "alb_subnet_ids: a load balancer needs at least two subnets in different Availability Zones (or set create_alb = false and give alb_arn)."
    }
  }
}

resource "aws_lb_listener" "http" {
  count = var.create_alb ? 1 : 0

  load_balancer_arn = aws_lb.edge[0].arn
  port              = 80
  protocol          = "HTTP"
  tags              = var.tags

  default_action {
    type = local.http_action

    dynamic "redirect" {
      for_each = local.http_action == "redirect" ? [true] : []

      content {
        port        = "443"
        protocol    = "HTTPS"
        status_code = "HTTP_301"
      }
    }

    dynamic "forward" {
      for_each = local.http_action == "forward" ? [true] : []

      content {
        dynamic "target_group" {
          for_each = var.target_group_arns

          content {
            arn    = target_group.value
            weight = 1
          }
        }
      }
    }

    dynamic "fixed_response" {
      for_each = local.http_action == "fixed-response" ? [true] : []

      content {
        content_type = "text/plain"
        message_body = "Not found"
        status_code  = "404"
      }
    }
  }
}

locals {
  https_action = length(var.target_group_arns) > 0 ? "forward" : "fixed-response"
  http_action  = var.certificate_arn == null ? local.https_action : "redirect"
}

resource "aws_lb_listener" "https" {
  count = var.create_alb && var.certificate_arn != null ? 1 : 0

  load_balancer_arn = aws_lb.edge[0].arn
  port              = 443
  protocol          = "HTTPS"
  certificate_arn   = var.certificate_arn
  ssl_policy        = var.ssl_policy
  tags              = var.tags

  default_action {
    type = local.https_action

    dynamic "forward" {
      for_each = local.https_action == "forward" ? [true] : []

      content {
        dynamic "target_group" {
          for_each = var.target_group_arns

          content {
            arn    = target_group.value
            weight = 1
          }
        }
      }
    }

    dynamic "fixed_response" {
      for_each = local.https_action == "fixed-response" ? [true] : []

      content {
        content_type = "text/plain"
        message_body = "Not found"
        status_code  = "404"
      }
    }
  }
}
