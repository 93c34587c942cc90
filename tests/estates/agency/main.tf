# The part of an agency's live environment that somebody once put under Terraform: the network, its door, and where containers run.
# Applied to the simulator by tests/simulator/populate_agency.py.

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
  region = "eu-west-1"

  default_tags {
    tags = { Environment = "prd" }
  }
}

locals {
  zones = { a = 0, b = 1 }
}

resource "aws_vpc" "live" {
  cidr_block           = "10.10.0.0/16"
  enable_dns_hostnames = true
  tags                 = { Name = "atelier" }
}

resource "aws_internet_gateway" "live" {
  vpc_id = aws_vpc.live.id
}

resource "aws_subnet" "public" {
  for_each                = local.zones
  vpc_id                  = aws_vpc.live.id
  cidr_block              = cidrsubnet(aws_vpc.live.cidr_block, 8, each.value)
  availability_zone       = "eu-west-1${each.key}"
  map_public_ip_on_launch = true
  tags                    = { Name = "public-${each.key}" }
}

resource "aws_subnet" "private" {
  for_each          = local.zones
  vpc_id            = aws_vpc.live.id
  cidr_block        = cidrsubnet(aws_vpc.live.cidr_block, 8, 10 + each.value)
  availability_zone = "eu-west-1${each.key}"
  tags              = { Name = "private-${each.key}" }
}

resource "aws_route_table" "public" {
  vpc_id = aws_vpc.live.id
  tags   = { Name = "public" }

  route {
    cidr_block = "0.0.0.0/0"
    gateway_id = aws_internet_gateway.live.id
  }
}

resource "aws_route_table_association" "public" {
  for_each       = aws_subnet.public
  subnet_id      = each.value.id
  route_table_id = aws_route_table.public.id
}

resource "aws_security_group" "balancer" {
  name        = "balancer"
  description = "the world's way in"
  vpc_id      = aws_vpc.live.id

  ingress {
    description = "https"
    from_port   = 443
    to_port     = 443
    protocol    = "tcp"
    cidr_blocks = ["0.0.0.0/0"]
  }

  egress {
    from_port   = 0
    to_port     = 0
    protocol    = "-1"
    cidr_blocks = ["0.0.0.0/0"]
  }
}

resource "aws_lb" "live" {
  name            = "atelier"
  subnets         = [for s in aws_subnet.public : s.id]
  security_groups = [aws_security_group.balancer.id]
}

resource "aws_kms_key" "logs" {
  description             = "logs of the live environment"
  deletion_window_in_days = 14
  enable_key_rotation     = true
}

resource "aws_cloudwatch_log_group" "api" {
  name              = "/atelier/api"
  retention_in_days = 30
  kms_key_id        = aws_kms_key.logs.arn
}

resource "aws_ecs_cluster" "live" {
  name = "atelier"

  setting {
    name  = "containerInsights"
    value = "enabled"
  }
}
