import type { Words } from '../../app/words.svelte';

export const words = {
  waiting: ['Approvals waiting', 'Approbations en attente'],
  inForce: ['In force', 'En vigueur'],
  all: ['All actions', 'Toutes les actions'],
  playbooks: ['Playbooks', 'Procédures'],
  neverTouch: ['Never touched', 'Jamais touché'],
  nothingWaits: ['No action waits for you.', 'Aucune action ne vous attend.'],
  nothingInForce: ['Nothing is blocked or isolated right now.', 'Rien n’est bloqué ni isolé en ce moment.'],
  noActions: [
    'No actions yet. Playbooks propose them when alerts fire.',
    'Aucune action. Les procédures en proposent quand une alerte se déclenche.',
  ],
  action: ['Action', 'Action'],
  since: ['Since', 'Depuis'],
  timeLeft: ['Time left', 'Temps restant'],
  noEnd: ['until undone', 'jusqu’à annulation'],
  endedNow: ['ending', 'prend fin'],
  needsApproval: ['asks first', 'demande d’abord'],
  automatic: ['automatic', 'automatique'],
  expires: ['ends after {span}', 'prend fin après {span}'],
  network: ['Network', 'Réseau'],
  reason: ['Reason', 'Raison'],
  neverHint: [
    'No action may touch these addresses: private and own networks, resolvers, administrators who are signed in, and what the configuration names.',
    'Aucune action ne peut toucher ces adresses : réseaux privés et internes, résolveurs, administrateurs connectés, et celles de la configuration.',
  ],
  keys: ['Response', 'Réponse'],
  next: ['Next', 'Suivante'],
  previous: ['Previous', 'Précédente'],
} as const satisfies Words;
