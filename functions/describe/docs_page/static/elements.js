/** The document's elements. Texts become text nodes, so that no name or message is ever markup. */

export function byId(id) {
  return document.getElementById(id);
}

/** A new element with `properties` of its own and `children`, elements or texts. */
export function element(tag, properties = {}, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

/** A table with `headings`; a cell is a text or an element. null when there are no rows. */
export function table(caption, headings, rows) {
  if (!rows.length) return null;
  const heads = headings.map((heading) => element("th", { scope: "col" }, heading));
  const lines = rows.map((cells) =>
    element("tr", {}, ...cells.map((cell) => element("td", {}, cell))),
  );
  const made = element(
    "table",
    {},
    element("caption", {}, caption),
    element("thead", {}, element("tr", {}, ...heads)),
    element("tbody", {}, ...lines),
  );
  return scrolling("div", caption, made);
}

/** Scrolls by itself, so it can be reached by the keyboard and has a name. */
export function scrolling(tag, label, ...children) {
  return element(
    tag,
    { className: "scrolling", tabIndex: 0, role: "region", ariaLabel: label },
    ...children,
  );
}

/** Show `children` in place of what `id` holds; null leaves it out. */
export function show(id, ...children) {
  byId(id).replaceChildren(...children.filter((child) => child !== null));
}

/** A status in a shape of its own; its colour says nothing that the word does not. */
export function badge(status) {
  const made = element("span", { className: "badge" }, status);
  made.dataset.status = status;
  return made;
}
