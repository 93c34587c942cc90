# Nine alarms; the topic that they are to notify has not been made.
locals {
  alarms = {
    rds-cpu-utilization      = { namespace = "AWS/RDS", metric = "CPUUtilization", threshold = 80, periods = 2, compare = "GreaterThanThreshold", statistic = "Average" }
    rds-database-connections = { namespace = "AWS/RDS", metric = "DatabaseConnections", threshold = 80, periods = 2, compare = "GreaterThanThreshold", statistic = "Average" }
    rds-free-storage         = { namespace = "AWS/RDS", metric = "FreeStorageSpace", threshold = 10737418240, periods = 1, compare = "LessThanThreshold", statistic = "Average" }

    redis-cpu-utilization    = { namespace = "AWS/ElastiCache", metric = "CPUUtilization", threshold = 75, periods = 2, compare = "GreaterThanThreshold", statistic = "Average" }
    redis-memory-utilization = { namespace = "AWS/ElastiCache", metric = "DatabaseMemoryUsagePercentage", threshold = 80, periods = 2, compare = "GreaterThanThreshold", statistic = "Average" }
    redis-evictions          = { namespace = "AWS/ElastiCache", metric = "Evictions", threshold = 1000, periods = 1, compare = "GreaterThanThreshold", statistic = "Sum" }

    alb-5xx-errors           = { namespace = "AWS/ApplicationELB", metric = "HTTPCode_Target_5XX_Count", threshold = 10, periods = 1, compare = "GreaterThanThreshold", statistic = "Sum" }
    alb-target-response-time = { namespace = "AWS/ApplicationELB", metric = "TargetResponseTime", threshold = 2, periods = 2, compare = "GreaterThanThreshold", statistic = "Average" }
    alb-unhealthy-targets    = { namespace = "AWS/ApplicationELB", metric = "UnHealthyHostCount", threshold = 0, periods = 1, compare = "GreaterThanThreshold", statistic = "Maximum" }
  }
  dimensions = {
    "AWS/RDS"            = { DBInstanceIdentifier = aws_db_instance.postgres.identifier }
    "AWS/ElastiCache"    = { ReplicationGroupId = aws_elasticache_replication_group.redis.id }
    "AWS/ApplicationELB" = { LoadBalancer = aws_lb.main.arn_suffix }
  }
}

resource "aws_cloudwatch_metric_alarm" "main" {
  for_each = local.alarms

  alarm_name          = "${local.name}-${each.key}"
  alarm_description   = "${each.value.metric} of ${local.name}"
  namespace           = each.value.namespace
  metric_name         = each.value.metric
  statistic           = each.value.statistic
  comparison_operator = each.value.compare
  threshold           = each.value.threshold
  period              = 300
  evaluation_periods  = each.value.periods
  treat_missing_data  = "notBreaching"
  alarm_actions       = []

  dimensions = merge(local.dimensions[each.value.namespace], each.key == "alb-unhealthy-targets" ? {
    TargetGroup = aws_lb_target_group.app["backend"].arn_suffix
  } : {})
}
