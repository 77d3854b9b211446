/** What to type on the machine that sends its first records. */

export type Kind = 'http' | 'journal' | 'rsyslog';

export interface Place {
  /** The server's name, for syslog. */
  server: string;
  /** Its address, for HTTP. */
  origin: string;
  tenant: string;
  key: string;
  /** Where syslog is received, such as `tcp/0.0.0.0:6514`. */
  syslog?: string;
}

export function commandFor(kind: Kind | 'listener', place: Place): string {
  const { origin, key, tenant } = place;
  const port = place.syslog?.split(':').at(-1) ?? '6514';
  switch (kind) {
    case 'http':
      return `curl -sS -H 'Authorization: Bearer ${key}' \\
  --data-binary @/var/log/auth.log ${origin}/api/v1/ingest/linux_auth`;
    case 'journal':
      return `journalctl --output short-iso --since -1h _COMM=sshd + _COMM=sudo | \\
  curl -sS -H 'Authorization: Bearer ${key}' --data-binary @- ${origin}/api/v1/ingest/linux_auth`;
    case 'listener':
      return `[[syslog]]
protocol = "tcp"
listen = "0.0.0.0:${port}"
tenant = "${tenant}"
source = "linux_auth"`;
    case 'rsyslog':
      return `echo 'auth,authpriv.* @@${place.server}:${port}' | sudo tee /etc/rsyslog.d/60-vigie.conf
sudo systemctl restart rsyslog`;
  }
}
