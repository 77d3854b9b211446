/** What ATT&CK calls what attackers are after. */
import type { Phrase } from '../app/words.svelte';

/** The tactics of ATT&CK for enterprises, in the order of an attack. */
export const TACTICS: readonly { readonly id: string; readonly name: Phrase }[] = [
  { id: 'reconnaissance', name: ['Reconnaissance', 'Reconnaissance'] },
  { id: 'resource-development', name: ['Resource development', 'Développement de ressources'] },
  { id: 'initial-access', name: ['Initial access', 'Accès initial'] },
  { id: 'execution', name: ['Execution', 'Exécution'] },
  { id: 'persistence', name: ['Persistence', 'Persistance'] },
  { id: 'privilege-escalation', name: ['Privilege escalation', 'Élévation de privilèges'] },
  { id: 'defense-evasion', name: ['Defense evasion', 'Contournement des défenses'] },
  { id: 'credential-access', name: ['Credential access', 'Accès aux identifiants'] },
  { id: 'discovery', name: ['Discovery', 'Découverte'] },
  { id: 'lateral-movement', name: ['Lateral movement', 'Déplacement latéral'] },
  { id: 'collection', name: ['Collection', 'Collecte'] },
  { id: 'command-and-control', name: ['Command and control', 'Commande et contrôle'] },
  { id: 'exfiltration', name: ['Exfiltration', 'Exfiltration'] },
  { id: 'impact', name: ['Impact', 'Impact'] },
];

/** Returns what a tactic is called; its id, with spaces, where we do not know it. */
export function tacticNamed(id: string): Phrase {
  const plain = id.replaceAll('-', ' ');
  return TACTICS.find((tactic) => tactic.id === id)?.name ?? [plain, plain];
}
