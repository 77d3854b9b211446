variable "region" {
  description = "AWS Region to watch. GuardDuty, WAF and the responder work Region by Region."
  type        = string

  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.region))
    error_message = "region must be the code of an AWS Region, such as eu-west-3."
  }
}

variable "package" {
  description = "The function's package, as `cargo xtask lambda` writes it."
  type        = string
  default     = "../../../dist/vigie-responder.zip"
}

variable "emails" {
  description = "Who is told of each block. Each address must confirm its subscription."
  type        = set(string)
}

variable "never_touch" {
  description = "Networks that must never be blocked, with the reason: your offices, partners, monitoring, scanners that you hired."
  type        = list(object({ network = string, reason = string }))
}

variable "create_detector" {
  description = "Turn GuardDuty on. Set it to false where it is on already in this Region."
  type        = bool
  default     = true
}

variable "finding_types" {
  description = "Beginnings of the finding types to answer."
  type        = list(string)
  default     = ["Recon:EC2/PortProbe", "Recon:EC2/Portscan"]
}

variable "portscan_actor_response" {
  description = "Answer to an instance of yours that scans others: isolate, or block_remote (see the guide before you change it)."
  type        = string
  default     = "isolate"
}

variable "vpc_id" {
  description = "VPC to protect. Null makes a small one, to try this out."
  type        = string
  default     = null
}

variable "subnet_ids" {
  description = "Public subnets of vpc_id, at least two, for the load balancer and the network ACL."
  type        = list(string)
  default     = []
}

variable "alb_arn" {
  description = "Load balancer to protect. Null makes one that answers 404."
  type        = string
  default     = null
}

variable "network_acl_ids" {
  description = "Network ACLs of the subnets, where they have rules of their own (above number 25). Empty makes one that lets pass what is not blocked."
  type        = list(string)
  default     = []
}

variable "certificate_arn" {
  description = "Certificate for the load balancer that is made. Null serves HTTP only."
  type        = string
  default     = null
}

variable "deletion_protection" {
  description = "Protect the load balancer and the table of decisions from deletion. Set it to true for anything but a trial."
  type        = bool
  default     = false
}
