/* What the shop sells. `art` is the inside of a 120 × 120 drawing. */
const PRODUCTS = [
  {
    id: "mug", name: "Harbour mug", price: 18, tint: "#0f766e",
    text: "Enamelled steel, dipped twice. Survives the stove, the boat and the youngest member of the crew.",
    art: `<path d="M34 44h46v34a12 12 0 0 1-12 12H46a12 12 0 0 1-12-12z" fill="#fff"/><path d="M34 44h46v9H34z" fill="#99f6e4"/><path d="M80 54h6a11 11 0 0 1 0 22h-6" fill="none" stroke="#fff" stroke-width="6"/><path d="M46 34c0-6 6-5 6-11M60 34c0-6 6-5 6-11" fill="none" stroke="#ccfbf1" stroke-width="4" stroke-linecap="round"/>`,
  },
  {
    id: "blanket", name: "Night-watch blanket", price: 96, tint: "#9f4d3a",
    text: "Undyed wool from the west coast, woven heavy. Warm when wet, which it will be.",
    art: `<path d="M26 40q34-14 68 0v44q-34-14-68 0z" fill="#fff7ed"/><path d="M26 52q34-14 68 0v7q-34-14-68 0zM26 68q34-14 68 0v7q-34-14-68 0z" fill="#fdba74"/><path d="M29 84v7M37 81v7M45 79v7M53 77v7M61 77v7M69 77v7M77 79v7M85 81v7M92 84v7" stroke="#fff7ed" stroke-width="2.500"/>`,
  },
  {
    id: "lantern", name: "Storm lantern", price: 54, tint: "#4338ca",
    text: "Burns for thirty hours, and in a force nine. Brass, glass and one moving part.",
    art: `<path d="M44 40a16 16 0 0 1 32 0" fill="none" stroke="#c7d2fe" stroke-width="4"/><rect x="42" y="38" width="36" height="8" rx="3" fill="#e0e7ff"/><path d="M46 46h28l5 32H41z" fill="#fff" opacity=".35"/><path d="M60 54c7 9 7 20 0 21-7-1-7-12 0-21z" fill="#fde047"/><rect x="38" y="78" width="44" height="14" rx="5" fill="#e0e7ff"/>`,
  },
  {
    id: "notebook", name: "Tide tables, blank", price: 12, tint: "#be185d",
    text: "A pocket log with waterproof pages. The tides are up to you.",
    art: `<rect x="36" y="26" width="50" height="68" rx="5" fill="#fdf2f8"/><rect x="36" y="26" width="12" height="68" rx="4" fill="#fbcfe8"/><path d="M54 48q6-7 12 0t12 0M54 60q6-7 12 0t12 0M54 72q6-7 12 0t12 0" fill="none" stroke="#db2777" stroke-width="3.500" stroke-linecap="round"/>`,
  },
  {
    id: "tote", name: "Sailcloth bag", price: 39, tint: "#a16207",
    text: "Cut from sails that have done their miles. No two are alike, unlike laptops.",
    art: `<path d="M45 50V40a15 15 0 0 1 30 0v10" fill="none" stroke="#fef9c3" stroke-width="5"/><path d="M32 48h56l-5 44H37z" fill="#fff"/><path d="M60 56l14 26H60zM57 62v20H46z" fill="#facc15"/>`,
  },
  {
    id: "kite", name: "Lee-shore kite", price: 27, tint: "#0369a1",
    text: "Flies in what the others call a breeze. Comes with a string of reasonable length.",
    art: `<path d="M66 22l22 30-34 30-12-42z" fill="#fff"/><path d="M66 22l-12 60-12-42z" fill="#bae6fd"/><path d="M66 22l-12 60M42 40l46 12" stroke="#0284c7" stroke-width="2"/><path d="M54 82q-10 6-6 12t-8 8" fill="none" stroke="#fff" stroke-width="3" stroke-linecap="round"/><path d="M44 88l8 6-8 2z" fill="#bae6fd"/>`,
  },
];
