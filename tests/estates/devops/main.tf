# DevOps platform, environment dev, after its third phase: a Node API on Fargate with its database.
# Applied to the simulator by tests/simulator/populate_devops.py.

terraform {
  required_version = ">= 1.5"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "5.100.0"
    }
  }
}

provider "aws" {
  region = "eu-west-3"
}

variable "database_password" {
  description = "Password of the database's first user."
  type        = string
  sensitive   = true
}

variable "enable_nat_gateway" {
  description = "Without it tasks in private subnets cannot fetch their image."
  type        = bool
  default     = true
}

locals {
  name = "devops-platform-dev"
  tags = { Project = "devops-platform", Environment = "dev", ManagedBy = "terraform" }
}

data "aws_availability_zones" "available" {
  state = "available"
}
