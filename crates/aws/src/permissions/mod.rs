//! What IAM must allow: the statements beside each action, and what is made of them.
//!
//! A test calls every action and compares the operations that were sent with the statements, through the reviewed table
//! of what each operation takes ([`iam_actions_of`]).

mod duties;
mod page;
mod statement;
mod table;
mod template;

pub use duties::{Duty, duties};
pub use page::permissions_page;
pub(crate) use statement::DESCRIBES_ANY;
pub use statement::{Condition, Resources, Statement};
pub use table::{iam_actions_of, operations_of};
pub use template::policy_template;

/// What never changes its own role, however it came to be asked: with these a role could give itself anything.
const NEVER_ON_OWN_ROLE: [&str; 3] = ["iam:DeleteRolePolicy", "iam:PassRole", "iam:PutRolePolicy"];

/// Returns every statement, by what it is for: kinds of action in the order of the catalogue, then duties.
fn by_purpose() -> Vec<(&'static str, &'static [Statement])> {
    let actions = crate::actions::all().into_iter().map(|action| (action.spec().kind, action.statements()));
    actions.chain(duties().iter().map(|duty| (duty.name, duty.statements))).collect()
}
