//! French.

mod advice;
mod sentences;

use vigie_model::{
    ActionStatus, AlertStatus, DecisionState, EntityRole, ObservableKind, ReportLanguage as Language, Severity,
    TaskStatus, TimelineKind, Tlp, Verdict,
};

use super::{PeriodWords, Words};
use crate::figures::Stage;

/// French.
pub(super) const WORDS: Words = Words {
    language: Language::French,
    weekly: PeriodWords {
        report: "Rapport de sécurité hebdomadaire",
        in_figures: "La semaine en chiffres",
        this: "Cette semaine",
        before: "Semaine précédente",
        against: "Par rapport à la semaine précédente",
        against_short: "sur une semaine",
        no_previous: "Il n’y a pas de semaine précédente à laquelle comparer.",
        no_advice: "Rien dans les détections de cette semaine n’appelle de changement.",
        lead: "Chaque recommandation découle de ce qui a été vu cette semaine, la plus pressante d’abord.",
    },
    monthly: PeriodWords {
        report: "Rapport de sécurité mensuel",
        in_figures: "Le mois en chiffres",
        this: "Ce mois-ci",
        before: "Mois précédent",
        against: "Par rapport au mois précédent",
        against_short: "sur un mois",
        no_previous: "Il n’y a pas de mois précédent auquel comparer.",
        no_advice: "Rien dans les détections de ce mois n’appelle de changement.",
        lead: "Chaque recommandation découle de ce qui a été vu ce mois-ci, la plus pressante d’abord.",
    },
    summary: "Synthèse",
    recommendations: "Ce que nous recommandons",
    alerts: "Alertes",
    incidents: "Incidents",
    response: "Réponse",
    attack: "Comportement de l’attaquant (MITRE ATT&CK)",
    appendix: "Comment les chiffres sont calculés",
    prepared_for: "Préparé pour",
    period_named: "Période",
    made: "Établi",
    handling: "Diffusion",
    all_times_utc: "Toutes les heures sont en UTC.",
    not_enough: "données insuffisantes",
    none: "Aucune.",
    no_cases: "Aucun incident n’a été ouvert ni traité pendant cette période.",
    no_actions: "Aucune action n’a été prévue ni exécutée pendant cette période.",
    no_techniques: "Aucune alerte de cette période ne cite de tactique ou de technique ATT&CK.",
    events_read: "Événements lus",
    alerts_raised: "Alertes levées",
    critical_and_high: "Critiques et élevées",
    open_incidents: "Incidents ouverts",
    actions_done: "Actions exécutées",
    time_to_respond: "Délai moyen de réponse",
    alerts_per_day: "Alertes levées chaque jour, par gravité",
    events_per_day: "Événements lus chaque jour",
    mean_times: "Délais",
    sources: "D’où venaient les événements",
    by_severity: "Par gravité",
    by_rule: "Par règle",
    states: "Ce qu’elles sont devenues",
    timeline: "Chronologie",
    observables: "Observables",
    actions: "Actions",
    tasks: "Tâches",
    resolution: "Conclusion",
    tactics_seen: "Tactiques",
    techniques_seen: "Techniques",
    because: "Parce que\u{a0}:",
    severity: "Gravité",
    state: "État",
    closed: "Clos",
    rule: "Règle",
    findings: "Détections",
    share: "Part",
    source: "Source",
    events: "Événements",
    time: "Heure",
    what: "Quoi",
    kind: "Type",
    value: "Valeur",
    role: "Rôle",
    known: "Ce que l’on sait",
    note: "Dernière note",
    technique: "Technique",
    name: "Nom",
    change: "Évolution",
    mean: "Moyenne",
    median: "Médiane",
    longest: "Maximum",
    opened: "Ouvert",
    first_seen: "Premier événement",
    worked_by: "Traité par",
    nobody: "personne pour l’instant",
    malicious_short: "IOC",
    detect: "Détecter\u{a0}: du premier événement à l’alerte",
    acknowledge: "Prendre en charge\u{a0}: de l’alerte à sa prise en charge",
    respond: "Répondre\u{a0}: de l’alerte à la première action exécutée",
    close: "Clore\u{a0}: de l’alerte à sa fin",
    critical_and_high_alerts: "Alertes critiques et élevées",
    incidents_opened: "Incidents ouverts dans la période",
    incident_report: "Rapport d’incident",
    incident_figures: "L’incident en chiffres",
    people: "Qui a participé",
    person: "Qui",
    part: "Participation",
    entities: "Qui et quoi était concerné",
    decisions: "Mesures prises",
    measure: "Mesure",
    target: "Sur",
    since: "Depuis",
    until: "Jusqu’à",
    until_undone: "jusqu’à sa levée",
    how_long: "Combien de temps cela a pris",
    step: "Étape",
    length: "Durée",
    to_opened: "Du premier événement à l’ouverture de l’incident",
    to_taken_up: "De l’ouverture à la prise en charge",
    to_contained: "De l’ouverture à la première action qui arrête l’attaquant",
    to_closed: "De l’ouverture à la clôture",
    what_happened: "Ce qui s’est passé",
    time_to_contain: "Délai de confinement",
    not_yet: "pas encore",
    lessons: "Ce que nous recommandons",
    task: "Tâche",
    indicators: "Indicateurs",
    no_lessons: "Rien dans cet incident n’appelle de changement.",
    mail_attached: "Le rapport complet est joint, en page pour le navigateur et en PDF pour l’impression.",
    mail_footer: "Ce message a été envoyé par Vigie selon la programmation de votre équipe de sécurité.",
    method: METHOD,
    advice: advice::ADVICE,
    dry_run: advice::DRY_RUN,
    failed_actions: advice::FAILED_ACTIONS,
    nobody_looked: advice::NOBODY_LOOKED,
    noisy_rule: advice::NOISY_RULE,
    coverage_gap: advice::COVERAGE_GAP,
    open_tasks: advice::OPEN_TASKS,
    not_contained: advice::NOT_CONTAINED,
    tactics: [
        "Reconnaissance",
        "Développement de ressources",
        "Accès initial",
        "Exécution",
        "Persistance",
        "Élévation de privilèges",
        "Contournement des défenses",
        "Accès aux identifiants",
        "Découverte",
        "Déplacement latéral",
        "Collecte",
        "Commande et contrôle",
        "Exfiltration",
        "Impact",
    ],
    days: ["lun.", "mar.", "mer.", "jeu.", "ven.", "sam.", "dim."],
    months: [
        "janvier",
        "février",
        "mars",
        "avril",
        "mai",
        "juin",
        "juillet",
        "août",
        "septembre",
        "octobre",
        "novembre",
        "décembre",
    ],
    months_short: ["janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.", "déc."],
    no_alerts: "Aucune alerte n’a été levée pendant cette période.",
    no_change: "inchangé",
    under_a_second: "moins de 1\u{a0}s",
    day_unit: "j",
    severity_name,
    stage_name,
    alert_status,
    verdict,
    task_status,
    action_status,
    decision_state,
    timeline_kind,
    role_name,
    observable_kind,
    tlp_meaning,
    period_sentences: sentences::period_in_words,
    incident_sentence: sentences::incident_in_words,
    incident_told: sentences::incident_told,
    span_of_days: sentences::span_of_days,
    actions_counted: sentences::actions_counted,
    more_left_out: sentences::more_left_out,
    messages_left_out: sentences::messages_left_out,
    page_of: sentences::page_of,
    part_of: sentences::part_of,
};

const METHOD: [(&str, &str); 9] = [
    (
        "Événements",
        "Enregistrements de vos machines, de votre réseau et de vos comptes dans le nuage, arrivés et lus pendant la période. Ils comptent le jour de leur arrivée.",
    ),
    (
        "Alertes",
        "Les détections d’une même règle sur les mêmes éléments forment une seule alerte. Une alerte compte dans la période où elle a été levée, avec la gravité qu’elle a maintenant.",
    ),
    (
        "Incidents",
        "Dossiers ouverts ou traités pendant la période. Un incident est contenu quand il est ouvert et qu’une action qui arrête l’attaquant, et non un simple message, est en vigueur.",
    ),
    (
        "Détecter",
        "Du premier événement d’une alerte à l’alerte, selon les horloges des événements. Une alerte levée avant l’heure de son événement, parce qu’une horloge avance, compte pour zéro.",
    ),
    (
        "Prendre en charge",
        "De l’alerte au moment où un analyste l’a prise en charge pour la première fois. Les alertes que personne n’a prises n’entrent pas dans la moyenne.",
    ),
    (
        "Répondre",
        "De l’alerte à la première action exécutée pour elle ou pour son incident. Les messages et les simulations ne comptent pas.",
    ),
    ("Clore", "De l’alerte à sa fin. Les alertes ouvertes n’entrent pas dans la moyenne."),
    (
        "Actions",
        "Chaque action compte une fois, dans l’état qu’elle avait quand ce rapport a été établi. Les actions exécutées comprennent celles qui ont été annulées ou qui ont expiré depuis.",
    ),
    (
        "Évolution",
        "Le nombre de cette période par rapport à celui de la précédente\u{a0}: en pourcentage, ou en différence quand il y en avait moins de dix.",
    ),
];

const fn severity_name(severity: Severity) -> &'static str {
    match severity {
        Severity::Informational => "Information",
        Severity::Low => "Faible",
        Severity::Medium => "Moyenne",
        Severity::High => "Élevée",
        Severity::Critical => "Critique",
    }
}

const fn stage_name(stage: Stage) -> &'static str {
    match stage {
        Stage::Open => "Ouvert",
        Stage::Contained => "Contenu",
        Stage::Closed => "Clos",
    }
}

const fn alert_status(status: AlertStatus) -> &'static str {
    match status {
        AlertStatus::New => "Nouvelle",
        AlertStatus::InProgress => "En cours",
        AlertStatus::Closed => "Close",
    }
}

const fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::TruePositive => "Attaque confirmée",
        Verdict::FalsePositive => "Fausse alerte",
        Verdict::Benign => "Comportement autorisé",
        Verdict::Duplicate => "Doublon",
        Verdict::Indeterminate => "Indéterminé",
    }
}

const fn task_status(status: TaskStatus) -> &'static str {
    match status {
        TaskStatus::Waiting => "En attente",
        TaskStatus::InProgress => "En cours",
        TaskStatus::Completed => "Faite",
        TaskStatus::Cancelled => "Inutile",
    }
}

const fn action_status(status: ActionStatus) -> &'static str {
    match status {
        ActionStatus::Planned => "Prévue",
        ActionStatus::Refused => "Refusée par un garde-fou",
        ActionStatus::AwaitingApproval => "En attente d’approbation",
        ActionStatus::Rejected => "Rejetée par un analyste",
        ActionStatus::Approved => "Approuvée",
        ActionStatus::Simulated => "Simulation",
        ActionStatus::Executing => "En cours",
        ActionStatus::Done => "Faite",
        ActionStatus::Failed => "Échouée",
        ActionStatus::Undone => "Annulée",
        ActionStatus::Expired => "Expirée",
    }
}

const fn timeline_kind(kind: TimelineKind) -> &'static str {
    match kind {
        TimelineKind::Attack => "Attaquant",
        TimelineKind::Alert => "Alerte",
        TimelineKind::Action => "Action",
        TimelineKind::Case => "Dossier",
        TimelineKind::Note => "Note",
    }
}

const fn role_name(role: EntityRole) -> &'static str {
    match role {
        EntityRole::Source => "Source",
        EntityRole::Actor => "Acteur",
        EntityRole::Target => "Cible",
        EntityRole::Related => "Lié",
    }
}

const fn observable_kind(kind: ObservableKind) -> &'static str {
    match kind {
        ObservableKind::Ip => "Adresse IP",
        ObservableKind::Domain => "Domaine",
        ObservableKind::Url => "URL",
        ObservableKind::Host => "Machine",
        ObservableKind::User => "Compte",
        ObservableKind::Hash => "Empreinte",
        ObservableKind::File => "Fichier",
        ObservableKind::Process => "Processus",
        ObservableKind::Mail => "Adresse mail",
        ObservableKind::UserAgent => "Agent utilisateur",
        ObservableKind::AwsKey => "Clé d’accès AWS",
        ObservableKind::AwsAccount => "Compte AWS",
        ObservableKind::AwsInstance => "Instance EC2",
        ObservableKind::AwsArn => "Ressource AWS",
        ObservableKind::AwsBucket => "Compartiment S3",
        ObservableKind::Other => "Autre",
    }
}

const fn tlp_meaning(tlp: Tlp) -> &'static str {
    match tlp {
        Tlp::Clear => "peut être partagé avec tous",
        Tlp::Green => "peut être partagé au sein de votre communauté",
        Tlp::Amber => "peut être partagé dans votre organisation et avec ses clients, selon le besoin",
        Tlp::AmberStrict => "peut être partagé dans votre organisation seulement",
        Tlp::Red => "pour les destinataires nommés seulement",
    }
}

const fn decision_state(state: DecisionState) -> &'static str {
    match state {
        DecisionState::InForce => "En vigueur",
        DecisionState::Expired => "Expirée",
        DecisionState::Undone => "Levée",
    }
}
