# The group that an isolated instance is put into: nothing may enter, nothing may leave. The empty lists make Terraform
# take out any rule that someone adds.
resource "aws_security_group" "quarantine" {
  #checkov:skip=CKV2_AWS_5:Attached by the responder, to the instance that it isolates
  name        = "${var.name}-quarantine"
  description = "Isolated by the Vigie responder: no traffic in, none out"
  vpc_id      = var.vpc_id
  ingress     = []
  egress      = []

  # The responder finds the group of a VPC by this tag where no id is configured.
  tags = merge(var.tags, {
    Name               = "${var.name}-quarantine"
    "vigie:quarantine" = "true"
  })
}
