//! What an alert is called: the rule's title, who and against what.

use vigie_model::{Entity, EntityRole, ObservableKind};

use crate::text::{list, one_line};

/// How long a title is at most, in characters.
pub const TITLE_CHARS_MAX: usize = 200;

/// Returns an alert's title: `SSH brute force: 203.0.113.7 → web-01`. Who and against what are looked for in what the
/// alert is grouped by, and then in all that it is about.
pub fn alert_title(rule_title: &str, key: &[Entity], entities: &[Entity]) -> String {
    let from = names(key, entities, &[EntityRole::Source], true);
    let actor = names(key, entities, &[EntityRole::Actor], false);
    let target = names(key, entities, &[EntityRole::Target], true);
    let about = match (from.is_empty(), actor.is_empty(), target.is_empty()) {
        (false, _, false) => format!("{} → {}", list(&from, 2), list(&target, 2)),
        (false, false, true) => format!("{} from {}", list(&actor, 2), list(&from, 2)),
        (false, true, true) => list(&from, 2),
        (true, false, false) => format!("{} on {}", list(&actor, 2), list(&target, 2)),
        (true, false, true) => list(&actor, 2),
        (true, true, false) => list(&target, 2),
        (true, true, true) => return one_line(rule_title, TITLE_CHARS_MAX),
    };
    one_line(&format!("{rule_title}: {about}"), TITLE_CHARS_MAX)
}

/// Returns the values that play one of these parts: of the key where it has any, else of all. A machine has often both a
/// name and an address; `best_kind` keeps the kind that says most.
fn names(key: &[Entity], entities: &[Entity], roles: &[EntityRole], best_kind: bool) -> Vec<String> {
    for entities in [key, entities] {
        let playing: Vec<&Entity> = entities.iter().filter(|entity| roles.contains(&entity.role)).collect();
        let Some(best) = playing.iter().map(|entity| rank(entity.kind, roles)).min() else { continue };
        let mut names: Vec<String> = playing
            .iter()
            .filter(|entity| !best_kind || rank(entity.kind, roles) == best)
            .map(|entity| one_line(&entity.value, 60))
            .collect();
        names.sort();
        names.dedup();
        return names;
    }
    Vec::new()
}

/// Returns how little a kind says to a reader; less is better. A source is known by its address, a target by its name.
fn rank(kind: ObservableKind, roles: &[EntityRole]) -> u8 {
    let is_source = roles.contains(&EntityRole::Source);
    match kind {
        ObservableKind::Ip if is_source => 0,
        ObservableKind::Host => 1,
        ObservableKind::AwsInstance => 2,
        ObservableKind::AwsBucket => 3,
        ObservableKind::User => 4,
        ObservableKind::AwsArn => 5,
        ObservableKind::AwsKey => 6,
        ObservableKind::Domain => 7,
        ObservableKind::Ip => 8,
        ObservableKind::AwsAccount => 9,
        _ => 10,
    }
}

#[cfg(test)]
mod tests {
    use EntityRole::{Actor, Related, Source, Target};
    use ObservableKind::{AwsAccount, AwsKey, Hash, Host, Ip, User};

    use super::*;

    #[track_caller]
    fn check(entities: &[(ObservableKind, &str, EntityRole)], expected: &str) {
        let entities: Vec<Entity> =
            entities.iter().map(|(kind, value, role)| Entity::new(*kind, *value, *role)).collect();
        assert_eq!(alert_title("SSH brute force", &entities, &[]), expected);
        assert_eq!(alert_title("SSH brute force", &[], &entities), expected);
    }

    #[test]
    fn titles() {
        check(
            &[(Ip, "203.0.113.7", Source), (User, "deploy", Actor), (Host, "web-01", Target), (Ip, "10.0.0.5", Target)],
            "SSH brute force: 203.0.113.7 → web-01",
        );
        check(&[(User, "deploy", Actor), (Host, "web-01", Target)], "SSH brute force: deploy on web-01");
        check(&[(User, "deploy", Actor), (Ip, "203.0.113.7", Source)], "SSH brute force: deploy from 203.0.113.7");
        check(
            &[(AwsKey, "AKIAIOSFODNN7EXAMPLE", Actor), (AwsAccount, "111122223333", Target)],
            "SSH brute force: AKIAIOSFODNN7EXAMPLE on 111122223333",
        );
        check(&[(Host, "a", Target), (Host, "b", Target), (Host, "c", Target)], "SSH brute force: a, b and 1 more");
        check(&[(Hash, "aa", Related)], "SSH brute force");
        check(&[(User, "x\u{7}\ny", Actor)], "SSH brute force: x  y");
        check(&[], "SSH brute force");
    }

    #[test]
    fn a_title_has_an_end() {
        assert_eq!(alert_title(&"x".repeat(1_000), &[], &[]).chars().count(), TITLE_CHARS_MAX);
    }
}
