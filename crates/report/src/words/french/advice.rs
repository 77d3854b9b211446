//! What to recommend when something was seen.

use super::super::Counsel;

/// In the order of `ADVICE_TAGS`.
pub(super) const ADVICE: [Counsel; 17] = [
    (
        "Fermer la connexion par mot de passe à Internet",
        "N’autorisez SSH que par clé (PasswordAuthentication no), placez l’accès distant derrière un VPN ou une liste d’adresses autorisées, et exigez un second facteur partout où un mot de passe est encore accepté. Changez les mots de passe des comptes pour lesquels une tentative a réussi.",
    ),
    (
        "Vérifier qui peut se connecter",
        "Passez en revue les clés SSH, les clés d’accès et les rôles des comptes cités dans les alertes. Retirez ce que personne ne peut expliquer, et faites approuver toute nouvelle clé posée sur le compte d’autrui.",
    ),
    (
        "Confirmer chaque nouveau compte",
        "Interrogez le propriétaire de chaque compte créé pendant cette période. Désactivez ceux qui n’en ont pas, et réservez la création de comptes à votre outil de provisionnement.",
    ),
    (
        "Renouveler les identifiants exposés dans le nuage",
        "Désactivez les clés d’accès citées dans les incidents, puis remplacez-les par des rôles à identifiants de courte durée. Exigez l’authentification multifacteur pour les personnes, et une alerte à chaque usage de root.",
    ),
    (
        "Protéger les journaux",
        "Envoyez les traces et les journaux système vers un compte ou une machine que les personnes surveillées ne peuvent pas modifier. Interdisez StopLogging et DeleteTrail par stratégie à tous, sauf à un rôle de secours.",
    ),
    (
        "Établir ce qui est sorti",
        "Dressez la liste des objets lus dans les stockages cités dans les incidents, déterminez si des données personnelles y figuraient, et faites courir le délai de notification (72 heures selon le RGPD). Bloquez l’accès public et limitez les stratégies des compartiments aux réseaux connus.",
    ),
    (
        "Resserrer les droits d’administration",
        "Relisez les règles sudo et l’appartenance aux groupes sur les machines des alertes\u{a0}: pas de NOPASSWD pour les personnes, pas de commandes avec jokers. Corrigez les machines où une tentative a réussi.",
    ),
    (
        "Corriger et protéger les serveurs web",
        "Mettez à jour les applications sondées, placez un pare-feu applicatif devant elles, et cherchez sur les machines les fichiers écrits depuis la première tentative.",
    ),
    (
        "En montrer moins aux scanners",
        "Fermez les ports qui n’ont pas à être publics, et bloquez en bordure les sources qui scannent à répétition. Un scan seul n’est pas un incident\u{a0}; regardez ce qu’il a trouvé ouvert.",
    ),
    (
        "Tester les sauvegardes dès maintenant",
        "Restaurez un système depuis une sauvegarde que les comptes de production ne peuvent pas supprimer. Gardez une copie hors ligne.",
    ),
    (
        "Réinitialiser les identifiants à portée",
        "Considérez que tout compte utilisé sur les machines des alertes est connu de l’attaquant\u{a0}: changez mots de passe et clés, et mettez fin à leurs sessions.",
    ),
    (
        "Limiter ce qui peut s’exécuter",
        "N’autorisez scripts et interpréteurs que là où ils sont nécessaires, avec un contrôle des applications sur les serveurs et sans macros dans les documents venus de l’extérieur.",
    ),
    (
        "Limiter le trafic vers l’extérieur",
        "Ne laissez les serveurs joindre que les destinations dont ils ont besoin. Cherchez les autres machines qui ont parlé aux adresses et aux domaines de ce rapport.",
    ),
    (
        "Séparer les réseaux",
        "N’autorisez les protocoles d’administration que depuis des machines de rebond, et empêchez les serveurs de se connecter les uns aux autres.",
    ),
    (
        "Chercher ce qui est resté",
        "Sur les machines des alertes, comparez tâches planifiées, services et démarrages automatiques à un système sain. Réinstallez en cas de doute.",
    ),
    (
        "Réduire les portes d’entrée",
        "Dressez la liste de ce qui est joignable depuis Internet et par qui, et exigez un second facteur pour tout.",
    ),
    (
        "Demander pourquoi quelqu’un a exploré",
        "Faites confirmer aux propriétaires des comptes que les consultations des alertes étaient bien les leurs.",
    ),
];

/// Where actions stayed a dry run.
pub(super) const DRY_RUN: Counsel = (
    "Décider quelles actions Vigie peut exécuter",
    "Des actions ont seulement été simulées. Activez celles auxquelles vous faites confiance, avec l’approbation d’un analyste là où elles pourraient nuire.",
);
/// Where actions failed.
pub(super) const FAILED_ACTIONS: Counsel = (
    "Réparer les actions qui ont échoué",
    "Une réponse qui échoue se découvre à l’attaque suivante. Les notes du tableau des actions disent pourquoi.",
);
/// Where alerts wait.
pub(super) const NOBODY_LOOKED: Counsel = (
    "Prendre en charge les alertes graves en attente",
    "Des alertes critiques ou élevées sont encore nouvelles à la fin de la période. Attribuez-les, ou dites pourquoi elles peuvent attendre.",
);
/// Where a rule is wrong more often than right.
pub(super) const NOISY_RULE: Counsel = (
    "Régler les règles qui crient au loup",
    "Plus de la moitié des alertes closes d’une règle étaient de fausses alertes. Ajoutez une exception pour ce que l’on sait inoffensif.",
);
/// Where days lack events.
pub(super) const COVERAGE_GAP: Counsel = (
    "Combler le trou dans les journaux",
    "Certains jours, aucun événement n’est arrivé. Vérifiez les relais et le chemin réseau\u{a0}: une attaque ces jours-là serait passée inaperçue.",
);
/// Where tasks of an incident are open.
pub(super) const OPEN_TASKS: Counsel = (
    "Terminer les tâches ouvertes",
    "Du travail prévu sur l’incident n’est pas fait. Confiez chaque tâche à quelqu’un, ou dites pourquoi elle est inutile.",
);
/// Where nothing holds the attacker.
pub(super) const NOT_CONTAINED: Counsel = (
    "Contenir l’incident",
    "Il est ouvert, et aucune action qui arrête l’attaquant n’est en vigueur. Bloquez les adresses, mettez fin aux sessions ou isolez les machines citées dans ce rapport.",
);
