//! The types of finding that are known.

use super::ResourceRole;

/// The day of the list: the GuardDuty User Guide's active types
/// (<https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_finding-types-active.html>), with those of AI Protection.
/// A type that came later only notifies.
pub const FINDING_TYPES_AS_OF: &str = "2025-12-26";

/// What a finding of a type is made of, so which example stands for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Shape {
    /// Traffic between an instance and one address.
    Network,
    /// Several addresses that knock at a port.
    PortProbe,
    /// An instance that asks for a domain; there is no address.
    Dns,
    /// A call of AWS's API with somebody's credentials.
    ApiCall,
    /// A call of AWS's API on a bucket.
    BucketCall,
    /// Traffic between a Lambda function and one address.
    LambdaNetwork,
    /// A call of a cluster's Kubernetes API.
    Kubernetes,
    /// A login at a database.
    RdsLogin,
    /// A process on an instance or in a container.
    Runtime,
    /// Traffic of a process on an instance or in a container.
    RuntimeNetwork,
    /// A process that asks for a domain.
    RuntimeDns,
    /// A malicious file on a volume, in an image or a bucket.
    Malware,
    /// Several signals that belong to one attack.
    Sequence,
}

/// A type of finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FindingType {
    /// Its name: `Recon:EC2/Portscan`.
    pub name: &'static str,
    /// What its findings are made of.
    pub shape: Shape,
    /// A severity that its findings have; some have several. See [`FindingType::severity_as`].
    severity: u8,
    /// The parts that our resource plays in its findings. What a finding itself says counts, not this.
    pub roles: &'static [ResourceRole],
}

impl FindingType {
    /// Returns the type of that name.
    pub fn find(name: &str) -> Option<&'static Self> {
        FINDING_TYPES.iter().find(|known| known.name == name)
    }

    /// Returns a severity that its findings have where our resource plays this part: who guesses passwords is worse than
    /// whose passwords are guessed.
    pub fn severity_as(&self, role: ResourceRole) -> u8 {
        match role {
            ResourceRole::Actor if self.name.ends_with("BruteForce") => 8,
            ResourceRole::Actor | ResourceRole::Target => self.severity,
        }
    }
}

const ACTOR: &[ResourceRole] = &[ResourceRole::Actor];
const TARGET: &[ResourceRole] = &[ResourceRole::Target];
const BOTH: &[ResourceRole] = &[ResourceRole::Target, ResourceRole::Actor];

const fn known(name: &'static str, shape: Shape, severity: u8, roles: &'static [ResourceRole]) -> FindingType {
    FindingType { name, shape, severity, roles }
}

/// Every type that is known, in the order of the guide.
pub static FINDING_TYPES: [FindingType; 200] = [
    known("Backdoor:EC2/C&CActivity.B", Shape::Network, 8, ACTOR),
    known("Backdoor:EC2/C&CActivity.B!DNS", Shape::Dns, 8, ACTOR),
    known("Backdoor:EC2/DenialOfService.Dns", Shape::Network, 8, ACTOR),
    known("Backdoor:EC2/DenialOfService.Tcp", Shape::Network, 8, ACTOR),
    known("Backdoor:EC2/DenialOfService.Udp", Shape::Network, 8, ACTOR),
    known("Backdoor:EC2/DenialOfService.UdpOnTcpPorts", Shape::Network, 8, ACTOR),
    known("Backdoor:EC2/DenialOfService.UnusualProtocol", Shape::Network, 8, ACTOR),
    known("Backdoor:EC2/Spambot", Shape::Network, 5, ACTOR),
    known("Behavior:EC2/NetworkPortUnusual", Shape::Network, 5, ACTOR),
    known("Behavior:EC2/TrafficVolumeUnusual", Shape::Network, 5, ACTOR),
    known("CryptoCurrency:EC2/BitcoinTool.B", Shape::Network, 8, ACTOR),
    known("CryptoCurrency:EC2/BitcoinTool.B!DNS", Shape::Dns, 8, ACTOR),
    known("DefenseEvasion:EC2/UnusualDNSResolver", Shape::Network, 5, ACTOR),
    known("DefenseEvasion:EC2/UnusualDoHActivity", Shape::Network, 5, ACTOR),
    known("DefenseEvasion:EC2/UnusualDoTActivity", Shape::Network, 5, ACTOR),
    known("Impact:EC2/AbusedDomainRequest.Reputation", Shape::Dns, 5, ACTOR),
    known("Impact:EC2/BitcoinDomainRequest.Reputation", Shape::Dns, 8, ACTOR),
    known("Impact:EC2/MaliciousDomainRequest.Custom", Shape::Dns, 5, ACTOR),
    known("Impact:EC2/MaliciousDomainRequest.Reputation", Shape::Dns, 8, ACTOR),
    known("Impact:EC2/PortSweep", Shape::Network, 8, ACTOR),
    known("Impact:EC2/SuspiciousDomainRequest.Reputation", Shape::Dns, 2, ACTOR),
    known("Impact:EC2/WinRMBruteForce", Shape::Network, 2, BOTH),
    known("Recon:EC2/PortProbeEMRUnprotectedPort", Shape::PortProbe, 8, TARGET),
    known("Recon:EC2/PortProbeUnprotectedPort", Shape::PortProbe, 2, TARGET),
    known("Recon:EC2/Portscan", Shape::Network, 5, ACTOR),
    known("Trojan:EC2/BlackholeTraffic", Shape::Network, 5, ACTOR),
    known("Trojan:EC2/BlackholeTraffic!DNS", Shape::Dns, 5, ACTOR),
    known("Trojan:EC2/DGADomainRequest.B", Shape::Dns, 8, ACTOR),
    known("Trojan:EC2/DGADomainRequest.C!DNS", Shape::Dns, 8, ACTOR),
    known("Trojan:EC2/DNSDataExfiltration", Shape::Dns, 8, ACTOR),
    known("Trojan:EC2/DriveBySourceTraffic!DNS", Shape::Dns, 8, ACTOR),
    known("Trojan:EC2/DropPoint", Shape::Network, 5, ACTOR),
    known("Trojan:EC2/DropPoint!DNS", Shape::Dns, 5, ACTOR),
    known("Trojan:EC2/PhishingDomainRequest!DNS", Shape::Dns, 8, ACTOR),
    known("UnauthorizedAccess:EC2/MaliciousIPCaller.Custom", Shape::Network, 5, BOTH),
    known("UnauthorizedAccess:EC2/MetadataDNSRebind", Shape::Dns, 8, ACTOR),
    known("UnauthorizedAccess:EC2/RDPBruteForce", Shape::Network, 2, BOTH),
    known("UnauthorizedAccess:EC2/SSHBruteForce", Shape::Network, 2, BOTH),
    known("UnauthorizedAccess:EC2/TorClient", Shape::Network, 8, ACTOR),
    known("UnauthorizedAccess:EC2/TorRelay", Shape::Network, 8, ACTOR),
    known("CredentialAccess:IAMUser/AnomalousBehavior", Shape::ApiCall, 5, TARGET),
    known("DefenseEvasion:IAMUser/AnomalousBehavior", Shape::ApiCall, 5, TARGET),
    known("DefenseEvasion:IAMUser/BedrockLoggingDisabled", Shape::ApiCall, 5, TARGET),
    known("Discovery:IAMUser/AnomalousBehavior", Shape::ApiCall, 2, TARGET),
    known("Exfiltration:IAMUser/AnomalousBehavior", Shape::ApiCall, 8, TARGET),
    known("Impact:IAMUser/AnomalousBehavior", Shape::ApiCall, 8, TARGET),
    known("Impact:IAMUser/AnomalousModelInvocation", Shape::ApiCall, 5, TARGET),
    known("Impact:IAMUser/CostHarvesting", Shape::ApiCall, 5, TARGET),
    known("Impact:IAMUser/PromptInjection.Direct", Shape::ApiCall, 8, TARGET),
    known("InitialAccess:IAMUser/AnomalousBehavior", Shape::ApiCall, 5, TARGET),
    known("PenTest:IAMUser/KaliLinux", Shape::ApiCall, 5, TARGET),
    known("PenTest:IAMUser/ParrotLinux", Shape::ApiCall, 5, TARGET),
    known("PenTest:IAMUser/PentooLinux", Shape::ApiCall, 5, TARGET),
    known("Persistence:IAMUser/AnomalousBehavior", Shape::ApiCall, 5, TARGET),
    known("Policy:IAMUser/RootCredentialUsage", Shape::ApiCall, 2, TARGET),
    known("Policy:IAMUser/ShortTermRootCredentialUsage", Shape::ApiCall, 2, TARGET),
    known("PrivilegeEscalation:IAMUser/AnomalousBehavior", Shape::ApiCall, 5, TARGET),
    known("Recon:IAMUser/MaliciousIPCaller", Shape::ApiCall, 5, TARGET),
    known("Recon:IAMUser/MaliciousIPCaller.Custom", Shape::ApiCall, 5, TARGET),
    known("Recon:IAMUser/TorIPCaller", Shape::ApiCall, 5, TARGET),
    known("Stealth:IAMUser/CloudTrailLoggingDisabled", Shape::ApiCall, 2, TARGET),
    known("Stealth:IAMUser/PasswordPolicyChange", Shape::ApiCall, 2, TARGET),
    known("UnauthorizedAccess:IAMUser/ConsoleLoginSuccess.B", Shape::ApiCall, 5, TARGET),
    known("UnauthorizedAccess:IAMUser/InstanceCredentialExfiltration.InsideAWS", Shape::ApiCall, 8, TARGET),
    known("UnauthorizedAccess:IAMUser/InstanceCredentialExfiltration.OutsideAWS", Shape::ApiCall, 8, TARGET),
    known("UnauthorizedAccess:IAMUser/MaliciousIPCaller", Shape::ApiCall, 5, TARGET),
    known("UnauthorizedAccess:IAMUser/MaliciousIPCaller.Custom", Shape::ApiCall, 5, TARGET),
    known("UnauthorizedAccess:IAMUser/ResourceCredentialExfiltration.OutsideAWS", Shape::ApiCall, 8, TARGET),
    known("UnauthorizedAccess:IAMUser/TorIPCaller", Shape::ApiCall, 5, TARGET),
    known("Discovery:S3/AnomalousBehavior", Shape::BucketCall, 2, TARGET),
    known("Discovery:S3/MaliciousIPCaller", Shape::BucketCall, 8, TARGET),
    known("Discovery:S3/MaliciousIPCaller.Custom", Shape::BucketCall, 8, TARGET),
    known("Discovery:S3/TorIPCaller", Shape::BucketCall, 5, TARGET),
    known("Exfiltration:S3/AnomalousBehavior", Shape::BucketCall, 8, TARGET),
    known("Exfiltration:S3/MaliciousIPCaller", Shape::BucketCall, 8, TARGET),
    known("Impact:S3/AnomalousBehavior.Delete", Shape::BucketCall, 8, TARGET),
    known("Impact:S3/AnomalousBehavior.Permission", Shape::BucketCall, 8, TARGET),
    known("Impact:S3/AnomalousBehavior.Write", Shape::BucketCall, 5, TARGET),
    known("Impact:S3/MaliciousIPCaller", Shape::BucketCall, 8, TARGET),
    known("Object:S3/MaliciousFile", Shape::Malware, 8, TARGET),
    known("PenTest:S3/KaliLinux", Shape::BucketCall, 5, TARGET),
    known("PenTest:S3/ParrotLinux", Shape::BucketCall, 5, TARGET),
    known("PenTest:S3/PentooLinux", Shape::BucketCall, 5, TARGET),
    known("Policy:S3/AccountBlockPublicAccessDisabled", Shape::BucketCall, 2, TARGET),
    known("Policy:S3/BucketAnonymousAccessGranted", Shape::BucketCall, 8, TARGET),
    known("Policy:S3/BucketBlockPublicAccessDisabled", Shape::BucketCall, 2, TARGET),
    known("Policy:S3/BucketPublicAccessGranted", Shape::BucketCall, 8, TARGET),
    known("Stealth:S3/ServerAccessLoggingDisabled", Shape::BucketCall, 2, TARGET),
    known("UnauthorizedAccess:S3/MaliciousIPCaller.Custom", Shape::BucketCall, 8, TARGET),
    known("UnauthorizedAccess:S3/TorIPCaller", Shape::BucketCall, 8, TARGET),
    known("Backdoor:Lambda/C&CActivity.B", Shape::LambdaNetwork, 8, ACTOR),
    known("CryptoCurrency:Lambda/BitcoinTool.B", Shape::LambdaNetwork, 8, ACTOR),
    known("Trojan:Lambda/BlackholeTraffic", Shape::LambdaNetwork, 5, ACTOR),
    known("Trojan:Lambda/DropPoint", Shape::LambdaNetwork, 5, ACTOR),
    known("UnauthorizedAccess:Lambda/MaliciousIPCaller.Custom", Shape::LambdaNetwork, 5, ACTOR),
    known("UnauthorizedAccess:Lambda/TorClient", Shape::LambdaNetwork, 8, ACTOR),
    known("UnauthorizedAccess:Lambda/TorRelay", Shape::LambdaNetwork, 8, ACTOR),
    known("Backdoor:Runtime/C&CActivity.B", Shape::RuntimeNetwork, 8, ACTOR),
    known("Backdoor:Runtime/C&CActivity.B!DNS", Shape::RuntimeDns, 8, ACTOR),
    known("CryptoCurrency:Runtime/BitcoinTool.B", Shape::RuntimeNetwork, 8, ACTOR),
    known("CryptoCurrency:Runtime/BitcoinTool.B!DNS", Shape::RuntimeDns, 8, ACTOR),
    known("DefenseEvasion:Runtime/FilelessExecution", Shape::Runtime, 5, TARGET),
    known("DefenseEvasion:Runtime/KernelModuleLoaded", Shape::Runtime, 8, TARGET),
    known("DefenseEvasion:Runtime/ProcessInjection.Proc", Shape::Runtime, 8, TARGET),
    known("DefenseEvasion:Runtime/ProcessInjection.Ptrace", Shape::Runtime, 8, TARGET),
    known("DefenseEvasion:Runtime/ProcessInjection.VirtualMemoryWrite", Shape::Runtime, 5, TARGET),
    known("DefenseEvasion:Runtime/PtraceAntiDebugging", Shape::Runtime, 2, TARGET),
    known("DefenseEvasion:Runtime/SuspiciousCommand", Shape::Runtime, 5, TARGET),
    known("Discovery:Runtime/SuspiciousCommand", Shape::Runtime, 2, TARGET),
    known("Execution:Runtime/MaliciousFileExecuted", Shape::Runtime, 8, TARGET),
    known("Execution:Runtime/NewBinaryExecuted", Shape::Runtime, 5, TARGET),
    known("Execution:Runtime/NewLibraryLoaded", Shape::Runtime, 5, TARGET),
    known("Execution:Runtime/ReverseShell", Shape::Runtime, 8, TARGET),
    known("Execution:Runtime/SuspiciousCommand", Shape::Runtime, 8, TARGET),
    known("Execution:Runtime/SuspiciousShellCreated", Shape::Runtime, 2, TARGET),
    known("Execution:Runtime/SuspiciousTool", Shape::Runtime, 2, TARGET),
    known("Impact:Runtime/AbusedDomainRequest.Reputation", Shape::RuntimeDns, 5, ACTOR),
    known("Impact:Runtime/BitcoinDomainRequest.Reputation", Shape::RuntimeDns, 8, ACTOR),
    known("Impact:Runtime/CryptoMinerExecuted", Shape::Runtime, 8, TARGET),
    known("Impact:Runtime/MaliciousDomainRequest.Reputation", Shape::RuntimeDns, 8, ACTOR),
    known("Impact:Runtime/SuspiciousDomainRequest.Reputation", Shape::RuntimeDns, 2, ACTOR),
    known("Persistence:Runtime/SuspiciousCommand", Shape::Runtime, 5, TARGET),
    known("PrivilegeEscalation:Runtime/CGroupsReleaseAgentModified", Shape::Runtime, 8, TARGET),
    known("PrivilegeEscalation:Runtime/ContainerMountsHostDirectory", Shape::Runtime, 5, TARGET),
    known("PrivilegeEscalation:Runtime/DockerSocketAccessed", Shape::Runtime, 5, TARGET),
    known("PrivilegeEscalation:Runtime/ElevationToRoot", Shape::Runtime, 5, TARGET),
    known("PrivilegeEscalation:Runtime/RuncContainerEscape", Shape::Runtime, 8, TARGET),
    known("PrivilegeEscalation:Runtime/SuspiciousCommand", Shape::Runtime, 8, TARGET),
    known("PrivilegeEscalation:Runtime/UserfaultfdUsage", Shape::Runtime, 5, TARGET),
    known("Trojan:Runtime/BlackholeTraffic", Shape::RuntimeNetwork, 5, ACTOR),
    known("Trojan:Runtime/BlackholeTraffic!DNS", Shape::RuntimeDns, 5, ACTOR),
    known("Trojan:Runtime/DGADomainRequest.C!DNS", Shape::RuntimeDns, 8, ACTOR),
    known("Trojan:Runtime/DriveBySourceTraffic!DNS", Shape::RuntimeDns, 8, ACTOR),
    known("Trojan:Runtime/DropPoint", Shape::RuntimeNetwork, 5, ACTOR),
    known("Trojan:Runtime/DropPoint!DNS", Shape::RuntimeDns, 5, ACTOR),
    known("Trojan:Runtime/PhishingDomainRequest!DNS", Shape::RuntimeDns, 8, ACTOR),
    known("UnauthorizedAccess:Runtime/MetadataDNSRebind", Shape::RuntimeDns, 8, ACTOR),
    known("UnauthorizedAccess:Runtime/TorClient", Shape::RuntimeNetwork, 8, ACTOR),
    known("UnauthorizedAccess:Runtime/TorRelay", Shape::RuntimeNetwork, 8, ACTOR),
    known("CredentialAccess:Kubernetes/AnomalousBehavior.SecretsAccessed", Shape::Kubernetes, 8, TARGET),
    known("CredentialAccess:Kubernetes/MaliciousIPCaller", Shape::Kubernetes, 8, TARGET),
    known("CredentialAccess:Kubernetes/MaliciousIPCaller.Custom", Shape::Kubernetes, 8, TARGET),
    known("CredentialAccess:Kubernetes/SuccessfulAnonymousAccess", Shape::Kubernetes, 8, TARGET),
    known("CredentialAccess:Kubernetes/TorIPCaller", Shape::Kubernetes, 8, TARGET),
    known("DefenseEvasion:Kubernetes/MaliciousIPCaller", Shape::Kubernetes, 8, TARGET),
    known("DefenseEvasion:Kubernetes/MaliciousIPCaller.Custom", Shape::Kubernetes, 8, TARGET),
    known("DefenseEvasion:Kubernetes/SuccessfulAnonymousAccess", Shape::Kubernetes, 8, TARGET),
    known("DefenseEvasion:Kubernetes/TorIPCaller", Shape::Kubernetes, 8, TARGET),
    known("Discovery:Kubernetes/AnomalousBehavior.PermissionChecked", Shape::Kubernetes, 2, TARGET),
    known("Discovery:Kubernetes/MaliciousIPCaller", Shape::Kubernetes, 5, TARGET),
    known("Discovery:Kubernetes/MaliciousIPCaller.Custom", Shape::Kubernetes, 5, TARGET),
    known("Discovery:Kubernetes/SuccessfulAnonymousAccess", Shape::Kubernetes, 5, TARGET),
    known("Discovery:Kubernetes/TorIPCaller", Shape::Kubernetes, 5, TARGET),
    known("Execution:Kubernetes/AnomalousBehavior.ExecInPod", Shape::Kubernetes, 5, TARGET),
    known("Execution:Kubernetes/AnomalousBehavior.WorkloadDeployed", Shape::Kubernetes, 8, TARGET),
    known("Execution:Kubernetes/ExecInKubeSystemPod", Shape::Kubernetes, 5, TARGET),
    known("Impact:Kubernetes/MaliciousIPCaller", Shape::Kubernetes, 8, TARGET),
    known("Impact:Kubernetes/MaliciousIPCaller.Custom", Shape::Kubernetes, 8, TARGET),
    known("Impact:Kubernetes/SuccessfulAnonymousAccess", Shape::Kubernetes, 8, TARGET),
    known("Impact:Kubernetes/TorIPCaller", Shape::Kubernetes, 8, TARGET),
    known(
        "Persistence:Kubernetes/AnomalousBehavior.WorkloadDeployed!ContainerWithSensitiveMount",
        Shape::Kubernetes,
        5,
        TARGET,
    ),
    known("Persistence:Kubernetes/ContainerWithSensitiveMount", Shape::Kubernetes, 5, TARGET),
    known("Persistence:Kubernetes/MaliciousIPCaller", Shape::Kubernetes, 5, TARGET),
    known("Persistence:Kubernetes/MaliciousIPCaller.Custom", Shape::Kubernetes, 5, TARGET),
    known("Persistence:Kubernetes/SuccessfulAnonymousAccess", Shape::Kubernetes, 5, TARGET),
    known("Persistence:Kubernetes/TorIPCaller", Shape::Kubernetes, 5, TARGET),
    known("Policy:Kubernetes/AdminAccessToDefaultServiceAccount", Shape::Kubernetes, 8, TARGET),
    known("Policy:Kubernetes/AnonymousAccessGranted", Shape::Kubernetes, 8, TARGET),
    known("Policy:Kubernetes/ExposedDashboard", Shape::Kubernetes, 5, TARGET),
    known("Policy:Kubernetes/KubeflowDashboardExposed", Shape::Kubernetes, 5, TARGET),
    known("PrivilegeEscalation:Kubernetes/AnomalousBehavior.RoleBindingCreated", Shape::Kubernetes, 8, TARGET),
    known("PrivilegeEscalation:Kubernetes/AnomalousBehavior.RoleCreated", Shape::Kubernetes, 8, TARGET),
    known(
        "PrivilegeEscalation:Kubernetes/AnomalousBehavior.WorkloadDeployed!PrivilegedContainer",
        Shape::Kubernetes,
        8,
        TARGET,
    ),
    known("PrivilegeEscalation:Kubernetes/PrivilegedContainer", Shape::Kubernetes, 5, TARGET),
    known("Execution:Container/MaliciousFile", Shape::Malware, 8, TARGET),
    known("Execution:Container/SuspiciousFile", Shape::Malware, 5, TARGET),
    known("Execution:EC2/MaliciousFile", Shape::Malware, 8, TARGET),
    known("Execution:EC2/MaliciousFile!AMI", Shape::Malware, 8, TARGET),
    known("Execution:EC2/MaliciousFile!Snapshot", Shape::Malware, 8, TARGET),
    known("Execution:EC2/MaliciousFile!RecoveryPoint", Shape::Malware, 8, TARGET),
    known("Execution:EC2/SuspiciousFile", Shape::Malware, 5, TARGET),
    known("Execution:ECS/MaliciousFile", Shape::Malware, 8, TARGET),
    known("Execution:ECS/SuspiciousFile", Shape::Malware, 5, TARGET),
    known("Execution:Kubernetes/MaliciousFile", Shape::Malware, 8, TARGET),
    known("Execution:Kubernetes/SuspiciousFile", Shape::Malware, 5, TARGET),
    known("Execution:S3/MaliciousFile!RecoveryPoint", Shape::Malware, 8, TARGET),
    known("CredentialAccess:RDS/AnomalousBehavior.FailedLogin", Shape::RdsLogin, 2, TARGET),
    known("CredentialAccess:RDS/AnomalousBehavior.SuccessfulBruteForce", Shape::RdsLogin, 8, TARGET),
    known("CredentialAccess:RDS/AnomalousBehavior.SuccessfulLogin", Shape::RdsLogin, 8, TARGET),
    known("CredentialAccess:RDS/MaliciousIPCaller.FailedLogin", Shape::RdsLogin, 5, TARGET),
    known("CredentialAccess:RDS/MaliciousIPCaller.SuccessfulLogin", Shape::RdsLogin, 8, TARGET),
    known("CredentialAccess:RDS/TorIPCaller.FailedLogin", Shape::RdsLogin, 5, TARGET),
    known("CredentialAccess:RDS/TorIPCaller.SuccessfulLogin", Shape::RdsLogin, 8, TARGET),
    known("Discovery:RDS/MaliciousIPCaller", Shape::RdsLogin, 5, TARGET),
    known("Discovery:RDS/TorIPCaller", Shape::RdsLogin, 5, TARGET),
    known("AttackSequence:EC2/CompromisedInstanceGroup", Shape::Sequence, 9, TARGET),
    known("AttackSequence:ECS/CompromisedCluster", Shape::Sequence, 9, TARGET),
    known("AttackSequence:EKS/CompromisedCluster", Shape::Sequence, 9, TARGET),
    known("AttackSequence:IAM/CompromisedCredentials", Shape::Sequence, 9, TARGET),
    known("AttackSequence:S3/CompromisedData", Shape::Sequence, 9, TARGET),
];
