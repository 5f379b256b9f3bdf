/** What the site knows of the user who logged in. */
export interface UserProperties {
  userId: string | number
  [name: string]: unknown
}

/** A number as user id is the text the site's own database shows; the service takes texts only. */
export function asUserProperties(user: UserProperties | string | number): UserProperties {
  const properties = typeof user === 'object' ? user : { userId: user }
  return Number.isSafeInteger(properties?.userId) ? { ...properties, userId: String(properties.userId) } : properties
}
