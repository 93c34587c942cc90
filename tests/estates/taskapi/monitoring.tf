# Alarms, their e-mail and the dashboard: production only.
locals {
  lb      = { LoadBalancer = aws_lb.main.arn_suffix }
  targets = { LoadBalancer = aws_lb.main.arn_suffix, TargetGroup = aws_lb_target_group.main.arn_suffix }
  service = { ClusterName = aws_ecs_cluster.main.name, ServiceName = aws_ecs_service.main.name }

  alarms = local.production ? {
    alb-response-time   = { namespace = "AWS/ApplicationELB", metric = "TargetResponseTime", statistic = "Average", compare = "GreaterThanThreshold", threshold = 1, period = 300, periods = 2, dimensions = local.lb }
    alb-unhealthy-hosts = { namespace = "AWS/ApplicationELB", metric = "UnHealthyHostCount", statistic = "Average", compare = "GreaterThanOrEqualToThreshold", threshold = 1, period = 60, periods = 2, dimensions = local.targets }
    alb-4xx-errors      = { namespace = "AWS/ApplicationELB", metric = "HTTPCode_Target_4XX_Count", statistic = "Sum", compare = "GreaterThanThreshold", threshold = 50, period = 300, periods = 1, dimensions = local.lb }
    alb-5xx-errors      = { namespace = "AWS/ApplicationELB", metric = "HTTPCode_Target_5XX_Count", statistic = "Sum", compare = "GreaterThanThreshold", threshold = 5, period = 60, periods = 1, dimensions = local.lb }
    ecs-cpu             = { namespace = "AWS/ECS", metric = "CPUUtilization", statistic = "Average", compare = "GreaterThanThreshold", threshold = 70, period = 300, periods = 2, dimensions = local.service }
    ecs-memory          = { namespace = "AWS/ECS", metric = "MemoryUtilization", statistic = "Average", compare = "GreaterThanThreshold", threshold = 80, period = 300, periods = 2, dimensions = local.service }
  } : {}
}

resource "aws_sns_topic" "alerts" {
  count = local.production ? 1 : 0

  name = "task-api-alerts-prod"
}

resource "aws_sns_topic_subscription" "email" {
  count = local.production ? 1 : 0

  topic_arn = aws_sns_topic.alerts[0].arn
  protocol  = "email"
  endpoint  = var.alert_email
}

resource "aws_cloudwatch_metric_alarm" "main" {
  for_each = local.alarms

  alarm_name          = "task-api-${each.key}-prod"
  alarm_description   = "${each.value.metric} of the Task API"
  namespace           = each.value.namespace
  metric_name         = each.value.metric
  statistic           = each.value.statistic
  comparison_operator = each.value.compare
  threshold           = each.value.threshold
  period              = each.value.period
  evaluation_periods  = each.value.periods
  treat_missing_data  = "notBreaching"
  alarm_actions       = [aws_sns_topic.alerts[0].arn]
  ok_actions          = each.key == "alb-5xx-errors" ? [aws_sns_topic.alerts[0].arn] : []
  dimensions          = each.value.dimensions
}

resource "aws_cloudwatch_dashboard" "main" {
  count = local.production ? 1 : 0

  dashboard_name = "task-api-prod"
  dashboard_body = jsonencode({
    widgets = [
      for n, widget in [
        { title = "CPU and memory of the tasks", metrics = [["AWS/ECS", "CPUUtilization", "ServiceName", aws_ecs_service.main.name, "ClusterName", aws_ecs_cluster.main.name], [".", "MemoryUtilization", ".", ".", ".", "."]], stat = "Average" },
        { title = "Response time, p95", metrics = [["AWS/ApplicationELB", "TargetResponseTime", "LoadBalancer", aws_lb.main.arn_suffix]], stat = "p95" },
        { title = "Requests", metrics = [["AWS/ApplicationELB", "RequestCount", "LoadBalancer", aws_lb.main.arn_suffix]], stat = "Sum" },
        { title = "Hosts", metrics = [["AWS/ApplicationELB", "HealthyHostCount", "TargetGroup", aws_lb_target_group.main.arn_suffix, "LoadBalancer", aws_lb.main.arn_suffix], [".", "UnHealthyHostCount", ".", ".", ".", "."]], stat = "Average" },
        { title = "Errors", metrics = [["AWS/ApplicationELB", "HTTPCode_Target_4XX_Count", "LoadBalancer", aws_lb.main.arn_suffix], [".", "HTTPCode_Target_5XX_Count", ".", "."]], stat = "Sum" },
        { title = "Database", metrics = [["AWS/RDS", "CPUUtilization", "DBInstanceIdentifier", aws_db_instance.main.identifier], [".", "DatabaseConnections", ".", "."]], stat = "Average" },
        ] : {
        type   = "metric"
        x      = (n % 2) * 12
        y      = floor(n / 2) * 6
        width  = 12
        height = 6
        properties = {
          title   = widget.title
          region  = "us-east-1"
          view    = "timeSeries"
          stacked = false
          period  = 300
          stat    = widget.stat
          metrics = widget.metrics
        }
      }
    ]
  })
}

resource "aws_budgets_budget" "monthly" {
  count = local.production ? 1 : 0

  name         = "task-api-monthly"
  budget_type  = "COST"
  limit_amount = "400"
  limit_unit   = "USD"
  time_unit    = "MONTHLY"

  notification {
    comparison_operator        = "GREATER_THAN"
    threshold                  = 80
    threshold_type             = "PERCENTAGE"
    notification_type          = "ACTUAL"
    subscriber_email_addresses = [var.alert_email]
  }
}
