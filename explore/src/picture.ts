import cytoscape, { type Core, type ElementDefinition, type LayoutOptions, type NodeSingular, type Position } from 'cytoscape'
import fcose, { type FcoseLayoutOptions } from 'cytoscape-fcose'
import { edgeId, type Shown } from './drawing'
import { lookOf } from './shapes'
import { sketchOf } from './sketch'
import { parts } from './subject'
import { svgOf } from './svg'
import type { GraphEdge, GraphNode } from './wire'
import { percent, short } from './words'

cytoscape.use(fcose)
// It warns of each edge between two nodes that overlap, as dragged ones may.
cytoscape.warnings(false)

/** What a person does in the picture. `further` is true if a key says that a node is chosen beside the ones before. */
export interface Listener {
  chooseNode(id: string, further: boolean): void
  chooseEdge(id: string): void
  chooseNothing(): void
  expand(id: string): void
  pin(): void
}

/** The picture of the graph, drawn on a canvas. */
export interface Picture {
  show(shown: Shown): void
  mark(nodeIds: string[], edgeId: string | null): void
  /** Whether a node stays where it was dragged to. */
  isPinned(nodeId: string): boolean
  release(nodeId: string): void
  clear(): void
  fit(): void
  zoom(factor: number): void
  png(): Promise<Blob>
  svg(title: string): Blob
}

const dark = matchMedia('(prefers-color-scheme: dark)')
const PADDING = 30
/** A graph of few nodes is not blown up beyond this. */
const FIT_ZOOM_MAX = 1.5

export function openPicture(container: HTMLElement, listener: Listener): Picture {
  const pinned = new Set<string>()
  /** Where nodes were when they were hidden: they come back there. */
  const places = new Map<string, Position>()
  const cy: Core = cytoscape({ container, style: style(), minZoom: 0.1, maxZoom: 4, boxSelectionEnabled: false, selectionType: 'single', autounselectify: true })

  cy.on('tap', (event) => {
    if (event.target === cy) {
      listener.chooseNothing()
    }
  })
  cy.on('tap', 'node', (event) => {
    const pressed = event.originalEvent as MouseEvent
    listener.chooseNode((event.target as NodeSingular).id(), pressed.shiftKey || pressed.ctrlKey || pressed.metaKey)
  })
  cy.on('tap', 'edge', (event) => listener.chooseEdge(event.target.id()))
  cy.on('dbltap', 'node', (event) => listener.expand((event.target as NodeSingular).id()))
  cy.on('dragfree', 'node', (event) => {
    const node = event.target as NodeSingular
    pinned.add(node.id())
    node.addClass('pinned')
    listener.pin()
  })
  dark.addEventListener('change', () => cy.style(style()))
  // The container changes its size with the window, and when it is shown after it was hidden. On phones its height changes
  // with every scroll, which is no reason to move the picture.
  let width = 0
  new ResizeObserver(() => {
    cy.resize()
    if (cy.width() !== width) {
      width = cy.width()
      fit()
    }
  }).observe(container)

  function fit(): void {
    cy.fit(undefined, PADDING)
    if (cy.zoom() > FIT_ZOOM_MAX) {
      cy.zoom(FIT_ZOOM_MAX)
      cy.center()
    }
  }

  function arrange(fresh: boolean): void {
    if (cy.nodes().empty()) {
      return
    }
    const fixed = [...pinned]
      .map((id) => cy.getElementById(id))
      .filter((node) => node.nonempty())
      .map((node) => ({ nodeId: node.id(), position: { ...node.position() } }))
    const options: FcoseLayoutOptions = {
      name: 'fcose',
      quality: 'proof',
      randomize: fresh,
      animate: false,
      fit: false,
      nodeDimensionsIncludeLabels: true,
      idealEdgeLength: 80,
      nodeSeparation: 90,
      ...(fixed.length > 0 && { fixedNodeConstraint: fixed }),
    }
    // The two packages' types differ only in what may be undefined.
    cy.layout(options as LayoutOptions).run()
    fit()
  }

  return {
    show({ nodes, edges }) {
      const wanted = new Map<string, ElementDefinition>([
        ...nodes.map((node) => [node.id, nodeElement(node)] as const),
        ...edges.map((edge) => [edgeId(edge), edgeElement(edge)] as const),
      ])
      const fresh = cy.nodes().empty()
      let isNews = fresh
      cy.batch(() => {
        const gone = cy.elements().filter((each) => !wanted.has(each.id()))
        gone.nodes().forEach((node) => void places.set(node.id(), { ...node.position() }))
        gone.remove()
        for (const [id, definition] of wanted) {
          const there = cy.getElementById(id)
          if (there.empty()) {
            const added = cy.add(definition)
            if (added.isNode() && !fresh) {
              const place = places.get(id)
              isNews ||= place === undefined
              added.position(place ?? besideNeighbour(cy, id, edges))
              added.toggleClass('pinned', pinned.has(id))
            }
          } else {
            there.data(definition.data)
          }
        }
      })
      // What is hidden or comes back moves nothing; what was never there is placed anew, around what is pinned.
      if (isNews) {
        arrange(fresh)
      }
    },
    mark(nodeIds, markedEdge) {
      cy.elements().removeClass('chosen')
      for (const id of markedEdge === null ? nodeIds : [...nodeIds, markedEdge]) {
        cy.getElementById(id).addClass('chosen')
      }
    },
    isPinned: (nodeId) => pinned.has(nodeId),
    release(nodeId) {
      pinned.delete(nodeId)
      cy.getElementById(nodeId).removeClass('pinned')
      arrange(false)
    },
    clear() {
      pinned.clear()
      places.clear()
      cy.elements().remove()
    },
    fit,
    zoom: (factor) => void cy.zoom({ level: cy.zoom() * factor, renderedPosition: { x: cy.width() / 2, y: cy.height() / 2 } }),
    png: () => cy.png({ output: 'blob-promise', full: true, scale: 2, bg: colours().ground, maxWidth: 8000, maxHeight: 8000 }),
    svg: (title) => new Blob([svgOf(sketchOf(cy, title, colours()))], { type: 'image/svg+xml' }),
  }
}

function besideNeighbour(cy: Core, id: string, edges: GraphEdge[]): { x: number; y: number } {
  const near = edges
    .filter((edge) => edge.source === id || edge.target === id)
    .map((edge) => cy.getElementById(edge.source === id ? edge.target : edge.source))
    .find((node) => node.nonempty())
  const { x, y } = near?.position() ?? { x: 0, y: 0 }
  return { x: x + 40 * (Math.random() - 0.5), y: y + 40 * (Math.random() - 0.5) }
}

function nodeElement(node: GraphNode): ElementDefinition {
  const look = lookOf(node.kind)
  return { group: 'nodes', data: { id: node.id, kind: node.kind, label: label(node), shape: look.shape, size: look.size } }
}

/** A node's shape says its kind, so its label has the id alone. */
function label(node: GraphNode): string {
  const [kind, id] = parts(node.id)
  return kind === 'user' || kind === 'address' ? id : short(id)
}

function edgeElement(edge: GraphEdge): ElementDefinition {
  return {
    group: 'edges',
    data: {
      id: edgeId(edge),
      source: edge.source,
      target: edge.target,
      // A certain edge needs no figure: most are, and the picture would be full of "100 %".
      label: edge.confidence < 1 ? percent(edge.confidence) : '',
      width: 1 + 4 * edge.confidence,
      line: ['probably', 'may_be'].includes(edge.kind) ? 'dashed' : 'solid',
      level: edge.confidence >= 0.8 ? 'sure' : edge.confidence >= 0.5 ? 'likely' : 'unsure',
    },
  }
}

/** The colours of the text, of the ground and of edges that need no attention, in the light that the page is shown in. */
const colours = (): { ink: string; ground: string; faint: string } =>
  dark.matches ? { ink: '#e8ecec', ground: '#12181b', faint: '#5d6d72' } : { ink: '#1f2a2e', ground: '#ffffff', faint: '#9aa8ad' }

function style(): cytoscape.StylesheetJson {
  const { ink, ground, faint } = colours()
  const levels = dark.matches
    ? { sure: '#4ade80', likely: '#fbbf24', unsure: '#fb923c' }
    : { sure: '#15803d', likely: '#b7791f', unsure: '#b4533c' }
  return [
    {
      selector: 'node',
      style: {
        label: 'data(label)',
        shape: 'data(shape)' as 'ellipse',
        width: 'data(size)',
        height: 'data(size)',
        'background-color': (node: NodeSingular) => lookOf(node.data('kind') as string)[dark.matches ? 'dark' : 'light'],
        color: ink,
        'font-size': 13,
        'text-valign': 'bottom',
        'text-margin-y': 4,
        'text-background-color': ground,
        'text-background-opacity': 0.75,
        'text-background-padding': '2px',
        'min-zoomed-font-size': 6,
      },
    },
    { selector: 'node[kind = "user"]', style: { 'font-size': 17, 'font-weight': 'bold' } },
    {
      selector: 'edge',
      style: {
        label: 'data(label)',
        width: 'data(width)',
        'line-color': faint,
        'line-style': 'data(line)' as 'solid',
        'target-arrow-color': faint,
        'target-arrow-shape': 'triangle',
        'arrow-scale': 0.8,
        'curve-style': 'bezier',
        color: ink,
        'font-size': 12,
        'text-background-color': ground,
        'text-background-opacity': 0.85,
        'text-background-padding': '2px',
        'min-zoomed-font-size': 6,
      },
    },
    ...Object.entries(levels).map(([level, colour]) => ({
      selector: `edge[level = "${level}"][label != ""]`,
      style: { 'line-color': colour, 'target-arrow-color': colour },
    })),
    { selector: 'node.pinned', style: { 'border-width': 2, 'border-style': 'double' as const, 'border-color': ink } },
    { selector: 'node.chosen', style: { 'border-width': 5, 'border-style': 'solid' as const, 'border-color': ink } },
    { selector: 'edge.chosen', style: { 'line-color': ink, 'target-arrow-color': ink } },
  ]
}
