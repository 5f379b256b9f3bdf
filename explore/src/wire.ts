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
  page: { url: string | null; title: string | null } | null
  context: { browser: string | null; os: string | null; device: string | null } | null
}

export interface JourneyAnswer {
  items: JourneyEvent[]
  nextCursor: string | null
}
