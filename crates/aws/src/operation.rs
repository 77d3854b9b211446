//! Which operations of AWS are used, how each is spoken to, and what IAM asks for it.

/// How a service is spoken to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    /// `X-Amz-Target` and a JSON body (AWS JSON 1.0 and 1.1).
    Json {
        /// What stands before the operation's name in `X-Amz-Target`.
        target: &'static str,
        /// `1.0` or `1.1`.
        version: &'static str,
    },
    /// `Action=…&Version=…` in the body, XML back.
    Query {
        /// The version of the API: `2016-11-15`.
        version: &'static str,
    },
    /// Method, path and XML.
    RestXml,
    /// Method, path and JSON.
    RestJson,
}

/// A service of AWS.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Service {
    /// WAF, version 2.
    Waf,
    /// EC2: instances, network ACLs, security groups, snapshots.
    Ec2,
    /// IAM; one endpoint for all Regions of a partition.
    Iam,
    /// The Security Token Service.
    Sts,
    /// S3.
    S3,
    /// The Simple Notification Service.
    Sns,
    /// The Simple Queue Service.
    Sqs,
    /// DynamoDB.
    DynamoDb,
    /// CloudWatch Logs.
    Logs,
    /// GuardDuty.
    GuardDuty,
}

impl Service {
    /// Every service that is used.
    pub const ALL: [Self; 10] = [
        Self::Waf,
        Self::Ec2,
        Self::Iam,
        Self::Sts,
        Self::S3,
        Self::Sns,
        Self::Sqs,
        Self::DynamoDb,
        Self::Logs,
        Self::GuardDuty,
    ];

    /// Returns the name behind `AWS_ENDPOINT_URL_`.
    /// Source: <https://docs.aws.amazon.com/sdkref/latest/guide/ss-endpoints-table.html>.
    pub(crate) const fn variable_name(self) -> &'static str {
        match self {
            Self::Waf => "WAFV2",
            Self::Ec2 => "EC2",
            Self::Iam => "IAM",
            Self::Sts => "STS",
            Self::S3 => "S3",
            Self::Sns => "SNS",
            Self::Sqs => "SQS",
            Self::DynamoDb => "DYNAMODB",
            Self::Logs => "CLOUDWATCH_LOGS",
            Self::GuardDuty => "GUARDDUTY",
        }
    }

    /// Returns the name that goes into the signature.
    pub const fn signing_name(self) -> &'static str {
        match self {
            Self::Waf => "wafv2",
            Self::Ec2 => "ec2",
            Self::Iam => "iam",
            Self::Sts => "sts",
            Self::S3 => "s3",
            Self::Sns => "sns",
            Self::Sqs => "sqs",
            Self::DynamoDb => "dynamodb",
            Self::Logs => "logs",
            Self::GuardDuty => "guardduty",
        }
    }

    /// Returns how the service is spoken to.
    pub const fn protocol(self) -> Protocol {
        match self {
            Self::Waf => Protocol::Json { target: "AWSWAF_20190729", version: "1.1" },
            Self::Ec2 => Protocol::Query { version: "2016-11-15" },
            Self::Iam => Protocol::Query { version: "2010-05-08" },
            Self::Sts => Protocol::Query { version: "2011-06-15" },
            Self::S3 => Protocol::RestXml,
            Self::Sns => Protocol::Query { version: "2010-03-31" },
            Self::Sqs => Protocol::Json { target: "AmazonSQS", version: "1.0" },
            Self::DynamoDb => Protocol::Json { target: "DynamoDB_20120810", version: "1.0" },
            Self::Logs => Protocol::Json { target: "Logs_20140328", version: "1.1" },
            Self::GuardDuty => Protocol::RestJson,
        }
    }
}

/// Whether an operation changes anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// It only looks.
    Read,
    /// It changes something, so a dry run writes it down instead.
    Write,
}

/// An operation that is used. Each is a `static` beside the function that calls it.
#[derive(Debug, PartialEq, Eq)]
pub struct Operation {
    /// Whose it is.
    pub service: Service,
    /// Its name: `UpdateIPSet`.
    pub name: &'static str,
    /// Whether it changes anything.
    pub effect: Effect,
    /// Whether a repeat of the very same call does no harm, so that it may be tried again after a time-out.
    pub idempotent: bool,
    /// Whether it is signed. One that is not brings its own proof of who calls.
    pub signed: bool,
}

impl Operation {
    /// Returns an operation that only looks.
    pub const fn read(service: Service, name: &'static str) -> Self {
        Self { service, name, effect: Effect::Read, idempotent: true, signed: true }
    }

    /// Returns an operation that only looks, and is not signed.
    pub const fn unsigned(service: Service, name: &'static str) -> Self {
        Self { service, name, effect: Effect::Read, idempotent: true, signed: false }
    }

    /// Returns an operation that changes something, where a repeat does no harm.
    pub const fn write(service: Service, name: &'static str) -> Self {
        Self { service, name, effect: Effect::Write, idempotent: true, signed: true }
    }

    /// Returns an operation that changes something each time that it is called.
    pub const fn write_once(service: Service, name: &'static str) -> Self {
        Self { service, name, effect: Effect::Write, idempotent: false, signed: true }
    }
}

impl std::fmt::Display for Operation {
    /// `wafv2:UpdateIPSet`
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}", self.service.signing_name(), self.name)
    }
}
