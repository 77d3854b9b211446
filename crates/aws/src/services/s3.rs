//! S3: <https://docs.aws.amazon.com/AmazonS3/latest/API/>.

use serde::{Deserialize, Serialize};

use super::xml::text;
use crate::{AwsError, Call, Client, Input, Operation, Service};

/// Reads what a bucket keeps from the public.
pub static GET_PUBLIC_ACCESS_BLOCK: Operation = Operation::read(Service::S3, "GetPublicAccessBlock");
/// Sets what a bucket keeps from the public.
pub static PUT_PUBLIC_ACCESS_BLOCK: Operation = Operation::write(Service::S3, "PutPublicAccessBlock");
/// Removes what a bucket keeps from the public.
pub static DELETE_PUBLIC_ACCESS_BLOCK: Operation = Operation::write(Service::S3, "DeletePublicAccessBlock");

/// What a bucket keeps from the public. The names are those of the API.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct PublicAccessBlock {
    /// Access lists that make something public are refused.
    pub block_public_acls: bool,
    /// Access lists that make something public are ignored.
    pub ignore_public_acls: bool,
    /// Policies that make the bucket public are refused.
    pub block_public_policy: bool,
    /// A public policy lets in nobody but the account and AWS's services.
    pub restrict_public_buckets: bool,
}

impl PublicAccessBlock {
    /// Everything is kept from the public.
    pub const ALL: Self = Self {
        block_public_acls: true,
        ignore_public_acls: true,
        block_public_policy: true,
        restrict_public_buckets: true,
    };
}

fn call(operation: &'static Operation, method: &'static str, bucket: &str, body: String) -> Call {
    Call {
        operation,
        input: Input::Rest {
            method,
            bucket: Some(bucket.to_owned()),
            path: "/".to_owned(),
            query: "publicAccessBlock=".to_owned(),
            body,
        },
    }
}

/// Returns the call that reads what a bucket keeps from the public.
pub fn get_public_access_block_call(bucket: &str) -> Call {
    call(&GET_PUBLIC_ACCESS_BLOCK, "GET", bucket, String::new())
}

/// Returns what a bucket keeps from the public; `None` where nothing was ever set.
///
/// # Errors
/// AWS said no, or could not be reached.
pub fn get_public_access_block(client: &Client, bucket: &str) -> Result<Option<PublicAccessBlock>, AwsError> {
    match client.send(&get_public_access_block_call(bucket)) {
        Ok(reply) => reply.xml(|root| {
            let is_on = |name: &str| text(root, &[name]) == "true";
            Some(PublicAccessBlock {
                block_public_acls: is_on("BlockPublicAcls"),
                ignore_public_acls: is_on("IgnorePublicAcls"),
                block_public_policy: is_on("BlockPublicPolicy"),
                restrict_public_buckets: is_on("RestrictPublicBuckets"),
            })
        }),
        Err(error) if error.code() == Some("NoSuchPublicAccessBlockConfiguration") => Ok(None),
        Err(error) => Err(error),
    }
}

/// Returns the call that sets what a bucket keeps from the public.
pub fn put_public_access_block_call(bucket: &str, block: PublicAccessBlock) -> Call {
    let body = format!(
        "<PublicAccessBlockConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">\
         <BlockPublicAcls>{}</BlockPublicAcls><IgnorePublicAcls>{}</IgnorePublicAcls>\
         <BlockPublicPolicy>{}</BlockPublicPolicy><RestrictPublicBuckets>{}</RestrictPublicBuckets>\
         </PublicAccessBlockConfiguration>",
        block.block_public_acls, block.ignore_public_acls, block.block_public_policy, block.restrict_public_buckets
    );
    call(&PUT_PUBLIC_ACCESS_BLOCK, "PUT", bucket, body)
}

/// Returns the call that removes what a bucket keeps from the public.
pub fn delete_public_access_block_call(bucket: &str) -> Call {
    call(&DELETE_PUBLIC_ACCESS_BLOCK, "DELETE", bucket, String::new())
}
