// The state of a page: {dimension: [members], period: [text], lang: [code], "figure.list": [value]}; defaults left out.

/** The query of an address: "?segment=SMB&segment=Enterprise". */
export function parse(search) {
  const query = {};
  for (const [name, value] of new URLSearchParams(search)) if (value) (query[name] ??= []).push(value);
  return query;
}

/** The query as URL arguments, names in order. */
export function format(query) {
  const listed = Object.keys(query).sort().flatMap((name) => [query[name]].flat().map((value) => [name, value]));
  return new URLSearchParams(listed).toString();
}

/** Whether two queries ask for the same. */
export function same(one, other) {
  const sorted = (query) => format(Object.fromEntries(Object.entries(query).map(([name, values]) => [name, [values].flat().sort()])));
  return sorted(one) === sorted(other);
}

/** The query with other values for one name; without values the name is left out. */
export function but(query, name, values) {
  const { [name]: _, ...rest } = query;
  return values.length ? { ...rest, [name]: values } : rest;
}

/** What goes with the reader from page to page: all but the lists of a figure, which are called "figure.list". */
export const shared = (query) => Object.fromEntries(Object.entries(query).filter(([name]) => !name.includes(".")));

/** What is left after a reset: the language. */
export const cleared = (query) => (query.lang ? { lang: query.lang } : {});

/** An address with these arguments in place of its own. */
export function addressed(href, query) {
  const [path, hash] = href.split("#");
  const said = format(query);
  return path.split("?")[0] + (said ? `?${said}` : "") + (hash ? `#${hash}` : "");
}

/** First and last month of a period written 2025-01..2026-06, 2025-03, 2026Q2 or 2025; null for a preset. */
export function months(period) {
  const sides = period.split("..");
  const first = side(sides[0]), last = side(sides.at(-1));
  return first && last ? [first[0], last[1]] : null;
}

function side(text) {
  const two = (number) => String(number).padStart(2, "0");
  const [, year, quarter, month] = /^(\d{4})(?:-?Q([1-4])|-(\d\d))?$/.exec(text) ?? [];
  if (!year) return null;
  if (month) return [text, text];
  return quarter ? [`${year}-${two(quarter * 3 - 2)}`, `${year}-${two(quarter * 3)}`] : [`${year}-01`, `${year}-12`];
}
