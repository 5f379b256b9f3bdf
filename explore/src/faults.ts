/** What a detail says to readers of the JSON, who have the errors beside it. */
const SEE_ERRORS = /: see errors$/

/** Says in one sentence what was wrong: the detail of a refusal, with the reasons for each field that is wrong. */
export function refusalSays(detail: string, errors: object | undefined): string {
  return errors === undefined ? detail : `${detail.replace(SEE_ERRORS, '')}: ${faultsSay(errors, '').join(' ')}`
}

/** Returns each reason with its field: `{about: ['One of …']}` is "about: One of …". */
function faultsSay(found: unknown, field: string): string[] {
  if (Array.isArray(found)) {
    return found.flatMap((each) => faultsSay(each, field))
  }
  if (typeof found === 'object' && found !== null) {
    return Object.entries(found).flatMap(([name, each]) => faultsSay(each, field === '' ? name : `${field}.${name}`))
  }
  return [field === '' ? String(found) : `${field}: ${String(found)}`]
}
