//! Observation: the only room that talks to AWS, and it can only read.
//!
//! A collector is a value in a list. It declares, as data, the types it yields and the calls it makes; from that come the
//! read-only guard, the ledger, the least-privilege policy and the rates. Adding a resource type is one file
//! `aws/<service>/<type>.rs` and one line in the registry below (`docs/adding-a-resource-type.md` shows one).

pub mod accounts;
pub mod call;
pub mod clients;
pub mod collector;
#[cfg(test)]
mod completeness;
pub mod guard;
mod instance_requirements;
pub mod json;
pub mod metrics;
mod patience;
pub mod permissions;
pub mod rate;
pub mod regions;
pub mod replay;
pub mod run;
pub mod scan;
pub mod seen;
pub mod session;
pub mod shape;
pub mod state;
pub mod tags;
#[cfg(test)]
pub mod testing;
pub mod value;

pub use collector::{Call, Collector, Scope, detail, list};
pub use scan::{Detail, Scan};

/// Sets the tags of a resource from the list that EC2 answers with every resource.
pub(crate) fn ec2_tags(resource: &mut crate::estate::Resource, answered: &[aws_sdk_ec2::types::Tag]) {
    let pairs = answered.iter().filter_map(|t| Some((t.key()?.to_owned(), t.value().unwrap_or_default().to_owned())));
    tags::set(resource, pairs.collect());
}

/// Declares the modules `aws/<service>/<file>.rs` and gathers their `COLLECTOR`s, so that a new resource type is one line here.
macro_rules! registry {
    ($($service:ident: $($file:ident),+;)+) => {
        $(
            #[doc = concat!("Collectors of ", stringify!($service), ".")]
            pub mod $service { $(pub mod $file;)+ }
        )+
        /// Every collector.
        pub const COLLECTORS: &[&Collector] = &[$($(&$service::$file::COLLECTOR),+),+];
    };
}

registry! {
    accessanalyzer:
        analyzer;
    apigateway:
        access,
        rest_api;
    application_autoscaling:
        target;
    apigatewayv2:
        api,
        domain_name,
        vpc_link;
    autoscaling:
        group,
        launch_configuration;
    backup:
        audit,
        global_settings,
        plan,
        vault;
    budgets:
        budget;
    ce:
        anomaly;
    cloudformation:
        stack;
    cloudfront:
        distribution,
        origin_access;
    cloudtrail:
        event,
        trail;
    cloudwatch:
        alarm,
        dashboard;
    codebuild:
        project;
    codeconnections:
        connection;
    codedeploy:
        application;
    codepipeline:
        pipeline;
    config:
        recorder,
        rule;
    acm:
        certificate;
    ec2:
        dhcp_options,
        egress_only_internet_gateway,
        elastic_ip,
        endpoint_service,
        flow_log,
        image,
        instance,
        internet_gateway,
        key_pair,
        launch_template,
        nat_gateway,
        network_acl,
        network_interface,
        peering,
        placement,
        prefix_list,
        region,
        route_table,
        security_group,
        snapshot,
        subnet,
        transit_gateway,
        volume,
        vpc,
        vpc_endpoint,
        vpn,
        vpn_connection;
    dynamodb:
        table;
    efs:
        file_system;
    elasticache:
        cache,
        groups,
        serverless_cache,
        user;
    events:
        bus,
        destination;
    ecr:
        registry,
        repository;
    ecs:
        capacity_provider,
        cluster;
    guardduty:
        detector;
    health:
        event;
    iam:
        account,
        authorization,
        instance_profile;
    inspector2:
        account;
    scheduler:
        schedule;
    organizations:
        organization;
    secretsmanager:
        secret;
    securityhub:
        account;
    servicediscovery:
        namespace;
    sesv2:
        identity;
    elbv2:
        load_balancer,
        target_group;
    rds:
        cluster,
        cluster_parts,
        db_instance,
        event_subscription,
        groups,
        proxy,
        snapshot;
    route53:
        health_check,
        zone;
    route53domains:
        domain;
    s3:
        account_public_access_block,
        bucket;
    wafv2:
        rule_group,
        web_acl;
    sns:
        sms,
        topic;
    sqs:
        queue;
    states:
        state_machine;
    servicequotas:
        quota;
    ssm:
        maintenance_window,
        managed_instance,
        parameter,
        state;
    kms:
        key;
    lambda:
        function;
    logs:
        filter,
        log_group;
}
