/** The service refused a call, or could not be reached. `code` is stable; `message` is for people. */
export class Problem extends Error {
  /**
   * @param code The service's code, or `unreachable` after the last attempt failed.
   * @param status The HTTP status; null without an answer.
   * @param errors The errors by field, if the service sent any.
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

/** Reads a refusal (RFC 9457). An answer without a code, such as a proxy's page, gets the code `http_<status>`. */
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

/** Whether the service says that the session has ended or is unknown, so that the tracker must begin another. */
export function isSessionOver(error: unknown): boolean {
  return error instanceof Problem && (error.code === 'session_expired' || error.code === 'session_not_found')
}
