/** The keys of the queue. */
import { bindKeys } from '../../app/keys.svelte';
import { session } from '../../app/session.svelte';
import { undoLast } from './change.svelte';
import { words } from './words';

interface Doing {
  step: (by: number, isPicking?: boolean) => void;
  open: () => void;
  preview: () => void;
  toggle: () => void;
  all: () => void;
  run: (what: 'acknowledge' | 'close' | 'merge' | 'case') => void;
  assignMe: () => void;
  filter: () => void;
  refresh: () => void;
  group: () => void;
  leave: () => void;
}

export function bindQueueKeys(doing: Doing): () => void {
  const look = [
    { keys: 'j', does: words.keyNext, run: () => doing.step(1) },
    { keys: 'k', does: words.keyPrevious, run: () => doing.step(-1) },
    { keys: 'Enter', does: words.keyOpen, run: doing.open },
    { keys: 'Space', does: words.keyPreview, run: doing.preview },
    { keys: 'p', does: words.keyPreview, run: doing.preview },
    { keys: '/', does: words.keyFilter, run: doing.filter },
    { keys: 'r', does: words.keyRefresh, run: doing.refresh },
    { keys: 'v', does: words.keyGroup, run: doing.group },
    { keys: 'Escape', does: words.keyLeave, run: doing.leave },
  ];
  const work = [
    { keys: 'x', does: words.keySelect, run: doing.toggle },
    { keys: 'J', does: words.keySelectDown, run: () => doing.step(1, true) },
    { keys: 'K', does: words.keySelectUp, run: () => doing.step(-1, true) },
    { keys: 'X', does: words.selectAll, run: doing.all },
    { keys: 'a', does: words.acknowledge, run: () => doing.run('acknowledge') },
    { keys: 'm', does: words.assignMe, run: doing.assignMe },
    { keys: 'c', does: words.close, run: () => doing.run('close') },
    { keys: 'o', does: words.newCase, run: () => doing.run('case') },
    { keys: 'i', does: words.merge, run: () => doing.run('merge') },
    { keys: 'u', does: words.keyUndo, run: undoLast },
  ];
  return bindKeys(words.keys, session.may('analyst') ? [...look, ...work] : look);
}
