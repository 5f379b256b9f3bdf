/** A call the service refused, or one that never reached it: `code` is stable, `message` is for people. */
export class Problem extends Error {
  /**
   * @param code The service's code, or `unreachable` after the last attempt failed.
   * @param status The HTTP status, null without an answer.
   * @param errors What is wrong with which field, when the service said so.
   */
  constructor(
    readonly code: string,
    message: string,
    readonly status: number | null = null,
    readonly errors: unknown = undefined,
  ) {
    super(message)
    this.name = 'WhographProblem'
  }
}

/** Reads a refusal (RFC 9457); a proxy's page without a code counts as `http_<status>`. */
export async function readProblem(response: Response): Promise<Problem> {
  const body: unknown = await response.json().catch(() => null)
  const { code, detail, title, errors } = (body ?? {}) as Record<string, unknown>
  return new Problem(
    typeof code === 'string' ? code : `http_${response.status}`,
    String(detail ?? title ?? `The service answered ${response.status}.`),
    response.status,
    errors,
  )
}

/** The session ended or is unknown: another one must be begun. */
export function isSessionOver(error: unknown): boolean {
  return error instanceof Problem && (error.code === 'session_expired' || error.code === 'session_not_found')
}
