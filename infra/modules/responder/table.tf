# Decisions: what was claimed, is in force, ended or failed, with what undoes it.
resource "aws_dynamodb_table" "decisions" {
  #checkov:skip=CKV_AWS_119:Encrypted with the account's aws/dynamodb key; the table holds addresses, ids of resources and reasons, no secrets
  name         = "${var.name}-decisions"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "id"
  # The way back of everything that is in force is in here.
  deletion_protection_enabled = var.table_deletion_protection
  tags                        = var.tags

  attribute {
    name = "id"
    type = "S"
  }

  attribute {
    name = "state"
    type = "S"
  }

  attribute {
    name = "expires"
    type = "N"
  }

  global_secondary_index {
    name            = "by_state"
    hash_key        = "state"
    range_key       = "expires"
    projection_type = "ALL"
  }

  ttl {
    attribute_name = "purge"
    enabled        = true
  }

  point_in_time_recovery {
    enabled = true
  }

  server_side_encryption {
    enabled = true
  }
}
