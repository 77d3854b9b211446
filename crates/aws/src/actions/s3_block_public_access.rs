//! `s3.block_public_access`: a bucket that the public can read or write.
//!
//! Limits: buckets of this account; directory buckets know no such setting. Taking it back changes the bucket's own
//! setting: where the account blocks public access, the bucket stays closed.

use serde_json::{Value, json};
use vigie_model::Action;
use vigie_respond::{ActionSpec, ExecuteError, Outcome, S3_BLOCK_PUBLIC_ACCESS};

use super::{AwsAction, Context, parameter};
use crate::permissions::{Condition, Resources, Statement};
use crate::services::s3::{
    PublicAccessBlock, delete_public_access_block_call, get_public_access_block, get_public_access_block_call,
    put_public_access_block_call,
};
use crate::{Call, Settings};

/// Closes a bucket to the public.
pub(super) struct BlockPublicAccess;

static STATEMENTS: [Statement; 1] = [Statement {
    sid: "BucketsPublicAccess",
    actions: &["s3:GetBucketPublicAccessBlock", "s3:PutBucketPublicAccessBlock"],
    resources: Resources::Arns(&["arn:${partition}:s3:::*"]),
    conditions: &[Condition { operator: "StringEquals", key: "aws:ResourceAccount", values: &["${account}"] }],
    why: "closes any bucket of this account to the public; deleting the setting takes the same right as writing it",
}];

fn bucket(action: &Action) -> Result<&str, ExecuteError> {
    parameter::required(action, "bucket", parameter::is_bucket, "the name of a bucket")
}

impl AwsAction for BlockPublicAccess {
    fn spec(&self) -> &'static ActionSpec {
        &S3_BLOCK_PUBLIC_ACCESS
    }

    fn statements(&self) -> &'static [Statement] {
        &STATEMENTS
    }

    fn plan(&self, action: &Action, _settings: &Settings) -> Result<Vec<Call>, ExecuteError> {
        let bucket = bucket(action)?;
        Ok(vec![get_public_access_block_call(bucket), put_public_access_block_call(bucket, PublicAccessBlock::ALL)])
    }

    fn execute(&self, action: &Action, context: &Context<'_>) -> Result<Outcome, ExecuteError> {
        let bucket = bucket(action)?;
        let what = format!("block public access to the bucket {bucket}");
        let before =
            get_public_access_block(context.client, bucket).map_err(|error| error.into_execute_error(&what))?;
        let undo = json!({"bucket": bucket, "before": before});
        if before == Some(PublicAccessBlock::ALL) {
            return Ok(Outcome { note: format!("the bucket {bucket} was closed to the public already"), undo });
        }
        (context.remember)(&undo)?;
        context
            .client
            .send(&put_public_access_block_call(bucket, PublicAccessBlock::ALL))
            .map_err(|error| error.into_execute_error(&what))?;
        Ok(Outcome { note: format!("the bucket {bucket} is closed to the public"), undo })
    }

    fn undo(&self, undo: &Value, context: &Context<'_>) -> Result<Outcome, ExecuteError> {
        let bucket = parameter::kept(undo, "bucket")?;
        let before: Option<PublicAccessBlock> = serde_json::from_value(undo["before"].clone())
            .map_err(|error| parameter::wrong("before", &error.to_string()))?;
        let call = match before {
            Some(block) if block == PublicAccessBlock::ALL => {
                let note = format!("the bucket {bucket} was closed to the public before, and stays so");
                return Ok(Outcome { note, undo: Value::Null });
            }
            Some(block) => put_public_access_block_call(bucket, block),
            None => delete_public_access_block_call(bucket),
        };
        let note = match context.client.send(&call) {
            Ok(_) => format!("the bucket {bucket} has its former public access block"),
            Err(error) if error.is_not_found() => format!("the bucket {bucket} does not exist any more"),
            Err(error) => return Err(error.into_execute_error(&format!("put back the setting of the bucket {bucket}"))),
        };
        Ok(Outcome { note, undo: Value::Null })
    }
}
