variable "name" {
  description = "Name of the function, and prefix of the names of everything else that the module makes."
  type        = string
  default     = "vigie-responder"

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,38}[a-z0-9]$", var.name))
    error_message = "name must be 3 to 40 lower-case letters, digits or hyphens, begin with a letter and not end with a hyphen."
  }
}

variable "tags" {
  description = "Tags on everything that the module makes."
  type        = map(string)
  default     = {}
}

# The function

variable "package" {
  description = "Path of the function's package, vigie-responder.zip. `cargo xtask lambda` writes it to dist/."
  type        = string

  validation {
    condition     = fileexists(var.package)
    error_message = "package: there is no such file. Build it first, with `cargo xtask lambda` in the root of the project; it writes dist/vigie-responder.zip."
  }
}

variable "architecture" {
  description = "Processor that the package was built for: x86_64 or arm64."
  type        = string
  default     = "x86_64"

  validation {
    condition     = contains(["x86_64", "arm64"], var.architecture)
    error_message = "architecture must be x86_64 or arm64, as the package was built."
  }
}

variable "memory_mb" {
  description = "Memory of the function in MiB. Processor time comes with it."
  type        = number
  default     = 256

  validation {
    condition     = var.memory_mb >= 128 && var.memory_mb <= 10240
    error_message = "memory_mb must be from 128 to 10240."
  }
}

variable "timeout_seconds" {
  description = "Seconds that one run may take. The edge queue hides a batch for six times as long."
  type        = number
  default     = 60

  validation {
    condition     = var.timeout_seconds >= 10 && var.timeout_seconds <= 900
    error_message = "timeout_seconds must be from 10 to 900."
  }
}

variable "reserved_concurrency" {
  description = "Runs of the function at once; null sets no limit. 0 stops the responder: see \"Break glass\" in the guide."
  type        = number
  default     = null

  validation {
    condition     = var.reserved_concurrency == null || coalesce(var.reserved_concurrency, 0) >= 0
    error_message = "reserved_concurrency must be null (no limit), 0 (stopped) or a number of runs."
  }
}

variable "event_age_max_seconds" {
  description = "Age at which an event that could not be delivered is given up and goes to the dead-letter queue."
  type        = number
  default     = 3600

  validation {
    condition     = var.event_age_max_seconds >= 60 && var.event_age_max_seconds <= 21600
    error_message = "event_age_max_seconds must be from 60 to 21600 (6 hours), the most that Lambda takes."
  }
}

variable "xray" {
  description = "Whether AWS X-Ray traces runs of the function."
  type        = bool
  default     = false
}

variable "log_retention_days" {
  description = "Days that the function's log is kept."
  type        = number
  default     = 365

  validation {
    condition     = contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.log_retention_days)
    error_message = "log_retention_days must be a number of days that CloudWatch Logs knows: 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288 or 3653."
  }
}

variable "log_kms_key_arn" {
  description = "KMS key for the function's log; its policy must let CloudWatch Logs use it. Null: CloudWatch Logs encrypts with a key of its own."
  type        = string
  default     = null
}

variable "table_deletion_protection" {
  description = "Whether the table of decisions is protected from deletion: it holds what undoes all that is in force. `terraform destroy` needs false."
  type        = bool
  default     = true
}

# What it answers

variable "create_detector" {
  description = "Turn GuardDuty on in this Region. False where it is on already: an account has one detector a Region."
  type        = bool
  default     = false
}

variable "finding_types" {
  description = "Beginnings of the GuardDuty finding types that reach the responder."
  type        = list(string)
  default     = ["Recon:EC2/PortProbe", "Recon:EC2/Portscan"]

  validation {
    condition     = length(var.finding_types) > 0 && length(var.finding_types) <= 30
    error_message = "finding_types must hold 1 to 30 beginnings: an event pattern has a greatest length. For all types set respond_to_all_findings = true."
  }

  validation {
    condition     = alltrue([for type in var.finding_types : can(regex("^[A-Z][A-Za-z0-9]+:[A-Za-z0-9/.!&-]*$", type))])
    error_message = "finding_types must be beginnings of GuardDuty finding types without an asterisk, such as Recon:EC2/PortProbe or CryptoCurrency:."
  }
}

variable "respond_to_all_findings" {
  description = "Send every finding to the responder, whatever its type. Types that it does not know only notify."
  type        = bool
  default     = false
}

variable "alarms" {
  description = "CloudWatch alarms to answer. `alarm` is a name, or its beginning and an asterisk; `do` is block_log_sources (with log_group, filter, at_least, lookback), isolate_instance or notify."
  type = list(object({
    alarm     = string
    do        = string
    log_group = optional(string)
    filter    = optional(string)
    at_least  = optional(number)
    lookback  = optional(string)
  }))
  default = []

  validation {
    condition     = alltrue([for alarm in var.alarms : can(regex("^[^*]+\\*?$", alarm.alarm))])
    error_message = "alarms: alarm must be the name of an alarm, or the beginning of one and a single asterisk at its end."
  }

  validation {
    condition     = alltrue([for alarm in var.alarms : contains(["block_log_sources", "isolate_instance", "notify"], alarm.do)]) && length(var.alarms) <= 50
    error_message = "alarms: do must be block_log_sources, isolate_instance or notify, in at most 50 entries."
  }

  validation {
    condition     = alltrue([for alarm in var.alarms : alarm.do != "block_log_sources" || (alarm.log_group != null && alarm.filter != null)])
    error_message = "alarms: block_log_sources needs log_group and filter: the alarm itself does not say who failed to log in, the lines of its log do."
  }

  validation {
    condition     = alltrue([for alarm in var.alarms : alarm.lookback == null || can(regex("^[1-9][0-9]*[smhd]$", alarm.lookback))])
    error_message = "alarms: lookback must be a number and s, m, h or d, such as 10m."
  }

  validation {
    condition     = alltrue([for alarm in var.alarms : alarm.at_least == null || try(alarm.at_least >= 1, false)])
    error_message = "alarms: at_least must be 1 or more."
  }
}

# What it may do

variable "mode" {
  description = "dry_run: plan, record and notify only. enforce: act."
  type        = string
  default     = "dry_run"

  validation {
    condition     = contains(["dry_run", "enforce"], var.mode)
    error_message = "mode must be dry_run (plan and tell) or enforce (act)."
  }
}

variable "never_touch" {
  description = "Networks that are never blocked, each with the reason: your offices, partners, monitoring, egress addresses."
  type = list(object({
    network = string
    reason  = string
  }))
  default = []

  validation {
    condition     = alltrue([for entry in var.never_touch : can(cidrhost(entry.network, 0))])
    error_message = "never_touch: network must be in CIDR notation; a single address is 203.0.113.9/32 or 2001:db8::9/128."
  }

  validation {
    condition     = alltrue([for entry in var.never_touch : trimspace(entry.reason) != ""])
    error_message = "never_touch: say in reason why the network must not be blocked."
  }
}

variable "block_for" {
  description = "How long an address stays blocked, such as 24h; at most 90d. A repeat extends it."
  type        = string
  default     = "24h"

  validation {
    condition     = can(regex("^[1-9][0-9]*[smhd]$", var.block_for))
    error_message = "block_for must be a number and s, m, h or d, such as 24h."
  }
}

variable "portscan_actor_response" {
  description = "Answer to one of your instances that scans others: isolate it, or block_remote, which blocks the victim. The guide says why isolate is the default."
  type        = string
  default     = "isolate"

  validation {
    condition     = contains(["isolate", "block_remote"], var.portscan_actor_response)
    error_message = "portscan_actor_response must be isolate or block_remote."
  }
}

variable "isolate_min_severity" {
  description = "Least GuardDuty severity at which an instance is isolated."
  type        = number
  default     = 4

  validation {
    condition     = var.isolate_min_severity >= 1 && var.isolate_min_severity <= 10
    error_message = "isolate_min_severity must be from 1 to 10, as GuardDuty counts."
  }
}

variable "credential_min_severity" {
  description = "Least GuardDuty severity at which keys are disabled and sessions revoked."
  type        = number
  default     = 4

  validation {
    condition     = var.credential_min_severity >= 1 && var.credential_min_severity <= 10
    error_message = "credential_min_severity must be from 1 to 10, as GuardDuty counts."
  }
}

variable "isolate_nodes" {
  description = "Whether a node of a cluster is isolated, with everything that runs on it, for what one of its containers did."
  type        = bool
  default     = false
}

variable "shared_subnet" {
  description = "What to do besides the quarantine group when the instance is not alone in its subnet, where a network ACL would cut its neighbours too: tell, or stop the instance."
  type        = string
  default     = "tell"

  validation {
    condition     = contains(["tell", "stop"], var.shared_subnet)
    error_message = "shared_subnet must be tell or stop."
  }
}

# Where it acts

variable "waf" {
  description = "IP sets that the responder writes blocked addresses to: the output `waf` of the network_edge module."
  type = list(object({
    scope = string
    ipv4  = object({ name = string, id = string, arn = string })
    ipv6  = object({ name = string, id = string, arn = string })
  }))
  default = []

  validation {
    condition     = alltrue([for sets in var.waf : contains(["REGIONAL", "CLOUDFRONT"], sets.scope)])
    error_message = "waf: scope must be REGIONAL or CLOUDFRONT."
  }
}

variable "nacl" {
  description = "Network ACLs that the responder writes deny entries to, and its range of rule numbers: the output `nacl` of the network_edge module."
  type = object({
    ids        = list(string)
    first_rule = optional(number, 10)
    rules      = optional(number, 16)
  })
  default = null

  validation {
    condition     = var.nacl == null || try(var.nacl.first_rule >= 1 && var.nacl.rules >= 1 && var.nacl.first_rule + var.nacl.rules <= 32767, false)
    error_message = "nacl: first_rule and rules must be 1 or more, and the range must end below 32767."
  }
}

variable "quarantine_groups" {
  description = "Security group without rules by VPC: the output `quarantine_groups` of the network_edge module. A VPC that is not named is looked up by the tag vigie:quarantine=true."
  type        = map(string)
  default     = {}

  validation {
    condition     = alltrue([for vpc, group in var.quarantine_groups : startswith(vpc, "vpc-") && startswith(group, "sg-")])
    error_message = "quarantine_groups must map ids of VPCs (vpc-…) to ids of security groups (sg-…)."
  }
}

# Who is told

variable "emails" {
  description = "E-mail addresses that are told. Each must confirm its subscription by the link that AWS sends."
  type        = set(string)
  default     = []

  validation {
    condition     = alltrue([for address in var.emails : can(regex("^[^@ ]+@[^@ ]+\\.[^@ ]+$", address))])
    error_message = "emails must be e-mail addresses."
  }
}

variable "phones" {
  description = "Telephone numbers that get a text message, in international form. New accounts must first leave the SMS sandbox."
  type        = set(string)
  default     = []

  validation {
    condition     = alltrue([for number in var.phones : can(regex("^\\+[1-9][0-9]{6,14}$", number))])
    error_message = "phones must be in international form, such as +33123456789."
  }
}
