environment       = "staging"
vpc_cidr          = "10.1.0.0/16"
nat_gateways      = 1
tasks             = { desired = 1, min = 1, max = 3 }
scale_in_cooldown = 60
log_days          = 7
image             = "123456789012.dkr.ecr.us-east-1.amazonaws.com/task-api:1.5.0-rc.1"
alert_email       = "oncall@task-api.example"
database = {
  instance_class      = "db.t3.micro"
  allocated_storage   = 20
  multi_az            = false
  backup_days         = 7
  deletion_protection = false
  insights            = false
}
