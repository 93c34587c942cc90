//! Reads a Terraform state from S3: the one object body that surveyor ever asks for, and only because the user named it.

use super::call::ApiError;
use super::s3::bucket::region_of;
use super::session::{Access, HOME, Session};
use crate::error::Error;

/// The bytes of an object.
///
/// # Errors
/// [`Error::access`] when there is no way into the account, or the object cannot be read.
pub fn fetch(access: &Access, bucket: &str, key: &str) -> Result<Vec<u8>, Error> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|e| Error::internal(format!("cannot start the runtime: {e}")))?;
    runtime.block_on(async { object(&Session::open(access).await?, bucket, key).await })
}

async fn object(session: &Session, bucket: &str, key: &str) -> Result<Vec<u8>, Error> {
    let home = session.region.clone().unwrap_or_else(|| HOME.into());
    // Who may not ask where the bucket is tries the own region.
    let region = match session.s3_in(&home).get_bucket_location().bucket(bucket).send().await {
        Ok(found) => region_of(found.location_constraint().map_or("", |l| l.as_str())).into(),
        Err(_) => home,
    };
    let fail = |error: ApiError| {
        let hint = match error.code.as_str() {
            "NoSuchKey" | "NoSuchBucket" => "check bucket and key; the state of a workspace is kept under env:/WORKSPACE/KEY",
            "AccessDenied" => "it needs s3:GetObject on this object, and kms:Decrypt where a key of its own encrypts it",
            _ => "or fetch it yourself, with `terraform state pull > FILE`, and give the file",
        };
        Error::access(format!("cannot read s3://{bucket}/{key}: {error}")).hint(hint)
    };
    let answer = session.object_in(&region, bucket, key).get_object().bucket(bucket).key(key).send().await.map_err(|e| fail(e.into()))?;
    let body = answer.body.collect().await;
    let body = body.map_err(|e| Error::access(format!("s3://{bucket}/{key} broke off: {e}")).hint("try again"))?;
    Ok(body.to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::testing::session;

    const LOCATION: &str =
        r#"<?xml version="1.0"?><LocationConstraint xmlns="http://s3.amazonaws.com/doc/2006-03-01/">eu-west-3</LocationConstraint>"#;

    #[tokio::test]
    async fn the_named_object_is_read() {
        let session = session(&[("s3:GetBucketLocation", 200, LOCATION), ("s3:GetObject", 200, r#"{"version": 4}"#)]);
        assert_eq!(object(&session, "states", "env:/live/main.tfstate").await.unwrap(), br#"{"version": 4}"#);
    }

    #[tokio::test]
    async fn what_is_not_there_is_said() {
        let gone = "<Error><Code>NoSuchKey</Code><Message>The specified key does not exist.</Message></Error>";
        let session = session(&[("s3:GetBucketLocation", 200, LOCATION), ("s3:GetObject", 404, gone)]);
        let error = object(&session, "states", "main.tfstate").await.unwrap_err();
        assert!(error.message.starts_with("cannot read s3://states/main.tfstate: NoSuchKey"), "{error}");
        assert!(error.hints[0].contains("env:/WORKSPACE/KEY"), "{error}");
    }
}
