import type { Tracker } from './tracker'

type Waiting = [name: string, given: ArrayLike<unknown>, resolve: (value: unknown) => void]

/** The inline snippet's object until the script is loaded. It queues calls, each with its promise. */
export interface Stub {
  waiting: Waiting[]
}

/** Turns the stub into the tracker, in place since the page may hold a reference to it, and makes the queued calls. */
export function takeOver(stub: Partial<Stub>, tracker: Tracker): Tracker {
  const waiting = stub.waiting ?? []
  delete stub.waiting
  const whole = Object.assign(stub, tracker)
  for (const [name, given, resolve] of waiting) {
    const called = tracker[name as keyof Tracker]
    resolve(typeof called === 'function' ? Reflect.apply(called, tracker, given) : called)
  }
  return whole
}
