resource "aws_db_subnet_group" "main" {
  name       = "task-api-db-${var.environment}"
  subnet_ids = aws_subnet.private[*].id
}

resource "aws_iam_role" "rds_monitoring" {
  name               = "task-api-rds-monitoring-${var.environment}"
  assume_role_policy = data.aws_iam_policy_document.assume["monitoring.rds"].json
}

resource "aws_iam_role_policy_attachment" "rds_monitoring" {
  role       = aws_iam_role.rds_monitoring.name
  policy_arn = "arn:aws:iam::aws:policy/service-role/AmazonRDSEnhancedMonitoringRole"
}

resource "aws_db_instance" "main" {
  identifier     = "task-api-db-${var.environment}"
  engine         = "postgres"
  engine_version = "15.3"
  instance_class = var.database.instance_class

  allocated_storage     = var.database.allocated_storage
  max_allocated_storage = var.database.max_allocated_storage
  storage_type          = "gp3"
  storage_encrypted     = true
  kms_key_id            = aws_kms_key.main.arn

  db_name  = "taskdb"
  username = "taskadmin"
  password = var.database_password

  multi_az               = var.database.multi_az
  db_subnet_group_name   = aws_db_subnet_group.main.name
  vpc_security_group_ids = [aws_security_group.rds.id]
  publicly_accessible    = false

  backup_retention_period         = var.database.backup_days
  backup_window                   = "03:00-04:00"
  maintenance_window              = "sun:05:00-sun:06:00"
  deletion_protection             = var.database.deletion_protection
  skip_final_snapshot             = !local.production
  final_snapshot_identifier       = local.production ? "task-api-db-prod-final" : null
  copy_tags_to_snapshot           = true
  enabled_cloudwatch_logs_exports = ["postgresql"]

  monitoring_interval          = 60
  monitoring_role_arn          = aws_iam_role.rds_monitoring.arn
  performance_insights_enabled = var.database.insights
}

resource "aws_secretsmanager_secret" "database" {
  name                    = "task-api/${var.environment}/database"
  description             = "How the application reaches its database"
  kms_key_id              = aws_kms_key.main.arn
  recovery_window_in_days = local.production ? 30 : 7
}

resource "aws_secretsmanager_secret_version" "database" {
  secret_id = aws_secretsmanager_secret.database.id
  secret_string = jsonencode({
    username = "taskadmin"
    password = var.database_password
    host     = aws_db_instance.main.address
    port     = 5432
    dbname   = "taskdb"
  })
}
