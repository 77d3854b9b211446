import { expect, test } from 'vitest';
import { canPivot, columnsParameter, fieldsOf, laidOut, readColumns, toggled, type Event } from './columns';

const event = {
  id: 'e1',
  tenant: 'acme',
  source: 'sshd',
  time: '2026-03-01T12:00:00Z',
  arrival: '2026-03-01T12:00:01Z',
  envelope: {
    class: 'authentication',
    activity: 'login',
    outcome: 'failure',
    severity: 'low',
    logsource: { product: 'linux', category: null, service: 'sshd' },
    src: { ip: '203.0.113.9', port: 0 },
    dst: {},
    process: {},
    file: {},
    cloud: {},
    message: 'no',
  },
  entities: [],
  native: '',
} as unknown as Event;

test('columns are read and written', () => {
  expect(readColumns(null)).toEqual(['time', 'source', 'user', 'src.ip', 'message']);
  expect(readColumns('time,nonsense,user,user,__proto__')).toEqual(['time', 'user']);
  expect(columnsParameter(readColumns(null))).toBeNull();
  expect(columnsParameter(['time', 'user'])).toBe('time,user');
  expect(toggled(['a', 'b'], 'b')).toEqual(['a']);
  expect(toggled(['a'], 'b')).toEqual(['a', 'b']);
});

test('an event says what it has', () => {
  const fields = Object.fromEntries(fieldsOf(event).map((one) => [one.field, one.value]));
  expect(fields).toMatchObject({ 'src.ip': '203.0.113.9', 'src.port': '0', product: 'linux' });
  expect(fields).not.toHaveProperty('category');
  expect([canPivot('time'), canPivot('user')]).toEqual([false, true]);
});

test('JSON is laid out, the rest is left alone', () => {
  expect(laidOut('{"a":1}')).toEqual({ text: '{\n  "a": 1\n}', isJson: true });
  expect(laidOut('{a')).toEqual({ text: '{a', isJson: false });
  expect(laidOut('<1> x').isJson).toBe(false);
});
