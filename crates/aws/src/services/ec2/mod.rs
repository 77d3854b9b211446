//! EC2: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/>.

mod facts;
mod instance;
mod network;
mod profile;
mod snapshot;

pub use facts::{DESCRIBE_ADDRESSES, DESCRIBE_NAT_GATEWAYS, DESCRIBE_VPCS, own_networks};
pub use instance::{
    CREATE_TAGS, DELETE_TAGS, DESCRIBE_INSTANCE_ATTRIBUTE, DESCRIBE_INSTANCES, Instance, Interface,
    MODIFY_INSTANCE_ATTRIBUTE, START_INSTANCES, STOP_INSTANCES, create_tags_call, delete_tags_call, describe_instance,
    describe_instance_call, is_protected, is_protected_call, protect_call, some_instance, start_instance_call,
    stop_instance_call,
};
pub use network::{
    AclEntry, CREATE_NETWORK_ACL_ENTRY, DELETE_NETWORK_ACL_ENTRY, DESCRIBE_NETWORK_ACLS, DESCRIBE_NETWORK_INTERFACES,
    DESCRIBE_SECURITY_GROUPS, Direction, MODIFY_NETWORK_INTERFACE_ATTRIBUTE, NetworkAcl, SecurityGroup, Verdict,
    create_network_acl_entry_call, delete_network_acl_entry_call, describe_network_acls, describe_network_acls_call,
    describe_security_groups, describe_security_groups_call, describe_subnet_acl, describe_subnet_acl_call,
    interfaces_in_subnet, interfaces_in_subnet_call, modify_interface_groups_call, quarantine_groups,
    quarantine_groups_call,
};
pub use profile::{
    ASSOCIATE_IAM_INSTANCE_PROFILE, Association, DESCRIBE_IAM_INSTANCE_PROFILE_ASSOCIATIONS,
    DISASSOCIATE_IAM_INSTANCE_PROFILE, associate_profile_call, disassociate_profile_call, profile_associations,
    profile_associations_call,
};
pub use snapshot::{
    CREATE_SNAPSHOTS, DESCRIBE_SNAPSHOTS, create_snapshots, create_snapshots_call, describe_snapshots,
    describe_snapshots_call,
};
