# What the modules make, as far as an old provider (3.39) and moto know it, really applied, planned again and destroyed.
# Left out: the function with what hangs on it (3.39 knows no provided.al2023), the schedule, and arguments that are newer.
# Never applied to AWS.
#
# `cargo xtask test` puts the responder's policy.json.tftpl beside this file before it applies.

provider "aws" {
  region = "us-east-1"
}

data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}
data "aws_region" "current" {}

locals {
  name      = "vigie-responder"
  account   = data.aws_caller_identity.current.account_id
  partition = data.aws_partition.current.partition
  region    = data.aws_region.current.name
}
