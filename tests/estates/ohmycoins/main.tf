# Oh My Coins, production, as the team's Terraform keeps it. Applied to the simulator by tests/simulator/populate_ohmycoins.py.

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
  region = "ap-southeast-2"

  default_tags {
    tags = {
      Project     = "Oh My Coins"
      Environment = "production"
      ManagedBy   = "Terraform"
    }
  }
}

locals {
  name  = "ohmycoins-prod"
  zones = ["ap-southeast-2a", "ap-southeast-2b", "ap-southeast-2c"]
  image = "220711411889.dkr.ecr.ap-southeast-2.amazonaws.com/ohmycoins"
  tag   = "sprint-2.11-3f4021a"
}
