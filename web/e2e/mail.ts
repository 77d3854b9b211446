/** A mail server that keeps what it is given (RFC 5321, as much as a sender needs). */
import { createServer, type Server as NetServer } from 'node:net';

export interface Mailbox {
  port: number;
  letters: { to: string[]; text: string }[];
  close: () => Promise<void>;
}

export async function mailbox(): Promise<Mailbox> {
  const letters: Mailbox['letters'] = [];
  const server: NetServer = createServer((socket) => {
    let to: string[] = [];
    let isData = false;
    let kept = '';
    socket.write('220 mailbox\r\n');
    socket.on('error', () => undefined);
    socket.on('data', (piece) => {
      kept += piece.toString('utf8');
      for (;;) {
        const end = isData ? kept.indexOf('\r\n.\r\n') : kept.indexOf('\r\n');
        if (end < 0) return;
        const line = kept.slice(0, end);
        kept = kept.slice(end + (isData ? 5 : 2));
        if (isData) {
          letters.push({ to, text: line });
          to = [];
          isData = false;
          socket.write('250 kept\r\n');
          continue;
        }
        const verb = line.slice(0, 4).toUpperCase();
        if (verb === 'RCPT') to.push(/<([^>]*)>/.exec(line)?.[1] ?? '');
        isData = verb === 'DATA';
        socket.write(isData ? '354 go on\r\n' : verb === 'EHLO' ? '250-mailbox\r\n250 8BITMIME\r\n' : '250 good\r\n');
        if (verb === 'QUIT') socket.end();
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (!address || typeof address === 'string') throw new Error('the mailbox has no port');
  return { port: address.port, letters, close: () => new Promise((resolve) => server.close(() => resolve())) };
}
