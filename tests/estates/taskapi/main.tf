# Task API: production and staging from the same code, each with variables and a state of its own.
# Applied to the simulator by tests/simulator/populate_taskapi.py.

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
  region = "us-east-1"

  default_tags {
    tags = {
      Application = "task-api"
      Environment = var.environment
      ManagedBy   = "Terraform"
    }
  }
}

locals {
  production = var.environment == "prod"
  zones      = ["us-east-1a", "us-east-1b"]
}

data "aws_caller_identity" "current" {}
