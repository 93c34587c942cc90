variable "environment" {
  description = "prod or staging."
  type        = string
}

variable "vpc_cidr" {
  description = "Addresses of the VPC, a /16."
  type        = string
}

variable "nat_gateways" {
  description = "One, or one in each zone."
  type        = number
}

variable "tasks" {
  description = "Tasks to begin with, at least and at most."
  type        = object({ desired = number, min = number, max = number })
}

variable "scale_in_cooldown" {
  description = "Seconds to wait before a task is taken away."
  type        = number
}

variable "database" {
  description = "Size and safety of the database."
  type = object({
    instance_class        = string
    allocated_storage     = number
    max_allocated_storage = optional(number)
    multi_az              = bool
    backup_days           = number
    deletion_protection   = bool
    insights              = bool
  })
}

variable "log_days" {
  description = "How long container logs are kept."
  type        = number
}

variable "image" {
  description = "The image that runs, with its tag."
  type        = string
}

variable "alert_email" {
  description = "Who is told of alarms."
  type        = string
}

variable "database_password" {
  description = "Password of the database's first user."
  type        = string
  sensitive   = true
}
