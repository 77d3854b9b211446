import type { Words } from '../../app/words.svelte';

export const words = {
  asTable: ['As a table', 'En tableau'],
  from: ['From', 'De'],
  total: ['Total', 'Total'],
  howToBrush: [
    'Drag over the bars, or use the arrow keys (with Shift to select several) and Enter.',
    'Faites glisser sur les barres, ou utilisez les flèches (avec Maj pour en choisir plusieurs) et Entrée.',
  ],
  tactic: ['Tactic', 'Tactique'],
  none: ['Nothing to show', 'Rien à afficher'],
} as const satisfies Words;
