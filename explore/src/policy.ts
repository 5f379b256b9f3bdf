import type { Answer, Change } from './changes'
import type { PolicyField } from './wire'

/** A field of the policy that is a number, and that a page may change. */
export interface NumberField extends PolicyField {
  value: number
  default: number
  least: number
  most: number
}

/** Values of fields, by their names. */
export type Values = Record<string, number>

/** The longest list of fields in a sentence. */
const NAMED_MAX = 5

export const isNumberField = (field: PolicyField): field is NumberField =>
  typeof field.value === 'number' && field.least !== null && field.most !== null && !field.byCommandOnly

/** Reads fields and values from the address; what is no number counts as absent. */
export function readValues(text: string): Values {
  const read: Values = {}
  for (const part of text.split(',')) {
    const [name = '', value = ''] = part.split(':')
    if (/^\w+$/.test(name) && value.trim() !== '' && Number.isFinite(Number(value))) {
      read[name] = Number(value)
    }
  }
  return read
}

/** Writes fields and values as the address holds them. */
export const writeValues = (values: Values): string =>
  Object.entries(values)
    .map(([name, value]) => `${name}:${value}`)
    .join(',')

/** Returns those values that are not in force, of fields that there are. */
export function differing(values: Values, fields: NumberField[]): Values {
  return Object.fromEntries(fields.filter(({ name, value }) => name in values && values[name] !== value).map(({ name }) => [name, values[name] ?? 0]))
}

/** Sets fields of the policy; null sets one to its default. */
export function setPolicy(set: Record<string, number | null>): Change {
  return {
    title: 'Change the policy',
    says: [
      `All reads and later visits go by ${valuesSay(set)}.`,
      'It can be undone. Relationships that a job closed meanwhile as faded stay closed until they are seen again.',
    ],
    does: 'Apply',
    call: { method: 'PUT', path: ['policy'], sent: { set } },
    made: ({ before = {}, after = {} }: Answer) =>
      Object.keys(after).length > 0
        ? {
            says: `The policy was changed: ${valuesSay(after)}. The whole service goes by it within ten seconds.`,
            undo: { ...setPolicy(before), reason: 'Undo' },
          }
        : { says: 'The policy was so before. Nothing was changed.', undo: null },
  }
}

function valuesSay(set: Record<string, number | null>): string {
  const all = Object.entries(set)
  const said = all.slice(0, NAMED_MAX).map(([name, value]) => `${name} = ${value ?? 'its default'}`)
  return all.length > NAMED_MAX ? `${said.join(', ')} and ${all.length - NAMED_MAX} more` : said.join(', ')
}
