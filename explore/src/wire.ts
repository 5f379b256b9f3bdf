/** What the calls under `/api/v1` answer, as far as the explorer reads it. */

/** What an answer without success says. */
export interface Problem {
  code?: string
  detail?: string
  errors?: object
  requestId?: string | null
}

export interface GraphNode {
  /** The kind, a colon and the node's own id. */
  id: string
  kind: string
  identityId?: string
  firstSeen?: string | null
  lastSeen?: string | null
  sessions?: number
  events?: number
  jarKind?: string
  browser?: string | null
  os?: string | null
  method?: string
}

export interface GraphEdge {
  source: string
  target: string
  kind: string
  confidence: number
  method: string | null
  lastSeen: string | null
}

export interface GraphAnswer {
  identityId: string
  at: string
  nodes: GraphNode[]
  edges: GraphEdge[]
  leftOut: Record<string, number>
}

export interface IdentityAnswer {
  identityId: string
  userId: string | null
  confidence: number
  counts: { tenures: number }
  firstSeen: string | null
  lastSeen: string | null
}

export interface Evidence {
  kind: string
  strength: number
  sharedBy: number
  lastSeen: string | null
  arithmetic: Record<string, number>
}

export interface Explanation {
  same: boolean
  confidence: number | null
  path: { kind: string; source: string; target: string; confidence: number; evidence: Evidence[] }[]
  against: { kind: string; detail: string; needed: string | null }[]
  text: string[]
}

export interface JourneyEvent {
  eventId: string
  eventName: string
  visitorId: string
  sessionId: string
  timestamp: string
  confidence: number
  /** Whose it was when it was recorded. */
  asRecorded: { identityId: string; confidence: number }
  page: { url: string | null; title: string | null } | null
  context: { browser: string | null; os: string | null; device: string | null } | null
}

/** A row of the query `at_address`. */
export interface SeenAt {
  visitor_id: string
  who: string[]
  devices: string[]
  first_seen: string
  last_seen: string
}

export interface JourneyAnswer {
  items: JourneyEvent[]
  nextCursor: string | null
}

export interface Candidate {
  candidateId: string
  /** The two visitors, or their two users. */
  subjects: string[]
  visitorIds: string[]
  state: string
  confidence: number
  evidence: { address: string; days: string[]; hours: number; sharedBy: number }[]
  arithmetic: Record<string, number>
  foundAt: string
  decidedAt: string | null
}

export interface CandidatesAnswer {
  items: Candidate[]
  nextCursor: string | null
}

/** A cluster as it is listed. */
export interface ListedCluster {
  clusterId: string
  members: number
  users: number
  visitors: number
  labels: string[]
  confidence: number
  doubt: number
  foundAt: string
}

export interface ClustersAnswer {
  items: ListedCluster[]
  nextCursor: string | null
}

export interface ClusterEdge {
  one: string
  other: string
  kind: string
  confidence: number
}

export interface ClusterAnswer {
  clusterId: string
  members: string[]
  labels: { name: string; reason: string; subjects: string[] }[]
  edges: ClusterEdge[]
  bridges: { edge: ClusterEdge; splitsOff: number; doubt: number }[]
  foundAt: string
  leftOut: number
}

export interface Stats {
  users: number
  visitors: number
  mergedVisitors: number
  jars: number
  fingerprints: number
  sessions: number
  events: number
  activeRelationships: number
  /** The number of relationships by confidence, from 1 to 100. */
  confidence: { from: number; to: number; count: number }[]
  ingestLag: IngestLag
  at: string
}

/** How long the latest events took from when they happened to when they came in; null without events. */
export interface IngestLag {
  events: number
  p50Milliseconds: number | null
  p95Milliseconds: number | null
}

/** Visits by the day on which they began, and by how they were recognised. */
export interface Visits {
  from: string
  to: string
  rows: { day: string; method: string; confidence: string; count: number }[]
  countedAt: string | null
}

export interface Warning {
  code: string
  subject: string
  detail: string
  lastSeen: string
  count: number
}

export interface PolicyField {
  name: string
  value: number | boolean | string | string[]
  default: number | boolean | string | string[]
  /** The least and the most that a number may be. */
  least: number | null
  most: number | null
  meaning: string
  byCommandOnly: boolean
}

export interface PolicyAnswer {
  fields: PolicyField[]
}

export interface PreviewAnswer {
  visitors: number
  lookedAt: number
  /** Why fewer visitors were looked at than there are; null if all were. */
  cutBy: 'number' | 'time' | null
  counts: { joins: number; parts: number; moves: number; surer: number; lessSure: number }
  relationships: number
  fadingBefore: number
  fadingAfter: number
  moves: { visitor: string; change: string; from: string; to: string; confidence: [number, number] }[]
}
