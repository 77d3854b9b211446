# The parts fit together, with everything made and with what exists already. `package` may be any file here.

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
  mock_data "aws_availability_zones" {
    defaults = { names = ["eu-west-3a", "eu-west-3b", "eu-west-3c"] }
  }
  mock_data "aws_vpc" {
    defaults = { cidr_block = "10.60.0.0/16" }
  }
  mock_resource "aws_vpc" {
    defaults = { id = "vpc-0made" }
  }
  mock_resource "aws_subnet" {
    defaults = { id = "subnet-0made" }
  }
  mock_resource "aws_security_group" {
    defaults = { id = "sg-0made" }
  }
}

variables {
  region      = "eu-west-3"
  package     = "./versions.tf"
  emails      = ["soc@example.org"]
  never_touch = [{ network = "198.51.100.0/24", reason = "the office" }]
}

run "all_made" {
  assert {
    condition     = jsondecode(output.settings).mode == "enforce"
    error_message = "The example says that it acts."
  }
  assert {
    condition     = jsondecode(output.settings).portscan_actor_response == "isolate"
    error_message = "An instance of ours that scans is isolated."
  }
  assert {
    condition     = jsondecode(output.settings).waf[0].ipv4.id == output.blocked.waf[0].ipv4.id && jsondecode(output.settings).waf[0].ipv6.id == output.blocked.waf[0].ipv6.id
    error_message = "The responder writes to the sets that the web ACL reads."
  }
  assert {
    condition     = jsondecode(output.settings).nacl.ids == output.blocked.network_acls && length(output.blocked.network_acls) == 1
    error_message = "The responder writes to the network ACL that was made."
  }
  assert {
    condition     = jsondecode(output.settings).quarantine_groups == { "vpc-0made" = "sg-0made" }
    error_message = "The responder knows the quarantine group of the VPC."
  }
  assert {
    condition     = jsondecode(output.settings).never_touch[0].network == "198.51.100.0/24"
    error_message = "What must never be touched reaches the responder."
  }
  assert {
    condition     = output.alb_dns_name != null && output.rule_names == ["vigie-responder-findings"]
    error_message = "A load balancer, and the one rule for findings."
  }
}

run "what_exists" {
  variables {
    vpc_id          = "vpc-0mine"
    subnet_ids      = ["subnet-0a", "subnet-0b"]
    alb_arn         = "arn:aws:elasticloadbalancing:eu-west-3:123456789012:loadbalancer/app/shop/50dc6c495c0c9188"
    network_acl_ids = ["acl-0mine"]
    create_detector = false
  }
  assert {
    condition     = length(aws_vpc.trial) == 0 && length(aws_subnet.trial) == 0 && output.alb_dns_name == null
    error_message = "No VPC and no load balancer is made."
  }
  assert {
    condition     = jsondecode(output.settings).nacl.ids == ["acl-0mine"] && jsondecode(output.settings).quarantine_groups == { "vpc-0mine" = "sg-0made" }
    error_message = "The responder is given what exists."
  }
}

run "refuses_bad_values" {
  command = plan
  variables {
    region = "Paris"
  }
  expect_failures = [var.region]
}
