import type { Words } from '../../app/words.svelte';

export const words = {
  target: ['Target', 'Cible'],
  why: ['Because of', 'À cause de'],
  byPlaybook: ['playbook {name}', 'procédure {name}'],
  blast: ['Can touch', 'Peut toucher'],
  lasts: ['Ends by itself after', 'Prend fin seule après'],
  undoPlan: ['How it is undone', 'Comment l’annuler'],
  life: ['Steps', 'Étapes'],
  by: ['by', 'par'],
  approve: ['Approve', 'Approuver'],
  reject: ['Reject', 'Rejeter'],
  run: ['Try again', 'Réessayer'],
  undo: ['Undo', 'Annuler l’action'],
  note: ['Why (for the record)', 'Pourquoi (pour mémoire)'],
  'said.approve': ['Approved: {what}', 'Approuvée : {what}'],
  'said.run': ['Approved: {what}', 'Approuvée : {what}'],
  'said.reject': ['Rejected: {what}', 'Rejetée : {what}'],
  'said.undo': ['It is being taken back: {what}', 'Annulation en cours : {what}'],
  'sure.approve': ['Approve this action?', 'Approuver cette action ?'],
  'sure.run': ['Try this again?', 'Réessayer cette action ?'],
  'sure.reject': ['Reject this action?', 'Rejeter cette action ?'],
  'sure.undo': ['Take this back?', 'Annuler cette action ?'],
  dryRun: [
    'The server is in dry run: approving simulates the action, nothing is changed.',
    'Le serveur est en mode à blanc : approuver simule l’action, rien ne change.',
  ],
} as const satisfies Words;
