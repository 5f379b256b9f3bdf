import { drawn } from './element'

/** How a kind of node looks: its shape in the picture, the same as an outline of 20 × 20 for the legend, and its colours. */
export interface Look {
  shape: 'ellipse' | 'round-rectangle' | 'hexagon' | 'diamond' | 'rectangle' | 'triangle' | 'pentagon'
  outline: string
  size: number
  light: string
  dark: string
}

const PLAIN: Look = { shape: 'ellipse', outline: 'M10 4a6 6 0 1 0 0 12a6 6 0 1 0 0-12z', size: 24, light: '#64748b', dark: '#94a3b8' }

/** The colours are 3 : 1 and more against the page, by which WCAG 1.4.11 tells graphics from their ground. */
const LOOKS: Record<string, Look> = {
  user: { shape: 'ellipse', outline: 'M10 1a9 9 0 1 0 0 18a9 9 0 1 0 0-18z', size: 46, light: '#1d4ed8', dark: '#60a5fa' },
  visitor: { shape: 'round-rectangle', outline: 'M4 3h12a3 3 0 0 1 3 3v8a3 3 0 0 1-3 3H4a3 3 0 0 1-3-3V6a3 3 0 0 1 3-3z', size: 38, light: '#0f766e', dark: '#2dd4bf' },
  jar: { shape: 'hexagon', outline: 'M5.500 2h9l4.500 8l-4.500 8h-9L1 10z', size: 28, light: '#b45309', dark: '#fbbf24' },
  tenure: { shape: 'diamond', outline: 'M10 1l9 9l-9 9l-9-9z', size: 34, light: '#0369a1', dark: '#38bdf8' },
  session: { shape: 'rectangle', outline: 'M2 4h16v12H2z', size: 22, light: '#64748b', dark: '#94a3b8' },
  fingerprint: { shape: 'triangle', outline: 'M10 2l9 16H1z', size: 30, light: '#a21caf', dark: '#e879f9' },
  address: { shape: 'pentagon', outline: 'M10 1l9 7l-3.400 11H4.400L1 8z', size: 30, light: '#be123c', dark: '#fb7185' },
}

export const lookOf = (kind: string): Look => LOOKS[kind] ?? PLAIN

/** Draws the shape of a kind, small, beside a word. */
export function symbol(kind: string): SVGElement {
  return drawn('svg', { viewBox: '0 0 20 20', class: `symbol ${kind}`, 'aria-hidden': 'true' }, drawn('path', { d: lookOf(kind).outline }))
}
