/** A place in the picture, with x to the right and y down. */
export interface Place {
  x: number
  y: number
}

export interface SketchedNode extends Place {
  id: string
  shape: string
  /** Its width and height. */
  size: number
  fill: string
  border: { colour: string; width: number }
  label: string
  font: { size: number; weight: string }
}

export interface SketchedEdge {
  id: string
  from: Place
  /** What a curve bends towards; a straight edge has none. */
  bends: Place[]
  to: Place
  /** Where the label is. */
  middle: Place
  colour: string
  width: number
  isDashed: boolean
  /** Its length; 0 for none. */
  arrow: number
  label: string
  font: number
}

/** What the picture shows, as it is drawn: places, sizes and colours. */
export interface Sketch {
  title: string
  /** The colours of the text and of the ground. */
  ink: string
  ground: string
  /** The corner of the picture, and how large it is. */
  box: Place & { width: number; height: number }
  nodes: SketchedNode[]
  edges: SketchedEdge[]
}

/** The corners of a shape, in a square from -1 to 1. They are where Cytoscape.js has them. */
const CORNERS: Record<string, [number, number][]> = {
  triangle: [[0, -1], [1, 1], [-1, 1]],
  diamond: [[0, -1], [1, 0], [0, 1], [-1, 0]],
  pentagon: [[0, -1], [1, -0.236], [0.618, 1], [-0.618, 1], [-1, -0.236]],
  hexagon: [[-0.5, -1], [0.5, -1], [1, 0], [0.5, 1], [-0.5, 1], [-1, 0]],
}
/** The distance between a shape and the label below it. */
const LABEL_GAP = 4

/**
 * Writes what the picture shows as an SVG document. It uses attributes and no style sheet, because drawing programs read
 * few of the rules of a style sheet.
 */
export function svgOf({ title, ink, ground, box, nodes, edges }: Sketch): string {
  const { x, y, width, height } = box
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    tag(
      'svg',
      { xmlns: 'http://www.w3.org/2000/svg', width, height, viewBox: `${figure(x)} ${figure(y)} ${figure(width)} ${figure(height)}`, 'font-family': 'Helvetica, Arial, sans-serif' },
      tag('title', {}, escaped(title)),
      tag('rect', { class: 'ground', x, y, width, height, fill: ground }),
      // Edges lie below the nodes, and labels above all, as in the picture.
      ...edges.map(edgeOf),
      ...nodes.map(nodeOf),
      ...edges.map(({ middle, label, font }) => labelOf(label, { x: middle.x, y: middle.y + font * 0.35 }, { size: font, weight: 'normal' }, ink, ground)),
      ...nodes.map((node) =>
        labelOf(node.label, { x: node.x, y: node.y + node.size / 2 + LABEL_GAP + node.font.size * 0.9 }, node.font, ink, ground),
      ),
    ),
    '',
  ].join('\n')
}

function nodeOf({ id, shape, x, y, size, fill, border }: SketchedNode): string {
  const half = size / 2
  const look = { fill, ...(border.width > 0 && { stroke: border.colour, 'stroke-width': border.width }) }
  const square = { x: x - half, y: y - half, width: size, height: size, ...look }
  const corners = CORNERS[shape]
  const drawn =
    corners !== undefined
      ? tag('polygon', { points: corners.map(([right, down]) => `${figure(x + right * half)},${figure(y + down * half)}`).join(' '), ...look })
      : shape === 'rectangle'
        ? tag('rect', square)
        : shape === 'round-rectangle'
          ? tag('rect', { ...square, rx: Math.min(size / 4, 8) })
          : tag('circle', { cx: x, cy: y, r: half, ...look })
  return tag('g', { class: 'node' }, tag('title', {}, escaped(id)), drawn)
}

function edgeOf({ id, from, bends, to, colour, width, isDashed, arrow }: SketchedEdge): string {
  const before = bends.at(-1) ?? from
  const length = Math.hypot(to.x - before.x, to.y - before.y) || 1
  const [right, down] = [(to.x - before.x) / length, (to.y - before.y) / length]
  // The line ends inside the arrow, since a wide line would stick out beside its tip.
  const end = { x: to.x - right * arrow * 0.8, y: to.y - down * arrow * 0.8 }
  const foot = { x: to.x - right * arrow, y: to.y - down * arrow }
  const tip = [
    to,
    { x: foot.x - (down * arrow) / 2, y: foot.y + (right * arrow) / 2 },
    { x: foot.x + (down * arrow) / 2, y: foot.y - (right * arrow) / 2 },
  ]
  return tag(
    'g',
    { class: 'edge' },
    tag('title', {}, escaped(id)),
    tag('path', { d: pathOf(from, bends, end), fill: 'none', stroke: colour, 'stroke-width': width, ...(isDashed && { 'stroke-dasharray': '6 3' }) }),
    ...(arrow > 0 ? [tag('polygon', { points: tip.map(pair).join(' '), fill: colour })] : []),
  )
}

/** Returns a line, or a curve that passes half-way between two bends. */
function pathOf(from: Place, bends: Place[], to: Place): string {
  const curves = bends.map((bend, index) => {
    const next = bends[index + 1]
    return `Q${pair(bend)} ${pair(next === undefined ? to : { x: (bend.x + next.x) / 2, y: (bend.y + next.y) / 2 })}`
  })
  return `M${pair(from)} ${curves.length > 0 ? curves.join(' ') : `L${pair(to)}`}`
}

function labelOf(label: string, { x, y }: Place, { size, weight }: SketchedNode['font'], ink: string, ground: string): string {
  return label === ''
    ? ''
    : tag(
        'text',
        { x, y, 'text-anchor': 'middle', 'font-size': size, 'font-weight': weight, fill: ink, stroke: ground, 'stroke-width': 3, 'stroke-linejoin': 'round', 'paint-order': 'stroke' },
        escaped(label),
      )
}

function tag(name: string, attributes: Record<string, string | number>, ...content: string[]): string {
  const written = Object.entries(attributes).map(([attribute, value]) => ` ${attribute}="${typeof value === 'number' ? figure(value) : escaped(value)}"`)
  return `<${name}${written.join('')}${content.length === 0 ? '/>' : `>${content.join('')}</${name}>`}`
}

const pair = ({ x, y }: Place): string => `${figure(x)},${figure(y)}`
const figure = (value: number): string => String(Math.round(value * 100) / 100)

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }

/** Writes a text so that it is only text. XML has no way to write most control characters, so each becomes U+FFFD. */
function escaped(text: string): string {
  return text.replace(/[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/g, '\ufffd').replace(/[&<>"]/g, (each) => ENTITIES[each] ?? each)
}
