# The network_edge module's part.

resource "aws_vpc" "trial" {
  cidr_block = "10.60.0.0/16"
}

resource "aws_subnet" "trial" {
  count = 2

  vpc_id            = aws_vpc.trial.id
  cidr_block        = cidrsubnet(aws_vpc.trial.cidr_block, 8, count.index)
  availability_zone = "us-east-1${["a", "b"][count.index]}"
}

resource "aws_internet_gateway" "trial" {
  vpc_id = aws_vpc.trial.id
}

resource "aws_lb" "edge" {
  name                       = "vigie-alb"
  load_balancer_type         = "application"
  subnets                    = aws_subnet.trial[*].id
  drop_invalid_header_fields = true

  depends_on = [aws_internet_gateway.trial]
}

resource "aws_lb_listener" "http" {
  load_balancer_arn = aws_lb.edge.arn
  port              = 80
  protocol          = "HTTP"

  default_action {
    type = "fixed-response"

    fixed_response {
      content_type = "text/plain"
      message_body = "Not found"
      status_code  = "404"
    }
  }
}

resource "aws_wafv2_ip_set" "blocked" {
  for_each = toset(["IPV4", "IPV6"])

  name               = "vigie-blocked-${lower(each.key)}"
  scope              = "REGIONAL"
  ip_address_version = each.key
  addresses          = []

  lifecycle {
    ignore_changes = [addresses]
  }
}

resource "aws_wafv2_web_acl" "edge" {
  name  = "vigie-edge"
  scope = "REGIONAL"

  default_action {
    allow {}
  }

  rule {
    name     = "vigie-blocked"
    priority = 0

    action {
      block {}
    }

    statement {
      or_statement {
        statement {
          ip_set_reference_statement {
            arn = aws_wafv2_ip_set.blocked["IPV4"].arn
          }
        }
        statement {
          ip_set_reference_statement {
            arn = aws_wafv2_ip_set.blocked["IPV6"].arn
          }
        }
      }
    }

    visibility_config {
      cloudwatch_metrics_enabled = true
      metric_name                = "vigie-blocked"
      sampled_requests_enabled   = true
    }
  }

  visibility_config {
    cloudwatch_metrics_enabled = true
    metric_name                = "vigie-edge"
    sampled_requests_enabled   = true
  }
}

resource "aws_wafv2_web_acl_association" "alb" {
  resource_arn = aws_lb.edge.arn
  web_acl_arn  = aws_wafv2_web_acl.edge.arn
}

resource "aws_network_acl" "edge" {
  vpc_id     = aws_vpc.trial.id
  subnet_ids = aws_subnet.trial[*].id
}

resource "aws_network_acl_rule" "allow" {
  for_each = toset(["ingress", "egress"])

  network_acl_id = aws_network_acl.edge.id
  rule_number    = 100
  egress         = each.key == "egress"
  rule_action    = "allow"
  protocol       = "-1"
  cidr_block     = "0.0.0.0/0"
}

# Stands for an entry of the responder's: made beside Terraform's, it must not show up as drift of the network ACL.
resource "aws_network_acl_rule" "responder" {
  network_acl_id = aws_network_acl.edge.id
  rule_number    = 10
  rule_action    = "deny"
  protocol       = "-1"
  cidr_block     = "203.0.113.9/32"
}

resource "aws_security_group" "quarantine" {
  name        = "vigie-quarantine"
  description = "Isolated by the Vigie responder: no traffic in, none out"
  vpc_id      = aws_vpc.trial.id
  ingress     = []
  egress      = []
  tags        = { "vigie:quarantine" = "true" }
}
