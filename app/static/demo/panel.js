/* The panel: what the service answered to each call, as the SDK tells it (`whograph:answer`). */
const panel = (() => {
  const METHODS = {
    token: "The token this browser was given came back.",
    anonymous_id: "The caller's own id for this browser came back.",
    fingerprint: "No token, but a fingerprint that is known.",
    fuzzy_fingerprint: "No token, but a fingerprint much like a known one.",
    ip_browser: "A browser of this kind was seen at this address.",
    ip: "Somebody was seen at this address.",
    new: "Nothing here was seen before.",
  };
  const MOST = 30;
  const memory = "demo.exchanges";

  /** An element with attributes (functions are listeners) and children; text stays text. */
  function element(tag, attributes = {}, ...children) {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
      if (typeof value === "function") made.addEventListener(name, value);
      else if (value !== null) made.setAttribute(name, value);
    }
    made.append(...children.filter((child) => child !== null && child !== ""));
    return made;
  }

  const percent = (share) => `${Math.round(share * 100)} %`;
  const short = (id) => (id.length > 16 ? `${id.slice(0, 8)}…${id.slice(-4)}` : id);

  /** The same id has the same colour all over the panel. */
  function colour(id) {
    let hash = 0;
    for (const letter of id) hash = (hash * 31 + letter.codePointAt(0)) % 360;
    return hash;
  }

  function identity(answer) {
    const chip = element("span", { class: "identity", title: `identityId ${answer.identityId}` }, short(answer.identityId));
    chip.style.setProperty("--hue", colour(answer.identityId));
    return chip;
  }

  const who = (answer) =>
    element("span", { class: "who" }, identity(answer), answer.userId
      ? element("strong", { title: "userId" }, answer.userId)
      : element("span", { class: "hint", title: "A page is told a user id only where that user logged in" }, "no user named"));

  function bar(share, label) {
    const level = share >= 0.8 ? "sure" : share >= 0.5 ? "likely" : "faint";
    const fill = element("i", { class: level });
    fill.style.width = percent(share).replace(" ", "");
    return element("span", { class: "bar" }, element("span", { class: "track", role: "meter", "aria-label": label,
      "aria-valuenow": share, "aria-valuemin": 0, "aria-valuemax": 1 }, fill), element("b", {}, percent(share)));
  }

  function why(evidence) {
    if (!evidence?.length) return null;
    return element("ul", { class: "evidence" }, ...evidence.map((item) =>
      element("li", {},
        element("span", {}, item.kind.replaceAll("_", " ")),
        bar(item.strength, `strength of ${item.kind}`),
        element("span", { class: "hint" },
          item.sharedBy ? `shared by ${item.sharedBy} other${item.sharedBy > 1 ? "s" : ""}` : "nobody else's"))));
  }

  const warnings = (answer) =>
    answer.warnings.map((code) => element("span", { class: "warning" }, code.replaceAll("_", " ")));

  const raw = (title, value) =>
    element("details", {}, element("summary", {}, title), element("pre", {}, JSON.stringify(value, null, 2)));

  /** What was sent, with the fingerprint's forty components counted and not listed. */
  function abridged(message) {
    if (!message.fingerprint) return message;
    const { components, ...rest } = message.fingerprint;
    return { ...message, fingerprint: { ...rest, components: `${Object.keys(components).length} of them` } };
  }

  function said({ call, message, answer }) {
    if (call === "init") {
      return [who(answer), bar(answer.match.confidence, "confidence"),
        element("span", { class: "hint" }, METHODS[answer.match.method] ?? answer.match.method),
        why(answer.match.evidence), ...warnings(answer)];
    }
    if (call === "identify") {
      const { sessions, events } = answer.updated;
      return [who(answer), bar(answer.confidence, "confidence"),
        element("span", { class: "hint" }, `${answer.verified ? "Proved" : "Claimed"}; ${sessions} session${sessions === 1 ? "" : "s"} and ${events} event${events === 1 ? "" : "s"} now theirs` +
          (answer.sessionId === message.sessionId ? "." : ", in a session of their own.")), ...warnings(answer)];
    }
    return [who(answer), bar(answer.confidence, "confidence"),
      answer.duplicate ? element("span", { class: "hint" }, "Had it already, stored nothing.") : null];
  }

  const title = ({ call, message }) =>
    call === "track" ? message.eventName : call === "init" && message.reset ? "init, after a log-out" : call;

  function card(exchange) {
    const { at, call, message, answer, problem } = exchange;
    const body = answer
      ? said(exchange)
      : [element("span", { class: "warning" }, `${problem.status ?? "No answer"} · ${problem.code}: ${problem.message}`)];
    return element("li", { class: `exchange ${call}${problem ? " failed" : ""}`, "data-call": call, "data-event": message.eventName ?? null },
      element("header", {}, element("span", { class: "call" }, call), element("b", {}, title(exchange)),
        element("time", { datetime: at }, new Date(at).toLocaleTimeString())),
      element("div", { class: "said" }, ...body.filter(Boolean)),
      raw("Sent", message), answer ? raw("Answered", answer) : "");
  }

  /** Who this is, how sure that is and why: by the newest answer, the session's first, and its log-in. */
  function standing() {
    const answered = exchanges.filter(({ answer }) => answer);
    const newest = answered[0];
    if (!newest) return;
    const { answer } = newest;
    const here = answered.filter((each) => each.answer.sessionId === answer.sessionId);
    const match = here.find(({ call }) => call === "init")?.answer.match;
    const login = here.find(({ call, answer: { userId } }) => call === "identify" && userId);
    const sure = newest.call === "init" ? answer.match.confidence : answer.confidence;
    const reason = login
      ? `${login.answer.userId} logged in here${login.answer.verified ? ", and the site proved it." : "; the page says so."}`
      : match ? METHODS[match.method] ?? match.method : "The session of an earlier page goes on.";
    document.getElementById("standing").replaceChildren(
      element("dl", {},
        element("dt", {}, "Who"), element("dd", { id: "standing-who" }, who(answer)),
        element("dt", {}, "How sure"), element("dd", { id: "standing-sure" }, bar(sure, "confidence"),
          login ? element("code", { class: "method" }, "identify")
            : match ? element("code", { class: "method", title: "match.method" }, match.method) : ""),
        element("dt", {}, "Why"), element("dd", { id: "standing-why" },
          reason, why(match?.evidence) ?? ""),
        element("dt", {}, "Session"), element("dd", {}, element("code", { title: answer.sessionId }, short(answer.sessionId))),
        element("dt", {}, "Visitor"), element("dd", {}, element("code", { title: answer.visitorId }, short(answer.visitorId)))));
    const dot = document.getElementById("handle-dot");
    dot.style.setProperty("--hue", colour(answer.identityId));
    document.getElementById("handle-text").textContent =
      [answer.userId ?? "No user named", percent(sure), login ? "identify" : match?.method].filter(Boolean).join(" · ");
  }

  function remembered() {
    try {
      return JSON.parse(sessionStorage.getItem(memory)) ?? [];
    } catch {
      return [];
    }
  }

  const list = document.getElementById("exchanges");
  let exchanges = remembered();

  document.addEventListener("whograph:answer", ({ detail: { call, message, answer, problem } }) => {
    const failed = problem && { code: problem.code, status: problem.status, message: problem.message };
    const exchange = { at: new Date().toISOString(), call, message: abridged(message), answer, problem: failed };
    exchanges = [exchange, ...exchanges].slice(0, MOST);
    list.prepend(card(exchange));
    standing();
    try {
      sessionStorage.setItem(memory, JSON.stringify(exchanges));
    } catch {
      // The panel then begins anew with each page.
    }
  });

  const handle = document.getElementById("handle");
  handle.addEventListener("click", () => {
    const open = document.getElementById("panel").classList.toggle("open");
    handle.setAttribute("aria-expanded", open);
  });

  list.replaceChildren(...exchanges.map(card));
  standing();
  return { element };
})();
