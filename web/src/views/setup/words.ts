import type { Words } from '../../app/words.svelte';

export const words = {
  welcome: ['Welcome to Vigie', 'Bienvenue dans Vigie'],
  intro: ['Two questions, one source, and the first alert.', 'Deux questions, une source, et la première alerte.'],
  you: ['1. You', '1. Vous'],
  password: ['A password of your own, at least 12 characters', 'Un mot de passe à vous, 12 caractères au moins'],
  passwordHint: [
    'Leave it empty to keep the one that the terminal showed.',
    'Laissez vide pour garder celui affiché dans le terminal.',
  ],
  client: ['2. Your first client, or your own organisation', '2. Votre premier client, ou votre organisation'],
  clientName: ['Name', 'Nom'],
  clientHint: [
    'Its id stays {id}. More clients come in the settings.',
    'Son identifiant reste {id}. D’autres clients s’ajoutent dans les réglages.',
  ],
  go: ['Set up', 'Configurer'],
  source: ['3. The first source', '3. La première source'],
  sourceHint: [
    'Take one of these. The page tells you as soon as something arrives.',
    'Choisissez. La page vous prévient dès que quelque chose arrive.',
  ],
  kind: ['Kind', 'Type'],
  http: ['HTTP, any program', 'HTTP, tout programme'],
  journal: ['journald of this machine', 'journald de cette machine'],
  rsyslog: ['rsyslog', 'rsyslog'],
  makeKey: ['Make a key for this source', 'Créer une clé pour cette source'],
  keyOnce: [
    'The key is shown here once; it may only send records.',
    'La clé est affichée une seule fois ; elle ne peut qu’envoyer des données.',
  ],
  noSyslog: [
    'No syslog listener is configured. Add this to vigie.toml and start again:',
    'Aucun récepteur syslog n’est configuré. Ajoutez ceci à vigie.toml et redémarrez :',
  ],
  sample: ['Try it with sample data', 'Essayer avec des données d’exemple'],
  sampleHint: [
    'A made-up company’s bad day: a scan, a guessed password, a stolen key. Addresses are from ranges for examples.',
    'La mauvaise journée d’une entreprise inventée : un balayage, un mot de passe deviné, une clé volée. Les adresses sont d’exemple.',
  ],
  samplesTaken: ['{n} sample events taken in', '{n} événements d’exemple reçus'],
  waiting: ['Waiting for the first event…', 'En attente du premier événement…'],
  arrived: ['{n} events have arrived.', '{n} événements sont arrivés.'],
  open: ['Open the console', 'Ouvrir la console'],
} as const satisfies Words;
