/** Properties of the user who logged in, as the site knows them. */
export interface UserProperties {
  userId: string | number
  [name: string]: unknown
}

/** Turns a numeric user id into text, as the site's own database shows it; the service accepts only text. */
export function asUserProperties(user: UserProperties | string | number): UserProperties {
  const properties = typeof user === 'object' ? user : { userId: user }
  return Number.isSafeInteger(properties?.userId) ? { ...properties, userId: String(properties.userId) } : properties
}
