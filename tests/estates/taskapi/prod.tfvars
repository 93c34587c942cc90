environment       = "prod"
vpc_cidr          = "10.0.0.0/16"
nat_gateways      = 2
tasks             = { desired = 3, min = 3, max = 10 }
scale_in_cooldown = 300
log_days          = 30
image             = "123456789012.dkr.ecr.us-east-1.amazonaws.com/task-api:1.4.2"
alert_email       = "oncall@task-api.example"
database = {
  instance_class        = "db.t3.small"
  allocated_storage     = 100
  max_allocated_storage = 200
  multi_az              = true
  backup_days           = 30
  deletion_protection   = true
  insights              = true
}
