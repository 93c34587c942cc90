output "alb_dns_name" {
  value = aws_lb.main.dns_name
}

output "topic" {
  value = one(aws_sns_topic.alerts[*].arn)
}
