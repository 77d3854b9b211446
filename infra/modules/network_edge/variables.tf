variable "name" {
  description = "Prefix of the names of everything that the module makes."
  type        = string
  default     = "vigie"

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,22}[a-z0-9]$", var.name))
    error_message = "name must be 3 to 24 lower-case letters, digits or hyphens, begin with a letter and not end with a hyphen: a load balancer's name holds 32 characters."
  }
}

variable "vpc_id" {
  description = "VPC that the load balancer, the network ACL and the quarantine group belong to. The module makes none."
  type        = string

  validation {
    condition     = can(regex("^vpc-[0-9a-z]+$", var.vpc_id))
    error_message = "vpc_id must be the id of a VPC, such as vpc-0123456789abcdef0."
  }
}

variable "tags" {
  description = "Tags on everything that the module makes."
  type        = map(string)
  default     = {}
}

# Load balancer

variable "create_alb" {
  description = "Make an application load balancer. Set it to false and give alb_arn to protect one that exists."
  type        = bool
  default     = true
}

variable "alb_arn" {
  description = "ARN of an existing application load balancer to attach the web ACL to. WAF blocks only where it is attached."
  type        = string
  default     = null

  validation {
    condition     = var.alb_arn == null || can(regex("^arn:[a-z-]+:elasticloadbalancing:[a-z0-9-]+:[0-9]{12}:loadbalancer/app/", var.alb_arn))
    error_message = "alb_arn must be the ARN of an application load balancer (…:loadbalancer/app/…): WAF cannot be attached to a network load balancer."
  }
}

variable "alb_subnet_ids" {
  description = "Subnets of the load balancer that the module makes: at least two, in different Availability Zones."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for id in var.alb_subnet_ids : can(regex("^subnet-[0-9a-z]+$", id))])
    error_message = "alb_subnet_ids must be ids of subnets, such as subnet-0123456789abcdef0."
  }
}

variable "alb_internal" {
  description = "Whether the load balancer that the module makes has private addresses only."
  type        = bool
  default     = false
}

variable "alb_deletion_protection" {
  description = "Whether the load balancer that the module makes is protected from deletion. `terraform destroy` needs false."
  type        = bool
  default     = true
}

variable "alb_access_logs" {
  description = "S3 bucket for the access logs of the load balancer that the module makes; its policy must let the load balancer write."
  type = object({
    bucket = string
    prefix = optional(string)
  })
  default = null
}

variable "alb_allowed_networks" {
  description = "IPv4 and IPv6 networks that may reach the load balancer that the module makes."
  type        = list(string)
  default     = ["0.0.0.0/0", "::/0"]

  validation {
    condition     = alltrue([for network in var.alb_allowed_networks : can(cidrhost(network, 0))])
    error_message = "alb_allowed_networks must be networks in CIDR notation, such as 203.0.113.0/24 or 2001:db8::/32."
  }
}

variable "alb_target_networks" {
  description = "IPv4 networks that the load balancer that the module makes may send to. Empty: the VPC's primary network."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for network in var.alb_target_networks : can(cidrnetmask(network))])
    error_message = "alb_target_networks must be IPv4 networks in CIDR notation, such as 10.0.0.0/16."
  }
}

variable "certificate_arn" {
  description = "ARN of an ACM certificate. With it the load balancer serves HTTPS and redirects HTTP; without it, HTTP only."
  type        = string
  default     = null

  validation {
    condition     = var.certificate_arn == null || can(regex("^arn:[a-z-]+:acm:[a-z0-9-]+:[0-9]{12}:certificate/", var.certificate_arn))
    error_message = "certificate_arn must be the ARN of an ACM certificate in the load balancer's Region."
  }
}

variable "ssl_policy" {
  description = "TLS policy of the HTTPS listener."
  type        = string
  default     = "ELBSecurityPolicy-TLS13-1-2-2021-06"
}

variable "target_group_arns" {
  description = "Target groups that the load balancer forwards to in equal parts. Empty: it answers 404 by itself."
  type        = list(string)
  default     = []

  validation {
    condition     = length(var.target_group_arns) <= 5
    error_message = "target_group_arns: a forward action takes at most five target groups."
  }
}

# WAF

variable "web_acl_priority" {
  description = "Priority of the rule that blocks the responder's addresses; the lowest number is evaluated first."
  type        = number
  default     = 0

  validation {
    condition     = var.web_acl_priority >= 0 && floor(var.web_acl_priority) == var.web_acl_priority
    error_message = "web_acl_priority must be a whole number, 0 or greater."
  }
}

variable "managed_rule_groups" {
  description = "AWS managed rule groups to evaluate besides, such as AWSManagedRulesCommonRuleSet. count_only lets matches pass and counts them."
  type = list(object({
    name       = string
    priority   = number
    vendor     = optional(string, "AWS")
    count_only = optional(bool, true)
  }))
  default = []

  validation {
    condition     = length(distinct([for group in var.managed_rule_groups : group.priority])) == length(var.managed_rule_groups)
    error_message = "managed_rule_groups: give each group a priority of its own."
  }
}

variable "waf_log_retention_days" {
  description = "Days that the log of blocked requests is kept in CloudWatch Logs; null writes no log."
  type        = number
  default     = null

  validation {
    condition     = var.waf_log_retention_days == null || contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], coalesce(var.waf_log_retention_days, 0))
    error_message = "waf_log_retention_days must be a number of days that CloudWatch Logs knows: 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288 or 3653."
  }
}

variable "waf_log_kms_key_arn" {
  description = "KMS key for the WAF log; its policy must let CloudWatch Logs use it. Null: CloudWatch Logs encrypts with a key of its own."
  type        = string
  default     = null
}

variable "waf_log_redacted_headers" {
  description = "Request headers that are not written to the WAF log."
  type        = list(string)
  default     = ["authorization", "cookie"]

  validation {
    condition     = alltrue([for header in var.waf_log_redacted_headers : header == lower(header)])
    error_message = "waf_log_redacted_headers must be lower case."
  }
}

# Network ACL

variable "create_network_acl" {
  description = "Make a network ACL for network_acl_subnet_ids. It takes the place of the one that they have now."
  type        = bool
  default     = true
}

variable "network_acl_subnet_ids" {
  description = "Subnets that the network ACL is put before. An address blocked there reaches nothing in them, whatever the port."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for id in var.network_acl_subnet_ids : can(regex("^subnet-[0-9a-z]+$", id))])
    error_message = "network_acl_subnet_ids must be ids of subnets, such as subnet-0123456789abcdef0."
  }
}

variable "network_acl_ids" {
  description = "Existing network ACLs that the responder may write its entries to. Their own rules must have numbers above its range."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for id in var.network_acl_ids : can(regex("^acl-[0-9a-z]+$", id))])
    error_message = "network_acl_ids must be ids of network ACLs, such as acl-0123456789abcdef0."
  }
}

variable "responder_first_rule" {
  description = "First rule number of the range that belongs to the responder. Terraform makes no rule within it, nor below it: there the responder cuts off an instance that is alone in its subnet."
  type        = number
  default     = 10

  validation {
    condition     = var.responder_first_rule >= 3 && var.responder_first_rule <= 32000 && floor(var.responder_first_rule) == var.responder_first_rule
    error_message = "responder_first_rule must be a whole number from 3 to 32000: the numbers below it are for cutting off an instance."
  }
}

variable "responder_rules" {
  description = "How many rule numbers the responder has. IPv4 and IPv6 share them; when all are used, the block that would end first goes."
  type        = number
  default     = 16

  validation {
    condition     = var.responder_rules >= 1 && var.responder_rules <= 36 && floor(var.responder_rules) == var.responder_rules
    error_message = "responder_rules must be a whole number from 1 to 36: a network ACL takes 20 rules a direction, 40 after a raised quota; two let the other traffic in, and two are kept for cutting off an instance."
  }
}

variable "network_acl_quota" {
  description = "Your account's quota of rules per network ACL and direction: 20, unless AWS has raised it."
  type        = number
  default     = 20

  validation {
    condition     = var.network_acl_quota >= 6 && var.network_acl_quota <= 40
    error_message = "network_acl_quota must be from 6 to 40, the most that AWS grants."
  }
}

variable "network_acl_allow_rules" {
  description = "Rules of the network ACL that the module makes. The default lets everything pass that the responder does not deny: security groups decide what may enter."
  type = list(object({
    number    = number
    direction = string
    network   = string
    protocol  = optional(string, "-1")
    from_port = optional(number)
    to_port   = optional(number)
  }))
  default = [
    { number = 100, direction = "ingress", network = "0.0.0.0/0" },
    { number = 101, direction = "ingress", network = "::/0" },
    { number = 100, direction = "egress", network = "0.0.0.0/0" },
    { number = 101, direction = "egress", network = "::/0" },
  ]

  validation {
    condition     = alltrue([for rule in var.network_acl_allow_rules : contains(["ingress", "egress"], rule.direction)])
    error_message = "network_acl_allow_rules: direction must be ingress or egress."
  }

  validation {
    condition     = alltrue([for rule in var.network_acl_allow_rules : can(cidrhost(rule.network, 0))])
    error_message = "network_acl_allow_rules: network must be in CIDR notation, such as 0.0.0.0/0 or ::/0."
  }

  validation {
    condition     = alltrue([for rule in var.network_acl_allow_rules : rule.number >= 1 && rule.number <= 32766])
    error_message = "network_acl_allow_rules: number must be from 1 to 32766."
  }

  validation {
    condition     = length(distinct([for rule in var.network_acl_allow_rules : "${rule.direction} ${rule.number}"])) == length(var.network_acl_allow_rules)
    error_message = "network_acl_allow_rules: a number may be used once in each direction, for IPv4 and IPv6 together."
  }
}
