# A small VPC with two public subnets, where none is given.

locals {
  make_vpc   = var.vpc_id == null
  vpc_id     = local.make_vpc ? aws_vpc.trial[0].id : var.vpc_id
  subnet_ids = local.make_vpc ? aws_subnet.trial[*].id : var.subnet_ids
}

data "aws_availability_zones" "here" {
  #checkov:skip=CKV_AWS_394:A zone that appears later moves no subnet: they ignore changes of their zone
  state = "available"
}

resource "aws_vpc" "trial" {
  #checkov:skip=CKV2_AWS_11:GuardDuty reads flow logs by itself; keeping one's own costs by volume
  count = local.make_vpc ? 1 : 0

  cidr_block           = "10.60.0.0/16"
  enable_dns_hostnames = true
  tags                 = { Name = "vigie-trial" }
}

resource "aws_subnet" "trial" {
  count = local.make_vpc ? 2 : 0

  vpc_id            = aws_vpc.trial[0].id
  cidr_block        = cidrsubnet(aws_vpc.trial[0].cidr_block, 8, count.index)
  availability_zone = data.aws_availability_zones.here.names[count.index]
  tags              = { Name = "vigie-trial-${count.index}" }

  lifecycle {
    ignore_changes = [availability_zone]
  }
}

resource "aws_internet_gateway" "trial" {
  count = local.make_vpc ? 1 : 0

  vpc_id = aws_vpc.trial[0].id
}

resource "aws_route_table" "trial" {
  count = local.make_vpc ? 1 : 0

  vpc_id = aws_vpc.trial[0].id

  route {
    cidr_block = "0.0.0.0/0"
    gateway_id = aws_internet_gateway.trial[0].id
  }
}

resource "aws_route_table_association" "trial" {
  count = local.make_vpc ? 2 : 0

  subnet_id      = aws_subnet.trial[count.index].id
  route_table_id = aws_route_table.trial[0].id
}

# The group that instances get when nobody chooses one: empty.
resource "aws_default_security_group" "trial" {
  count = local.make_vpc ? 1 : 0

  vpc_id = aws_vpc.trial[0].id
}
