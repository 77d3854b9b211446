import { expect, test } from 'vitest';
import { ALERTS_MAX, graphOf, layout, near, VALUES_MAX } from './graph';
import { keyOf, type CaseFile } from './file';

type Given = Pick<CaseFile, 'case' | 'alerts' | 'observables'>;

function value(kind: string, name: string, ioc = false): unknown {
  return { kind, value: name, role: 'related', ioc };
}
function alert(id: string, severity: string, about: unknown[]): unknown {
  return { id, title: id, severity, entities: about, first_seen: `2026-03-01T12:00:0${id.length % 10}Z` };
}
function given(alerts: unknown[], observables: unknown[]): Given {
  return { case: { id: 'case', number: 7, severity: 'high' }, alerts, observables } as unknown as Given;
}

const ip = value('ip', '203.0.113.7');
const host = value('host', 'web-01');
const lonely = value('domain', 'evil.example');
const small = given([alert('a', 'low', [ip, host]), alert('b', 'high', [ip])], [ip, host, lonely]);

test('alerts are tied to the case, values to the alerts that are about them, else to the case', () => {
  const graph = graphOf(small);
  expect(graph.nodes.map((node) => node.id)).toEqual([
    'case',
    'b',
    'a',
    'ip:203.0.113.7',
    'host:web-01',
    'domain:evil.example',
  ]);
  expect(new Set(graph.edges.map((edge) => `${edge.from}>${edge.to}`))).toEqual(
    new Set(['case>a', 'case>b', 'a>ip:203.0.113.7', 'b>ip:203.0.113.7', 'a>host:web-01', 'case>domain:evil.example']),
  );
  expect(graph.leftOut).toBe(0);
});

test('the same case is always drawn alike, in whatever order its parts come', () => {
  const turned = given([...small.alerts].reverse(), [...small.observables].reverse());
  expect(layout(graphOf(turned))).toEqual(layout(graphOf(small)));
});

test('of many nodes the telling ones are kept', () => {
  const values = Array.from({ length: VALUES_MAX + 5 }, (_, index) => value('ip', `192.0.2.${index}`));
  const alerts = Array.from({ length: ALERTS_MAX + 3 }, (_, index) =>
    alert(`alert-${index}`, index === 60 ? 'critical' : 'low', []),
  );
  const graph = graphOf(given(alerts, [...values, value('hash', 'abc', true)]));
  expect(graph.nodes).toHaveLength(1 + ALERTS_MAX + VALUES_MAX);
  expect(graph.leftOut).toBe(3 + 6);
  expect(graph.nodes[1]?.id).toBe('alert-60');
  expect(graph.nodes.find((node) => node.kind === 'value')?.id).toBe('hash:abc');
});

test('no two nodes stand on one place, and all are within the picture', () => {
  const values = Array.from({ length: 40 }, (_, index) => value('ip', `192.0.2.${index}`));
  const alerts = Array.from({ length: 30 }, (_, index) => alert(`n${index}`, 'low', values.slice(index, index + 3)));
  const picture = layout(graphOf(given(alerts, values)));
  for (const [index, one] of picture.nodes.entries()) {
    expect(Math.hypot(one.x, one.y)).toBeLessThan(picture.reach);
    for (const other of picture.nodes.slice(index + 1)) {
      expect(Math.hypot(one.x - other.x, one.y - other.y)).toBeGreaterThan(15);
    }
  }
});

test('what is tied stands near', () => {
  const values = Array.from({ length: 12 }, (_, index) => value('ip', `192.0.2.${index}`));
  const alerts = values.map((one, index) => alert(`x${index}`, 'low', [one]));
  const graph = graphOf(given(alerts, [...values].reverse()));
  const picture = layout(graph);
  const at = new Map(picture.nodes.map((node) => [node.id, node]));
  for (const { from, to } of graph.edges.filter((edge) => edge.from !== 'case')) {
    const turn = Math.abs((at.get(from)?.angle ?? 0) - (at.get(to)?.angle ?? 9));
    expect(Math.min(turn, 2 * Math.PI - turn)).toBeLessThan(0.1);
  }
});

test('neighbours are known in both directions', () => {
  expect(near(graphOf(small), keyOf({ kind: 'ip', value: '203.0.113.7' }))).toEqual(
    new Set(['ip:203.0.113.7', 'a', 'b']),
  );
});
