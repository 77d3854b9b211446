//! Every place that credentials come from, each with what may be missing there.

use std::path::Path;

use super::super::server::{Answer, Server};
use super::*;
use crate::{ClientOptions, Endpoints, Region};

const ANSWER: &str = r#"{"Code":"Success","AccessKeyId":"ASIAX","SecretAccessKey":"sss","Token":"ttt","Expiration":"2099-01-01T00:00:00Z"}"#;

fn assumed(key: &str) -> Answer {
    Answer::new(
        200,
        format!(
            "<R xmlns='urn:x'><Credentials><AccessKeyId>{key}</AccessKeyId><SecretAccessKey>sss</SecretAccessKey>\
             <SessionToken>ttt</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration></Credentials></R>"
        ),
    )
}

/// Looks along the chain with these variables, and no instance metadata unless a variable names it.
fn look(variables: &[(&str, &str)], sts: &str) -> Result<Credentials, String> {
    let mut all = vec![("AWS_EC2_METADATA_DISABLED", "true")];
    all.extend(variables);
    let environment = Environment::of(all);
    let mut options = ClientOptions::new(Region::new("eu-west-3").unwrap());
    options.endpoints = Endpoints::all_at(sts);
    options.environment = environment.clone();
    let client = Client::new(options);
    Identity::chain(environment).credentials(&client).map_err(|error| error.to_string())
}

fn key(variables: &[(&str, &str)]) -> String {
    look(variables, "http://127.0.0.1:1").map_or_else(|error| error, |credentials| credentials.key_id)
}

/// Writes both files into a folder `.aws` and returns the home around it.
fn home(config: &str, credentials: &str) -> (tempfile::TempDir, String) {
    let home = tempfile::tempdir().unwrap();
    std::fs::create_dir(home.path().join(".aws")).unwrap();
    std::fs::write(home.path().join(".aws/config"), config).unwrap();
    std::fs::write(home.path().join(".aws/credentials"), credentials).unwrap();
    let path = home.path().to_str().unwrap().to_owned();
    (home, path)
}

#[test]
fn the_environment_comes_first() {
    let (_home, path) = home("", "[default]\naws_access_key_id = FILE\naws_secret_access_key = s\n");
    let keys = [("AWS_ACCESS_KEY_ID", "ENV"), ("AWS_SECRET_ACCESS_KEY", "s"), ("HOME", &path)];
    assert_eq!(key(&keys), "ENV");
    assert_eq!(key(&[("HOME", &path)]), "FILE");
    let half = key(&[("AWS_ACCESS_KEY_ID", "ENV"), ("HOME", &path)]);
    assert!(half.contains("AWS_SECRET_ACCESS_KEY is not"), "half an identity is none of somebody else's: {half}");
}

#[test]
fn an_error_says_where_was_looked() {
    let error = key(&[("HOME", "/nonexistent")]);
    for part in [
        "environment: AWS_ACCESS_KEY_ID is not set",
        "profile files: no profile `default` in /nonexistent/.aws/config and /nonexistent/.aws/credentials",
        "web identity: AWS_WEB_IDENTITY_TOKEN_FILE is not set",
        "container: neither",
        "instance metadata: AWS_EC2_METADATA_DISABLED is true",
    ] {
        assert!(error.contains(part), "{part} is not in {error}");
    }
    let missing = key(&[("HOME", "/nonexistent"), ("AWS_PROFILE", "prod")]);
    assert!(missing.contains("no profile `prod`") && !missing.contains("container"), "{missing}");
}

#[test]
fn profiles_that_do_not_work_say_why() {
    for (config, part) in [
        ("[default]\ncredential_process = /bin/x\n", "credential_process is not supported"),
        ("[default]\nsso_session = corp\n", "aws configure export-credentials"),
        ("[default]\nsso_start_url = https://x\n", "aws configure export-credentials"),
        ("[default]\nrole_arn = a\n", "needs source_profile"),
        ("[default]\nrole_arn = a\nsource_profile = b\n", "`b` does not exist"),
        (
            "[default]\nrole_arn = a\nsource_profile = b\n[profile b]\nrole_arn = c\nsource_profile = default\n",
            "leads back",
        ),
        ("[default]\nrole_arn = a\ncredential_source = Moon\n", "none of Environment"),
        ("[default]\nrole_arn = a\ncredential_source = Environment\n", "AWS_ACCESS_KEY_ID is not set"),
        ("[default]\nrole_arn = a\nmfa_serial = m\nsource_profile = b\n", "mfa_serial"),
        ("[default]\naws_access_key_id = a\n", "no aws_secret_access_key"),
        ("[default]\nrole_arn = a\nweb_identity_token_file = /nonexistent\n", "/nonexistent"),
        ("default\n", "config: line 1"),
    ] {
        let (_home, path) = home(config, "");
        let error = key(&[("HOME", &path)]);
        assert!(error.contains(part), "{config}: {error}");
    }
    let profile = |number: u32| {
        format!(
            "[profile p{number}]
role_arn = a
source_profile = p{}
",
            number + 1
        )
    };
    let deep = (0..9).map(profile).collect::<Vec<_>>().concat();
    let (_home, path) = home(&deep, "");
    assert!(key(&[("HOME", &path), ("AWS_PROFILE", "p0")]).contains("more than 5 profiles"));
}

#[test]
fn roles_are_taken_on_along_profiles() {
    let server =
        Server::start(|asked, _| assumed(if asked.body.contains("role%2Finner") { "ASIAINNER" } else { "ASIAOUTER" }));
    let config = "[profile outer]\nrole_arn = arn:aws:iam::1:role/outer\nsource_profile = inner\nexternal_id = e/1\n\
                  role_session_name = me\nduration_seconds = 900\n\
                  [profile inner]\nrole_arn = arn:aws:iam::2:role/inner\nsource_profile = inner\n";
    let (_home, path) = home(config, "[inner]\naws_access_key_id = AKIAKEYS\naws_secret_access_key = s\n");
    let found = look(&[("HOME", &path), ("AWS_PROFILE", "outer")], &server.url()).unwrap();
    assert_eq!(found.key_id, "ASIAOUTER");
    let asked = server.asked();
    assert_eq!(asked.len(), 1, "a profile that is a source is its keys");
    assert!(asked[0].header("authorization").contains("Credential=AKIAKEYS/"));
    for part in ["Action=AssumeRole&", "ExternalId=e%2F1", "RoleSessionName=me", "DurationSeconds=900"] {
        assert!(asked[0].body.contains(part), "{}", asked[0].body);
    }
    // The profile itself is its role.
    let found = look(&[("HOME", &path), ("AWS_PROFILE", "inner")], &server.url()).unwrap();
    assert_eq!(found.key_id, "ASIAINNER");
}

#[test]
fn a_web_identity_is_not_signed() {
    let server = Server::start(|_, _| assumed("ASIAWEB"));
    let token = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(token.path(), "to.ken\n").unwrap();
    let file = token.path().to_str().unwrap();
    let variables = [("AWS_WEB_IDENTITY_TOKEN_FILE", file), ("AWS_ROLE_ARN", "arn:aws:iam::1:role/w")];
    assert_eq!(look(&variables, &server.url()).unwrap().key_id, "ASIAWEB");
    let asked = server.asked();
    assert_eq!(asked[0].header("authorization"), "");
    assert!(asked[0].body.contains("WebIdentityToken=to.ken") && asked[0].body.contains("RoleSessionName=vigie-"));
    assert!(key(&variables[..1]).contains("AWS_ROLE_ARN is not"));
    std::fs::write(token.path(), "x".repeat(20_001)).unwrap();
    assert!(key(&variables).contains("more than 20000 bytes"));
}

#[test]
fn containers_are_asked_with_their_token() {
    let server = Server::start(|asked, _| {
        let good = asked.header("authorization") == "Basic abc";
        if good { Answer::new(200, ANSWER) } else { Answer::new(403, "no") }
    });
    let url = format!("{}/credentials", server.url());
    let token = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(token.path(), "Basic abc\n").unwrap();
    let file = token.path().to_str().unwrap();
    let full = ("AWS_CONTAINER_CREDENTIALS_FULL_URI", url.as_str());
    assert_eq!(key(&[full, ("AWS_CONTAINER_AUTHORIZATION_TOKEN", "Basic abc")]), "ASIAX");
    assert_eq!(key(&[full, ("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", file)]), "ASIAX");
    assert!(key(&[full]).contains("HTTP 403"));
    assert!(key(&[full, ("AWS_CONTAINER_AUTHORIZATION_TOKEN", "a\nb")]).contains("more than one line"));
    assert!(key(&[("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "@evil.example/")]).contains("does not begin with"));
    let stranger = key(&[("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://evil.example/")]);
    assert!(stranger.contains("evil.example") && stranger.contains("https"), "{stranger}");
}

fn instance(token_status: u16, role: &'static str) -> Server {
    Server::start(move |asked, _| match (&*asked.method, &*asked.path) {
        ("PUT", "/latest/api/token") if asked.header("x-aws-ec2-metadata-token-ttl-seconds") == "21600" => {
            Answer::new(token_status, "TOKEN")
        }
        _ if asked.header("x-aws-ec2-metadata-token") != "TOKEN" => Answer::new(401, ""),
        (_, "/latest/meta-data/placement/region") => Answer::new(200, "us-west-2"),
        (_, "/latest/meta-data/iam/security-credentials/") if role.is_empty() => Answer::new(404, ""),
        (_, "/latest/meta-data/iam/security-credentials/") => Answer::new(200, role),
        (_, "/latest/meta-data/iam/security-credentials/vigie") => Answer::new(200, ANSWER),
        _ => Answer::new(404, ""),
    })
}

#[test]
fn instances_are_asked_by_version_2_alone() {
    let at = |server: &Server| {
        key(&[("AWS_EC2_METADATA_DISABLED", "false"), ("AWS_EC2_METADATA_SERVICE_ENDPOINT", &server.url())])
    };
    assert_eq!(at(&instance(200, "vigie\n")), "ASIAX");
    let old = instance(404, "vigie");
    assert!(at(&old).contains("version 1 is not used"));
    assert_eq!(old.asked().len(), 1, "nothing is asked without a token");
    assert_eq!(old.asked()[0].header("content-length"), "0", "the service takes no chunks");
    assert!(at(&instance(200, "")).contains("no instance profile"));
    let elsewhere = at(&instance(200, "../../x"));
    assert!(elsewhere.contains("no instance profile"), "{elsewhere}");
    let nobody = [("AWS_EC2_METADATA_DISABLED", "false"), ("AWS_EC2_METADATA_SERVICE_ENDPOINT", "http://127.0.0.1:1")];
    assert!(key(&nobody).contains("127.0.0.1:1"));
}

#[test]
fn answers_that_make_no_sense_are_refused_without_their_words() {
    for (body, part) in [
        ("{\"AccessKeyId\":\"hush\"", "not JSON"),
        (r#"{"AccessKeyId":"hush"}"#, "no AccessKeyId or SecretAccessKey"),
        (r#"{"Code":"AssumeRoleUnauthorizedAccess"}"#, "AssumeRoleUnauthorizedAccess"),
        (r#"{"AccessKeyId":"a","SecretAccessKey":"hush","Expiration":"soon"}"#, "`soon` is no time"),
    ] {
        let error = place::read_credentials("http://x", body).unwrap_err();
        assert!(error.contains(part) && !error.contains("hush"), "{error}");
    }
    assert!(place::read(Path::new("/nonexistent"), 1).is_err());
}

#[test]
fn the_region_and_endpoints_are_found() {
    let options = |variables: &[(&str, &str)]| {
        let mut all = vec![("AWS_EC2_METADATA_DISABLED", "true")];
        all.extend(variables);
        ClientOptions::from_environment(&Environment::of(all)).map_err(|error| error.to_string())
    };
    let region = |variables: &[(&str, &str)]| {
        options(variables).map_or_else(|error| error, |options| options.region.to_string())
    };
    let (_home, path) =
        home("[default]\nregion = eu-west-1\nendpoint_url = http://127.0.0.1:7\n[profile p]\nregion = eu-west-2\n", "");
    assert_eq!(
        region(&[("AWS_REGION", "us-east-1"), ("AWS_DEFAULT_REGION", "us-east-2"), ("HOME", &path)]),
        "us-east-1"
    );
    assert_eq!(region(&[("AWS_DEFAULT_REGION", "us-east-2"), ("HOME", &path)]), "us-east-2");
    assert_eq!(region(&[("HOME", &path)]), "eu-west-1");
    assert_eq!(region(&[("HOME", &path), ("AWS_PROFILE", "p")]), "eu-west-2");
    assert!(region(&[]).contains("no AWS Region: tried AWS_REGION"));
    assert!(region(&[("AWS_REGION", "evil.example/x")]).contains("AWS_REGION: `evil.example/x` is not a Region"));
    let server = instance(200, "");
    let metadata = [("AWS_EC2_METADATA_DISABLED", "false"), ("AWS_EC2_METADATA_SERVICE_ENDPOINT", &*server.url())];
    assert_eq!(region(&metadata), "us-west-2");

    let url = |variables: &[(&str, &str)], service| {
        let options = options(variables)?;
        Ok::<_, String>(options.endpoints.url(service, &options.region))
    };
    use crate::Service::{Ec2, Logs};
    let both = [
        ("AWS_REGION", "eu-west-3"),
        ("AWS_ENDPOINT_URL", "http://127.0.0.1:5/"),
        ("AWS_ENDPOINT_URL_CLOUDWATCH_LOGS", "https://l.example"),
    ];
    assert_eq!(url(&both, Ec2).unwrap(), "http://127.0.0.1:5");
    assert_eq!(url(&both, Logs).unwrap(), "https://l.example");
    assert_eq!(url(&[("HOME", &path)], Ec2).unwrap(), "http://127.0.0.1:7");
    let ignored = [("HOME", &*path), ("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true")];
    assert_eq!(url(&ignored, Ec2).unwrap(), "https://ec2.eu-west-1.amazonaws.com");
    let wrong = url(&[("AWS_REGION", "eu-west-3"), ("AWS_ENDPOINT_URL_EC2", "localhost")], Ec2).unwrap_err();
    assert!(wrong.contains("AWS_ENDPOINT_URL_EC2"), "{wrong}");
}

#[test]
fn a_role_of_another_account_is_taken_on_once_and_again_when_it_ended() {
    let server = Server::start(|asked, before| match &*asked.body {
        body if body.contains("Action=AssumeRole") => assumed(&format!("ASIA{before}")),
        _ if before == 3 => Answer::new(403, "<E><Code>ExpiredToken</Code></E>"),
        _ => Answer::new(200, "<R><Account>1</Account><Arn>arn</Arn></R>"),
    });
    let mut options = ClientOptions::new(Region::new("eu-west-3").unwrap());
    options.endpoints = Endpoints::all_at(server.url());
    options.credentials = Some(Credentials { key_id: "AKIA".to_owned(), secret: "s".to_owned(), token: None });
    options.mode = crate::Mode::DryRun;
    let client = Client::new(options);
    let other = client.assuming(Role { external_id: Some("x".to_owned()), ..Role::new("arn:aws:iam::2:role/r") });
    for _ in 0..3 {
        crate::services::sts::get_caller_identity(&other).unwrap();
    }
    let signed_by: Vec<String> = server
        .asked()
        .iter()
        .map(|asked| {
            asked
                .header("authorization")
                .split('/')
                .next()
                .unwrap_or_default()
                .rsplit('=')
                .next()
                .unwrap_or_default()
                .to_owned()
        })
        .collect();
    assert_eq!(signed_by, ["AKIA", "ASIA0", "ASIA0", "ASIA0", "AKIA", "ASIA4"]);
    assert!(client.calls().iter().any(|(operation, _)| operation.name == "AssumeRole"), "the record is shared");
    let mine = crate::services::sts::get_caller_identity(&client);
    assert!(mine.is_ok() && server.asked().last().unwrap().header("authorization").contains("=AKIA/"));
}

/// A Region from elsewhere takes the place of the environment's, and of nothing else that the environment says.
#[test]
fn a_region_that_is_given_leaves_the_rest_to_the_environment() {
    let given = Region::new("eu-south-1").unwrap();
    let options = |url| {
        let environment = Environment::of(vec![("AWS_EC2_METADATA_DISABLED", "true"), ("AWS_ENDPOINT_URL", url)]);
        ClientOptions::from_environment_in(&environment, Some(given.clone()))
    };
    let found = options("http://127.0.0.1:9").unwrap();
    assert_eq!((&found.region, found.endpoints), (&given, Endpoints::all_at("http://127.0.0.1:9")));
    assert!(options("somewhere").unwrap_err().to_string().contains("AWS_ENDPOINT_URL"));
}
