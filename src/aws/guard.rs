//! Read-only by construction: an operation that no collector declared is refused before it is signed.

use std::collections::HashSet;
use std::sync::LazyLock;

use aws_sdk_s3::operation::get_object::GetObjectInput;
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::context::BeforeSerializationInterceptorContextRef;
use aws_smithy_runtime_api::client::interceptors::{Intercept, dyn_dispatch_hint};
use aws_smithy_runtime_api::client::orchestrator::Metadata;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;

use super::{COLLECTORS, clients, run};

/// Verbs of AWS operations that change nothing.
pub const READ_VERBS: &[&str] = &["Describe", "Get", "List", "Lookup", "Head", "Search", "BatchGet"];

/// Operations that are no `READ_VERBS` and still change nothing in the account: the credential report is computed on request.
pub const HARMLESS: &[&str] = &["iam:GenerateCredentialReport"];

/// Reads that disclose secrets or content. They may never be declared; a test holds the registry to it.
pub const DISCLOSING: &[&str] = &[
    "secretsmanager:GetSecretValue",
    "secretsmanager:BatchGetSecretValue",
    "secretsmanager:GetRandomPassword",
    "ssm:GetParameter",
    "ssm:GetParameters",
    "ssm:GetParametersByPath",
    "ssm:GetParameterHistory",
    "s3:GetObject",
    "s3:GetObjectTorrent",
    "s3:SelectObjectContent",
    "s3:ListObjects",
    "s3:ListObjectsV2",
    "s3:ListObjectVersions",
    "logs:GetLogEvents",
    "logs:FilterLogEvents",
    "logs:GetLogRecord",
    "logs:GetQueryResults",
    "logs:StartQuery",
    "logs:StartLiveTail",
    "lambda:GetFunction",
    "lambda:GetLayerVersion",
    "ec2:GetPasswordData",
    "ec2:GetConsoleOutput",
    "ec2:GetConsoleScreenshot",
    "ec2:GetLaunchTemplateData",
    "kms:Decrypt",
    "kms:GetPublicKey",
    "kms:GetParametersForImport",
    "acm:ExportCertificate",
    "sts:GetSessionToken",
    "sts:GetFederationToken",
    "ecr:GetAuthorizationToken",
    "rds:DownloadDBLogFilePortion",
    "rds:DownloadCompleteDBLogFile",
    "dynamodb:GetItem",
    "dynamodb:BatchGetItem",
    "sqs:ReceiveMessage",
    "apigateway:GetApiKey",
    "apigateway:GetUsagePlanKey",
    "apigateway:GetUsagePlanKeys",
    "iam:GetAccessKeyLastUsedSecret",
];

/// Content that is read after all, and only the very thing that the user names on the command line: the object of `--state s3://…`.
/// [`OnlyObject`] sees to it; the clients of the collectors never send it.
pub const BY_NAME: &[&str] = &["s3:GetObject"];

/// Every operation that may be sent: what the collectors declare and what a run itself needs.
pub static ALLOWED: LazyLock<HashSet<&'static str>> =
    LazyLock::new(|| COLLECTORS.iter().flat_map(|c| c.calls).chain(run::calls()).map(|c| c.name).collect());

/// Refuses to send what is not in [`ALLOWED`].
#[derive(Debug)]
pub struct ReadOnlyGuard;

#[dyn_dispatch_hint]
impl Intercept for ReadOnlyGuard {
    fn name(&self) -> &'static str {
        "ReadOnlyGuard"
    }

    fn read_before_serialization(
        &self,
        _context: &BeforeSerializationInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let meta = cfg.load::<Metadata>().ok_or("refused: a request without an operation name")?;
        let service = clients::prefix_of(meta.service());
        let operation = format!("{service}:{}", meta.name());
        if ALLOWED.contains(operation.as_str()) {
            Ok(())
        } else {
            Err(format!("refused: {operation} is not on the list of reads that surveyor may send").into())
        }
    }
}

/// Refuses to send anything but the read of one object.
#[derive(Debug)]
pub struct OnlyObject {
    /// Its bucket.
    pub bucket: String,
    /// Its key.
    pub key: String,
}

#[dyn_dispatch_hint]
impl Intercept for OnlyObject {
    fn name(&self) -> &'static str {
        "OnlyObject"
    }

    fn read_before_serialization(
        &self,
        context: &BeforeSerializationInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let meta = cfg.load::<Metadata>().ok_or("refused: a request without an operation name")?;
        let operation = format!("{}:{}", clients::prefix_of(meta.service()), meta.name());
        let asked = context.input().downcast_ref::<GetObjectInput>();
        let named = asked.is_some_and(|o| o.bucket() == Some(&self.bucket) && o.key() == Some(&self.key));
        if BY_NAME.contains(&operation.as_str()) && named {
            Ok(())
        } else {
            Err(format!("refused: {operation} of something that nobody named").into())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_reads_are_declared() {
        for call in COLLECTORS.iter().flat_map(|c| c.calls).chain(run::calls()) {
            let operation = call.operation();
            assert!(READ_VERBS.iter().any(|v| operation.starts_with(v)) || HARMLESS.contains(&call.name), "{} is not a read", call.name);
            assert!(!DISCLOSING.contains(&call.name), "{} discloses secrets or content", call.name);
        }
    }

    #[tokio::test]
    async fn content_is_read_only_where_the_user_named_it() {
        assert!(BY_NAME.iter().all(|name| DISCLOSING.contains(name) && !ALLOWED.contains(name)));
        let session = crate::aws::testing::session(&[("s3:GetObject", 200, "{}"), ("s3:ListObjectsV2", 200, "<ListBucketResult/>")]);
        let client = session.object_in("eu-west-3", "states", "main.tfstate");
        assert!(client.get_object().bucket("states").key("main.tfstate").send().await.is_ok());
        for (bucket, key) in [("states", "other.tfstate"), ("customers", "main.tfstate"), ("states", "main.tfstate/")] {
            let error = client.get_object().bucket(bucket).key(key).send().await.unwrap_err();
            assert!(format!("{error:?}").contains("refused: s3:GetObject"), "{bucket}/{key}: {error:?}");
        }
        let error = client.list_objects_v2().bucket("states").send().await.unwrap_err();
        assert!(format!("{error:?}").contains("refused: s3:ListObjectsV2"), "{error:?}");
        let error = client.delete_object().bucket("states").key("main.tfstate").send().await.unwrap_err();
        assert!(format!("{error:?}").contains("refused: s3:DeleteObject"), "{error:?}");
    }

    #[tokio::test]
    async fn an_undeclared_operation_is_never_sent() {
        let session = crate::aws::testing::session(&[]);
        let error = session.ec2_in("eu-west-3").terminate_instances().instance_ids("i-1").send().await.unwrap_err();
        assert!(format!("{error:?}").contains("refused: ec2:TerminateInstances"), "{error:?}");
        let error = session.s3_in("eu-west-3").get_object().bucket("b").key("k").send().await.unwrap_err();
        assert!(format!("{error:?}").contains("refused: s3:GetObject"), "{error:?}");
        let error = session.json("eu-west-3", "secretsmanager:GetSecretValue", serde_json::json!({"SecretId": "x"})).await.unwrap_err();
        assert!(error.message.contains("refused: secretsmanager:GetSecretValue"), "{error:?}");
    }
}
