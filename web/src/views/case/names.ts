/** What the API's kinds of values are called. */
import type { Words } from '../../app/words.svelte';

export const names = {
  // Kinds of values.
  'k.ip': ['address', 'adresse'],
  'k.domain': ['domain', 'domaine'],
  'k.url': ['URL', 'URL'],
  'k.host': ['host', 'machine'],
  'k.user': ['account', 'compte'],
  'k.hash': ['hash', 'empreinte'],
  'k.file': ['file', 'fichier'],
  'k.process': ['process', 'processus'],
  'k.mail': ['mail address', 'adresse e-mail'],
  'k.user_agent': ['user agent', 'agent utilisateur'],
  'k.aws_key': ['AWS key', 'clé AWS'],
  'k.aws_account': ['AWS account', 'compte AWS'],
  'k.aws_instance': ['AWS instance', 'instance AWS'],
  'k.aws_arn': ['AWS ARN', 'ARN AWS'],
  'k.aws_bucket': ['AWS bucket', 'bucket AWS'],
  'k.other': ['other', 'autre'],
} as const satisfies Words;
