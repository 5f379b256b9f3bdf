type Attributes = Record<string, string | number | boolean | ((event: Event) => void)>
type Child = Node | string | null | undefined | false

/** Makes an element with attributes (functions are listeners) and children; text stays text. */
export function element<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[Tag] {
  return furnished(document.createElement(tag), attributes, children)
}

/** Makes an element of SVG in the same way. */
export function drawn<Tag extends keyof SVGElementTagNameMap>(
  tag: Tag,
  attributes: Attributes = {},
  ...children: Child[]
): SVGElementTagNameMap[Tag] {
  return furnished(document.createElementNS('http://www.w3.org/2000/svg', tag), attributes, children)
}

/** Returns the element of the page with this id. */
export function byId<Kind extends HTMLElement = HTMLElement>(id: string): Kind {
  const found = document.getElementById(id)
  if (found === null) {
    throw new Error(`the page has no #${id}`)
  }
  return found as Kind
}

function furnished<Made extends Element>(made: Made, attributes: Attributes, children: Child[]): Made {
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === 'function') {
      made.addEventListener(name, value)
    } else if (value !== false) {
      made.setAttribute(name, value === true ? '' : String(value))
    }
  }
  made.append(...children.filter((child): child is Node | string => child !== null && child !== undefined && child !== false))
  return made
}
