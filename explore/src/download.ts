/** Saves a file from the page's own memory. */
export function download(name: string, content: Blob): void {
  const address = URL.createObjectURL(content)
  const link = document.createElement('a')
  link.href = address
  link.download = name
  link.click()
  // The browser has taken the content over once the click is done; Safari reads it a little later.
  setTimeout(() => URL.revokeObjectURL(address), 60_000)
}

/** Makes a name of a file that every system takes. */
export function fileName(id: string, ending: string): string {
  return `whograph-${id.replace(/[^\w.-]+/g, '-').slice(0, 60)}.${ending}`
}
