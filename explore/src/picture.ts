import cytoscape, { type CollectionReturnValue, type Core, type ElementDefinition, type LayoutOptions, type NodeSingular } from 'cytoscape'
import fcose, { type FcoseLayoutOptions } from 'cytoscape-fcose'
import { edgeId, type Shown } from './drawing'
import { lookOf } from './shapes'
import { sketchOf } from './sketch'
import { spiral } from './spiral'
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
/** Above so many nodes, the layout by forces would block the page for over a second (docs/explorer.md). */
const LARGE = 250
/** A graph of few nodes is not blown up beyond this. */
const FIT_ZOOM_MAX = 1.5

export function openPicture(container: HTMLElement, listener: Listener): Picture {
  const pinned = new Set<string>()
  let isLarge = false
  const cy: Core = cytoscape({ container, style: style(false), minZoom: 0.02, maxZoom: 4, textureOnViewport: true, boxSelectionEnabled: false, selectionType: 'single', autounselectify: true })

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
  dark.addEventListener('change', () => cy.style(style(isLarge)))
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

  const visible = (): CollectionReturnValue => cy.elements().not('.hidden')

  /** A graph stays large while the slider hides parts of it, since a change of the style takes long. */
  function setLarge(next: boolean): void {
    isLarge = next
    cy.style(style(isLarge))
  }

  function fit(): void {
    const all = visible()
    cy.fit(all, PADDING)
    if (cy.zoom() > FIT_ZOOM_MAX) {
      cy.zoom(FIT_ZOOM_MAX)
      cy.center(all)
    }
  }

  function arrange(fresh: boolean): void {
    const all = visible()
    if (all.empty()) {
      return
    }
    const fixed = [...pinned]
      .map((id) => cy.getElementById(id))
      .filter((node) => node.nonempty() && !node.hasClass('hidden'))
      .map((node) => ({ nodeId: node.id(), position: { ...node.position() } }))
    if (isLarge) {
      const places = spiral(
        all.nodes().map((node) => node.id()),
        all.edges().map((edge) => edge.data() as { source: string; target: string }),
        all.nodes('[kind = "user"]').map((node) => node.id()),
      )
      all.nodes().positions((node) => (pinned.has(node.id()) ? node.position() : (places.get(node.id()) ?? node.position())))
      fit()
      return
    }
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
    all.layout(options as LayoutOptions).run()
    fit()
  }

  return {
    show({ nodes, edges }) {
      const wanted = new Map<string, ElementDefinition>([
        ...nodes.map((node) => [node.id, nodeElement(node)] as const),
        ...edges.map((edge) => [edgeId(edge), edgeElement(edge)] as const),
      ])
      const fresh = cy.elements().empty()
      let isNews = fresh
      if (nodes.length > LARGE && !isLarge) {
        setLarge(true)
      }
      cy.batch(() => {
        const missing = new Map(wanted)
        // What is hidden stays there, since to take it out and add it again would take far longer.
        cy.elements().forEach((there) => {
          const definition = wanted.get(there.id())
          missing.delete(there.id())
          if (there.hasClass('hidden') === (definition !== undefined)) {
            there.toggleClass('hidden', definition === undefined)
          }
          if (definition !== undefined && isChanged(there.data() as Data, definition.data)) {
            there.data(definition.data)
          }
        })
        for (const added of cy.add([...missing.values()]).nodes().toArray()) {
          isNews = true
          if (!fresh && !isLarge) {
            added.position(besideNeighbour(cy, added.id(), edges))
          }
        }
      })
      // What is hidden or comes back moves nothing; what was never there is placed anew, around what is pinned.
      if (isNews) {
        arrange(fresh)
      }
    },
    mark(nodeIds, markedEdge) {
      cy.elements('.chosen').removeClass('chosen')
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
      cy.elements().remove()
      setLarge(false)
    },
    fit,
    zoom: (factor) => void cy.zoom({ level: cy.zoom() * factor, renderedPosition: { x: cy.width() / 2, y: cy.height() / 2 } }),
    png: () => cy.png({ output: 'blob-promise', full: true, scale: 2, bg: colours().ground, maxWidth: 8000, maxHeight: 8000 }),
    svg: (title) => new Blob([svgOf(sketchOf(cy, title, colours()))], { type: 'image/svg+xml' }),
  }
}

type Data = Record<string, unknown>

const isChanged = (before: Data, after: Data): boolean => Object.entries(after).some(([name, value]) => before[name] !== value)

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

/** Returns how all looks. In a large graph, edges go straight from centre to centre, without arrows: that halves the time. */
function style(isLarge: boolean): cytoscape.StylesheetJson {
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
        'target-arrow-shape': isLarge ? ('none' as const) : ('triangle' as const),
        'arrow-scale': 0.8,
        'haystack-radius': 0,
        'curve-style': isLarge ? ('haystack' as const) : ('bezier' as const),
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
    { selector: '.hidden', style: { display: 'none' as const } },
    { selector: 'node.pinned', style: { 'border-width': 2, 'border-style': 'double' as const, 'border-color': ink } },
    { selector: 'node.chosen', style: { 'border-width': 5, 'border-style': 'solid' as const, 'border-color': ink } },
    { selector: 'edge.chosen', style: { 'line-color': ink, 'target-arrow-color': ink } },
  ]
}
