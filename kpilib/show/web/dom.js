// Small tools for elements: make one, show new HTML in one without disturbing the reader, save a file.

/** An element with attributes and children; text stays text. */
export function make(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === true) made.setAttribute(name, "");
    else if (value !== false && value != null) made.setAttribute(name, value);
  }
  made.append(...children.filter((child) => child != null));
  return made;
}

/** What an element is, so that it is found again wherever it stands in newer HTML; a list's item is what it holds. */
function key(node) {
  if (node.nodeType !== Node.ELEMENT_NODE) return "";
  if (node.nodeName === "LI") return node.firstElementChild ? key(node.firstElementChild) : "";
  const { kpi, drop, member } = node.dataset;
  return node.id || kpi || (drop ? `${drop}=${member}` : "");
}

const alike = (one, other) => one.nodeName === other.nodeName && key(one) === key(other);

/** Make `slot` hold this HTML (escaped by the server); nodes that stay keep focus, selection, scroll and what is open. */
export function patch(slot, html, dress = () => {}) {
  const fresh = document.createElement("template");
  fresh.innerHTML = html;
  dress(fresh.content);
  children(slot, fresh.content);
}

function children(old, fresh) {
  let at = old.firstChild;
  for (const next of [...fresh.childNodes]) {
    const found = matching(at, next);
    if (!found) {
      old.insertBefore(next, at);
      continue;
    }
    if (found === at) at = at.nextSibling;
    else old.insertBefore(found, at);
    if (found.nodeType === 1) become(found, next);
    else if (found.data !== next.data) found.data = next.data;
  }
  while (at) {
    const gone = at;
    at = at.nextSibling;
    gone.remove();
  }
}

function matching(at, next) {
  if (!key(next)) return at && alike(at, next) ? at : null;
  for (let node = at; node; node = node.nextSibling) if (alike(node, next)) return node;
  return null;
}

function become(old, fresh) {
  // What the reader has opened stays open.
  const kept = (name) => name === "open" && old.nodeName === "DETAILS";
  for (const { name } of [...old.attributes]) if (!fresh.hasAttribute(name) && !kept(name)) old.removeAttribute(name);
  for (const { name, value } of fresh.attributes)
    if (!kept(name) && old.getAttribute(name) !== value) old.setAttribute(name, value);
  children(old, fresh);
}

/** Hand the reader a file. */
export function save(blob, name) {
  const link = make("a", { href: URL.createObjectURL(blob), download: name, hidden: true });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

/** Text without case or accents, to search in. */
export const folded = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

/** The elements in `root` that take the focus with the arrow keys, in order. */
export const stops = (root, selector) => [...root.querySelectorAll(selector)].filter((e) => !e.disabled && e.getClientRects().length);
