import { expect, test } from 'vitest';
import { factsOf } from './facts';
import { huntFor, type CaseFile, type Entry, type Log, type Task } from './file';
import { nextSteps } from './next';
import { csvOf, kindOf, readPasted } from './paste';
import { byDay, landmarks, storyOf } from './story';
import { refusal, size } from './upload';

const opened = '2026-03-01T12:00:00Z';
const now = Date.parse('2026-03-02T12:00:00Z');

test.each([
  ['203.0.113.7', 'ip'],
  ['2001:db8::1', 'ip'],
  ['999.0.113.7', 'other'],
  ['https://evil.example/a,b', 'url'],
  ['evil.example', 'domain'],
  ['d41d8cd98f00b204e9800998ecf8427e', 'hash'],
  ['ann@evil.example', 'mail'],
  ['arn:aws:iam::111122223333:user/x', 'aws_arn'],
  ['AKIARQRVTY35QEXAMPLE', 'aws_key'],
  ['i-0000680383d2b28da', 'aws_instance'],
  ['some words', 'other'],
])('%s looks like %s', (value, kind) => expect(kindOf(value)).toBe(kind));

test('pasted lines become values, each once', () => {
  const text =
    'evil[.]example\r\n203.0.113.7, 203.0.113.8;evil.example\n\nC:\\Program Files\\x.exe\nhxxps://evil[.]example/a b\n';
  expect(readPasted(text).map((row) => `${row.kind} ${row.value}`)).toEqual([
    'domain evil.example',
    'ip 203.0.113.7',
    'ip 203.0.113.8',
    'other C:\\Program Files\\x.exe',
    'url https://evil.example/a b',
  ]);
});

test('what is pasted cannot break out of its cell', () => {
  const csv = csvOf([{ kind: 'other', value: 'a"b,c' }], { ioc: true, tags: ['x', 'y'] });
  expect(csv).toBe('dataType,data,tags,ioc\nother,"a""b,c",x;y,true\n');
});

test('facts of a case', () => {
  const attack = [
    { kind: 'tactic', name: 'exfiltration' },
    { kind: 'tactic', name: 'initial-access' },
    { kind: 'technique', name: 'T1110' },
  ];
  const file = {
    case: { first_seen: '2026-03-01T11:50:00Z', created: opened, acknowledged: '2026-03-01T12:05:00Z', closed: null },
    alerts: [
      { rule: { attack }, count: 3 },
      { rule: { attack }, count: 4 },
    ],
    observables: [
      { kind: 'ip', value: '203.0.113.7', role: 'source', ioc: true },
      { kind: 'host', value: 'web-01', role: 'target', ioc: false },
    ],
  } as unknown as CaseFile;
  expect(factsOf(file)).toMatchObject({
    sources: [{ value: '203.0.113.7' }],
    actors: [],
    targets: [{ value: 'web-01' }],
    tactics: ['initial-access', 'exfiltration'],
    techniques: ['T1110'],
    findings: 7,
    indicators: 1,
    detectS: 600,
    acknowledgeS: 300,
    resolveS: null,
  });
});

test.each([
  ['new', { status: 'open', acknowledged: null }, [], [], ['takeUp', 'close']],
  ['nobody has it', { status: 'in_progress', acknowledged: opened, assignee: null }, [], [], ['assign', 'close']],
  [
    'tasks',
    { status: 'in_progress', acknowledged: opened, assignee: 'ann' },
    [
      { status: 'waiting', due: '2026-03-02T11:00:00Z', mandatory: true },
      { status: 'waiting', mandatory: true },
      { status: 'in_progress' },
      { status: 'completed' },
    ],
    ['awaiting_approval', 'failed', 'done'],
    ['approve', 'failed', 'overdue', 'mandatory', 'tasks'],
  ],
  ['closed', { status: 'closed', acknowledged: opened }, [{ status: 'waiting' }], ['awaiting_approval'], ['nothing']],
])('what is next: %s', (_, one, tasks, actions, expected) => {
  const file = {
    case: one,
    tasks,
    actions: actions.map((status) => ({ status })),
    observables: [],
  } as unknown as CaseFile;
  const steps = nextSteps(file, { due: null, alertsAlike: 0, now });
  expect(steps.map((step) => step.what)).toEqual(expected);
});

test('the story has tasks in it, in order, by day', () => {
  const entries = [{ id: '1', time: '2026-03-02T08:00:00Z', kind: 'note', text: 'Called.' }] as unknown as Entry[];
  const tasks = [
    { id: 't', title: 'Call', started: '2026-03-01T09:00:00Z', ended: '2026-03-02T09:00:00Z', status: 'completed' },
  ] as unknown as Task[];
  const logs = [{ id: 'l', task: 't', text: 'No answer.', on_timeline: '2026-03-02T08:30:00Z' }] as unknown as Log[];
  const story = storyOf(entries, tasks, logs);
  expect(story.map((one) => one.event ?? one.text)).toEqual([
    'task_started',
    'Called.',
    'No answer.',
    'task_completed',
  ]);
  expect(byDay(story, (time) => time.slice(0, 10)).map(([day, all]) => [day, all.length])).toEqual([
    ['2026-03-01', 1],
    ['2026-03-02', 3],
  ]);
});

test('landmarks are those that have come', () => {
  const one = { first_seen: opened, created: opened, acknowledged: null, closed: null };
  expect(landmarks(one as unknown as CaseFile['case']).map((mark) => mark.what)).toEqual(['first', 'opened']);
});

test('a hunt finds the value and nothing else', () => {
  expect(huntFor({ kind: 'ip', value: '203.0.113.7' })).toBe('203.0.113.7');
  expect(huntFor({ kind: 'user', value: 'a"b' })).toBe('user:"a\\"b"');
});

test('what the server refuses is read, whoever says it', () => {
  expect(refusal(413, '{"type":"urn:vigie:problem:too_large","detail":"too long"}')).toMatchObject({
    status: 413,
    code: 'too_large',
    message: 'too long',
  });
  expect(refusal(502, '<html>')).toMatchObject({ status: 502, message: 'HTTP 502' });
});

test('sizes are by the thousand', () => {
  expect([size(999, 'en'), size(1500, 'en'), size(2_000_000, 'en')]).toEqual(['999 byte', '1.5 kB', '2 MB']);
});
