import assert from 'node:assert/strict'
import { test } from 'node:test'
import { svgOf, type Sketch, type SketchedEdge, type SketchedNode } from './svg'

const node = (changes: Partial<SketchedNode>): SketchedNode => ({
  id: 'user:anna',
  shape: 'ellipse',
  x: 10,
  y: 20,
  size: 8,
  fill: 'rgb(1,2,3)',
  border: { colour: 'black', width: 0 },
  label: '',
  font: { size: 10, weight: 'normal' },
  ...changes,
})
const edge = (changes: Partial<SketchedEdge>): SketchedEdge => ({
  id: 'a b',
  from: { x: 0, y: 0 },
  bends: [],
  to: { x: 20, y: 0 },
  middle: { x: 10, y: 0 },
  colour: 'red',
  width: 2,
  isDashed: false,
  arrow: 10,
  label: '',
  font: 10,
  ...changes,
})
const written = (changes: Partial<Sketch>): string =>
  svgOf({ title: 'anna', ink: '#111', ground: '#fff', box: { x: -5, y: -5, width: 100, height: 50 }, nodes: [], edges: [], ...changes })

test('each shape is drawn within its size around its place', () => {
  const shapes = ['ellipse', 'rectangle', 'round-rectangle', 'triangle', 'diamond', 'pentagon', 'hexagon']
  const svg = written({ nodes: shapes.map((shape) => node({ shape })) })
  assert.equal(svg.match(/<g class="node">/g)?.length, 7)
  assert.match(svg, /<circle cx="10" cy="20" r="4" fill="rgb\(1,2,3\)"\/>/)
  assert.match(svg, /<rect x="6" y="16" width="8" height="8" fill="[^"]*"\/>/)
  assert.match(svg, /<rect [^>]* rx="2"\/>/)
  assert.match(svg, /<polygon points="10,16 14,24 6,24"/)
  assert.match(svg, /<polygon points="10,16 14,20 10,24 6,20"/)
})

test('an edge has its line, its arrow and its bends', () => {
  const straight = written({ edges: [edge({})] })
  assert.match(straight, /<path d="M0,0 L12,0" fill="none" stroke="red" stroke-width="2"\/>/)
  assert.match(straight, /<polygon points="20,0 10,5 10,-5" fill="red"\/>/)
  assert.doesNotMatch(written({ edges: [edge({ arrow: 0 })] }), /<polygon/)
  const bent = written({ edges: [edge({ bends: [{ x: 10, y: 10 }, { x: 20, y: 10 }], isDashed: true })] })
  assert.match(bent, /<path d="M0,0 Q10,10 15,10 Q20,10 20,8" [^>]*stroke-dasharray="6 3"\/>/)
})

test('a text is only text', () => {
  const svg = written({ title: 'a & b', nodes: [node({ id: '"<b>"', label: '<script>\u0001' })] })
  assert.match(svg, /<title>a &amp; b<\/title>/)
  assert.match(svg, /<title>&quot;&lt;b&gt;&quot;<\/title>/)
  assert.match(svg, />&lt;script&gt;\ufffd<\/text>/)
})

test('what has no label has no text', () => {
  assert.doesNotMatch(written({ nodes: [node({})], edges: [edge({})] }), /<text/)
  assert.match(written({ edges: [edge({ label: '60 %' })] }), /<text x="10" y="3.5"[^>]*>60 %<\/text>/)
})
