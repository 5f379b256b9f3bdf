import type { Core, EdgeSingular, NodeSingular } from 'cytoscape'
import type { Place, Sketch, SketchedEdge, SketchedNode } from './svg'

const MARGIN = 20

/** Reads what the picture shows from Cytoscape.js: all of it, however far one has zoomed in. */
export function sketchOf(cy: Core, title: string, colours: { ink: string; ground: string }): Sketch {
  const shown = cy.elements().not('.hidden')
  const { x1, y1, w, h } = shown.boundingBox({})
  return {
    title,
    ...colours,
    box: { x: x1 - MARGIN, y: y1 - MARGIN, width: w + 2 * MARGIN, height: h + 2 * MARGIN },
    nodes: shown.nodes().map(nodeOf),
    edges: shown
      .edges()
      .map(edgeOf)
      // Between two nodes that overlap there is no room for an edge, and the picture has none.
      .filter(({ from, to }) => Number.isFinite(from.x + from.y + to.x + to.y)),
  }
}

function nodeOf(node: NodeSingular): SketchedNode {
  return {
    id: node.id(),
    ...node.position(),
    shape: node.style('shape') as string,
    size: node.width(),
    fill: node.style('background-color') as string,
    border: { colour: node.style('border-color') as string, width: node.numericStyle('border-width') },
    label: node.style('label') as string,
    font: { size: node.numericStyle('font-size'), weight: node.style('font-weight') as string },
  }
}

function edgeOf(edge: EdgeSingular): SketchedEdge {
  const width = edge.numericStyle('width')
  return {
    id: edge.id(),
    from: edge.sourceEndpoint(),
    // A straight edge has no such points; the package's types do not say so.
    bends: (edge.controlPoints() as Place[] | undefined) ?? [],
    to: edge.targetEndpoint(),
    middle: edge.midpoint(),
    colour: edge.style('line-color') as string,
    width,
    isDashed: edge.style('line-style') === 'dashed',
    // The length of an arrow as Cytoscape.js draws it. The picture of a large graph has none.
    arrow: edge.style('target-arrow-shape') === 'none' ? 0 : 0.3 * Math.max((width * 13.37) ** 0.9, 29) * edge.numericStyle('arrow-scale'),
    label: edge.style('label') as string,
    font: edge.numericStyle('font-size'),
  }
}
