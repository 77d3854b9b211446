/**
 * What the server's doctor says, in French. It says it in English sentences with figures in them
 * (`crates/server/src/doctor/rules.rs`), so, as in gettext, the sentence is the key: `{}` stands for whatever is filled in,
 * `{1}` for the first of those. A sentence that is not here is shown as it came.
 */
import type { Language, Phrase, Words } from '../../app/words.svelte';

export const SENTENCES: readonly Phrase[] = [
  ['the stage `{}` has been held up for {} s: {}', 'l’étape « {1} » est bloquée depuis {2} s : {3}'],
  [
    'make room on the disk or give the folder back its rights; it goes on by itself, and nothing that was acknowledged is lost',
    'libérez de la place sur le disque ou rendez ses droits au dossier ; cela reprend tout seul, et rien de ce qui a été accusé n’est perdu',
  ],
  [
    'what was received before the start is still being read from the log',
    'ce qui a été reçu avant le démarrage est encore en cours de lecture dans le journal',
  ],
  [
    'wait: it goes on by itself, and new records wait meanwhile',
    'patientez : cela avance tout seul, les nouveaux enregistrements attendent pendant ce temps',
  ],
  ['the write-ahead log holds {} of at most {}', 'le journal d’écriture contient {1} sur {2} au plus'],
  [
    'the stages behind it do not keep up or are held up: see the other lines; `events.log_bytes_max` says how large it may become',
    'les étapes suivantes ne suivent pas ou sont bloquées : voir les autres lignes ; `events.log_bytes_max` fixe sa taille maximale',
  ],
  ['the queue of {} records is full ({} of {})', 'la file des enregistrements « {1} » est pleine ({2} sur {3})'],
  [
    'more comes in than the busiest stage takes: senders are being slowed down',
    'il arrive plus que l’étape la plus chargée ne peut traiter : les émetteurs sont ralentis',
  ],
  ['{} of {} are free on the disk of the data folder', '{1} sur {2} sont libres sur le disque du dossier de données'],
  [
    'make room, or keep events for a shorter time: `events.retention_days`, `events.retention_bytes`',
    'libérez de la place, ou conservez les événements moins longtemps : `events.retention_days`, `events.retention_bytes`',
  ],
  [
    'the stage `{}` worked {} % of the last minute: it sets the pace of all the others',
    'l’étape « {1} » a travaillé {2} % de la dernière minute : elle donne le rythme à toutes les autres',
  ],
  [
    'the disk syncs slowly: put the data folder on a faster one',
    'le disque synchronise lentement : placez le dossier de données sur un disque plus rapide',
  ],
  [
    'records are read as fast as one core can: send less, or split tenants over two servers',
    'les enregistrements sont lus aussi vite qu’un cœur le peut : envoyez moins, ou répartissez les clients sur deux serveurs',
  ],
  [
    'events are indexed as fast as one core can: send less, or split tenants over two servers',
    'les événements sont indexés aussi vite qu’un cœur le peut : envoyez moins, ou répartissez les clients sur deux serveurs',
  ],
  [
    'rules take the time: leave out rules for products that you do not run, or send less',
    'les règles prennent le temps : écartez celles des produits que vous n’avez pas, ou envoyez moins',
  ],
  [
    "the database takes the time: a rule that fires on everything is the usual reason, see the overview's top rules",
    'la base de données prend le temps : d’habitude, une règle qui se déclenche sur tout ; voir les règles principales de la vue d’ensemble',
  ],
  [
    'UDP cannot be slowed down: send over TCP, or send less',
    'UDP ne peut pas être ralenti : envoyez par TCP, ou envoyez moins',
  ],
  [
    '{} datagrams were lost in the last minute, {} since the start',
    '{1} datagrammes ont été perdus dans la dernière minute, {2} depuis le démarrage',
  ],
  ['{} datagrams were lost since the start', '{1} datagrammes ont été perdus depuis le démarrage'],
  ['{} batches were refused in the last minute', '{1} lots ont été refusés dans la dernière minute'],
  [
    'their senders were told to send them again: see what holds the log up',
    'leurs émetteurs ont été priés de les renvoyer : voir ce qui bloque le journal',
  ],
  [
    'what was in that place and not yet indexed is lost: have its senders send it again',
    'ce qui était à cet endroit et n’était pas encore indexé est perdu : faites-le renvoyer par ses émetteurs',
  ],
  [
    '`{}` of `{}` has sent nothing for {}; it used to send every {}',
    '« {1} » de « {2} » n’a rien envoyé depuis {3} ; d’habitude, un envoi toutes les {4}',
  ],
  ['look at the machine or the shipper that sends it', 'examinez la machine ou l’agent qui l’envoie'],
  [
    'the {} for `{}` of `{}` has had nothing since the start, {} ago',
    'l’entrée « {1} » de « {2} », client « {3} », n’a rien reçu depuis le démarrage, il y a {4}',
  ],
  [
    'look at the sender, the address and the firewall between',
    'examinez l’émetteur, l’adresse et le pare-feu entre les deux',
  ],
  [
    '{} records of `{}` of `{}` could not be read since the start, {} could',
    '{1} enregistrements de « {2} » de « {3} » n’ont pas pu être lus depuis le démarrage, {4} l’ont été',
  ],
  [
    '`/api/v1/dead-letters` keeps them with the reason: is the right source named for them?',
    '`/api/v1/dead-letters` les garde avec la raison : la bonne source est-elle indiquée ?',
  ],
  [
    '{} rules could not be read and are not in force; the first is {}: {}',
    '{1} règles n’ont pas pu être lues et ne sont pas en vigueur ; la première est {2} : {3}',
  ],
  ['`vigie rules check DIR` names them all', '`vigie rules check DIR` les nomme toutes'],
  ['no rule is in force: nothing is detected', 'aucune règle n’est en vigueur : rien n’est détecté'],
  [
    'set `rules.builtin = true`, or name folders in `rules.folders`',
    'mettez `rules.builtin = true`, ou nommez des dossiers dans `rules.folders`',
  ],
];

const PARTS: Words = {
  log: ['log', 'journal'],
  ingest: ['ingest', 'lecture'],
  index: ['index', 'index'],
  detect: ['detect', 'détection'],
  settle: ['settle', 'enregistrement'],
  queues: ['queues', 'files d’attente'],
  disk: ['disk', 'disque'],
  sources: ['sources', 'sources'],
  rules: ['rules', 'règles'],
};

/** Returns what a part of the server is called. */
export function partNamed(part: string): Phrase {
  return PARTS[part] ?? [part, part];
}

const KNOWN = SENTENCES.map(([english, french]) => ({
  is: new RegExp(`^${english.split('{}').map(plain).join('(.+?)')}$`, 's'),
  french,
}));

function plain(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

/** Returns a sentence of the doctor's in this language, or as it came where we do not know it. */
export function translated(sentence: string, into: Language): string {
  if (into === 'en') return sentence;
  for (const { is, french } of KNOWN) {
    const found = is.exec(sentence);
    if (!found) continue;
    return french.replace(/\{(\d)\}/g, (_, at: string) =>
      (found[Number(at)] ?? '').replace(/^(\d+) days$/, '$1 jours'),
    );
  }
  return sentence;
}
