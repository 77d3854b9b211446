/** The entity graph of a case: what is on it, what belongs to what, and where each is drawn. No chance and no clock: the same case is always drawn alike. */
import { keyOf, type CaseFile } from './file';

export type NodeKind = 'case' | 'alert' | 'value';

export interface Node {
  id: string;
  kind: NodeKind;
  label: string;
  /** Severity of an alert, kind of a value. */
  sort: string;
  /** The part that a value played; empty otherwise. */
  role: string;
  ioc: boolean;
}

export interface Edge {
  from: string;
  to: string;
}

export interface Graph {
  nodes: Node[];
  edges: Edge[];
  /** How many alerts and values were left out. */
  leftOut: number;
}

export interface Placed extends Node {
  x: number;
  y: number;
  /** The direction from the middle, in radians. */
  angle: number;
}

export const ALERTS_MAX = 60;
export const VALUES_MAX = 90;

const RANKS = ['critical', 'high', 'medium', 'low', 'informational'];

/** Returns the worst alerts and the values that most alerts are about, and the lines between them. */
export function graphOf(file: Pick<CaseFile, 'case' | 'alerts' | 'observables'>): Graph {
  const { case: one, alerts, observables } = file;
  const kept = [...alerts]
    .sort(
      (left, right) =>
        RANKS.indexOf(left.severity) - RANKS.indexOf(right.severity) ||
        left.first_seen.localeCompare(right.first_seen) ||
        left.id.localeCompare(right.id),
    )
    .slice(0, ALERTS_MAX);
  const about = new Map<string, string[]>();
  for (const alert of kept) {
    for (const key of new Set(alert.entities.map(keyOf))) about.set(key, [...(about.get(key) ?? []), alert.id]);
  }
  const weight = (key: string): number => about.get(key)?.length ?? 0;
  const unique = [...new Map(observables.map((observable) => [keyOf(observable), observable])).entries()];
  const values = unique
    .sort(
      ([leftKey, left], [rightKey, right]) =>
        Number(right.ioc) - Number(left.ioc) || weight(rightKey) - weight(leftKey) || leftKey.localeCompare(rightKey),
    )
    .slice(0, VALUES_MAX);
  const nodes: Node[] = [
    { id: one.id, kind: 'case', label: `#${one.number}`, sort: one.severity, role: '', ioc: false },
    ...kept.map((alert): Node => ({
      id: alert.id,
      kind: 'alert',
      label: alert.title,
      sort: alert.severity,
      role: '',
      ioc: false,
    })),
    ...values.map(([key, value]): Node => ({
      id: key,
      kind: 'value',
      label: value.value,
      sort: value.kind,
      role: value.role,
      ioc: value.ioc,
    })),
  ];
  const edges: Edge[] = [
    ...kept.map((alert): Edge => ({ from: one.id, to: alert.id })),
    ...values.flatMap(([key]): Edge[] => {
      const from = about.get(key);
      return from ? from.map((alert) => ({ from: alert, to: key })) : [{ from: one.id, to: key }];
    }),
  ];
  return { nodes, edges, leftOut: alerts.length - kept.length + unique.length - values.length };
}

export interface Picture {
  nodes: Placed[];
  /** Half of the picture's side; the case is in the middle. */
  reach: number;
}

/** How many times the rings are sorted by the middle of what each node is tied to; more changes little. */
const ROUNDS = 12;
const NODE_SPACE = 26;

/** Places the case in the middle, its alerts on a ring around it, the values on a ring around those; what is tied stands near. */
export function layout(graph: Graph): Picture {
  const centre = graph.nodes.filter((node) => node.kind === 'case');
  let inner = graph.nodes.filter((node) => node.kind === 'alert');
  let outer = graph.nodes.filter((node) => node.kind === 'value');
  const ties = new Map<string, string[]>();
  for (const { from, to } of graph.edges) {
    ties.set(from, [...(ties.get(from) ?? []), to]);
    ties.set(to, [...(ties.get(to) ?? []), from]);
  }
  let angles = new Map<string, number>();
  const spread = (ring: Node[]): void => {
    ring.forEach((node, index) => angles.set(node.id, (index / Math.max(1, ring.length)) * 2 * Math.PI));
  };
  spread(inner);
  spread(outer);
  const sorted = (ring: Node[]): Node[] => {
    const middle = new Map(ring.map((node) => [node.id, mean(node.id)]));
    return [...ring].sort(
      (left, right) => (middle.get(left.id) ?? 0) - (middle.get(right.id) ?? 0) || left.id.localeCompare(right.id),
    );
  };
  function mean(id: string): number {
    const own = angles.get(id) ?? 0;
    const tied = (ties.get(id) ?? []).flatMap((other) => {
      const angle = angles.get(other);
      return angle === undefined ? [] : [angle];
    });
    if (tied.length === 0) return own;
    // The mean of directions, not of numbers: a little under a whole turn and a little over none are neighbours.
    const x = tied.reduce((sum, angle) => sum + Math.cos(angle), 0);
    const y = tied.reduce((sum, angle) => sum + Math.sin(angle), 0);
    if (Math.hypot(x, y) < 1e-6) return own;
    return (Math.atan2(y, x) + 2 * Math.PI) % (2 * Math.PI);
  }
  for (let round = 0; round < ROUNDS; round += 1) {
    outer = sorted(outer);
    spread(outer);
    inner = sorted(inner);
    spread(inner);
  }
  angles = new Map(angles);
  const around = (count: number): number => (count * NODE_SPACE) / (2 * Math.PI);
  const innerReach = Math.max(95, around(inner.length));
  const outerReach = Math.max(innerReach + 90, around(outer.length));
  const place = (node: Node, reach: number): Placed => {
    const angle = angles.get(node.id) ?? 0;
    return { ...node, angle, x: Math.cos(angle) * reach, y: Math.sin(angle) * reach };
  };
  return {
    nodes: [
      ...centre.map((node): Placed => ({ ...node, angle: 0, x: 0, y: 0 })),
      ...inner.map((node) => place(node, innerReach)),
      ...outer.map((node) => place(node, outerReach)),
    ],
    reach: outerReach + 190,
  };
}

/** Returns the ids of what is tied to a node, itself among them. */
export function near(graph: Graph, id: string): Set<string> {
  const found = new Set([id]);
  for (const { from, to } of graph.edges) {
    if (from === id) found.add(to);
    if (to === id) found.add(from);
  }
  return found;
}
