//! Signature Version 4: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html>.

use std::time::SystemTime;

use aws_credential_types::Credentials as SigningCredentials;
use aws_sigv4::http_request::{
    PayloadChecksumKind, PercentEncodingMode, SignableBody, SignableRequest, SigningSettings, UriPathNormalizationMode,
    sign as sign_request,
};
use aws_sigv4::sign::v4;

use super::{AwsError, Credentials, Region};
use crate::operation::Service;

/// Returns the request with its signature.
pub(super) fn sign(
    mut request: http::Request<Vec<u8>>,
    service: Service,
    region: &Region,
    credentials: &Credentials,
    now: SystemTime,
) -> Result<http::Request<Vec<u8>>, AwsError> {
    let wrong = |error: &dyn std::fmt::Display| AwsError::Unreadable {
        operation: format!("sign a request to {}", service.signing_name()),
        reason: error.to_string(),
    };
    let identity = SigningCredentials::new(
        credentials.key_id.clone(),
        credentials.secret.clone(),
        credentials.token.clone(),
        None,
        "vigie",
    )
    .into();
    let mut settings = SigningSettings::default();
    if service == Service::S3 {
        settings.payload_checksum_kind = PayloadChecksumKind::XAmzSha256;
        settings.percent_encoding_mode = PercentEncodingMode::Single;
        settings.uri_path_normalization_mode = UriPathNormalizationMode::Disabled;
    }
    let parameters = v4::SigningParams::builder()
        .identity(&identity)
        .region(region.signing(service))
        .name(service.signing_name())
        .time(now)
        .settings(settings)
        .build()
        .map_err(|error| wrong(&error))?
        .into();
    let headers = request.headers().iter().filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?)));
    let signable = SignableRequest::new(
        request.method().as_str(),
        request.uri().to_string(),
        headers,
        SignableBody::Bytes(request.body()),
    )
    .map_err(|error| wrong(&error))?;
    let (instructions, _signature) = sign_request(signable, &parameters).map_err(|error| wrong(&error))?.into_parts();
    instructions.apply_to_request_http1x(&mut request);
    Ok(request)
}
