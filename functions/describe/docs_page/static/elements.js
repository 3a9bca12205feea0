/** Elements of the document. Texts become text nodes, never markup. */

export function byId(id) {
  return document.getElementById(id);
}

/** Call `handler` on each `type` event of the element `id`, in place of what the browser would do. */
export function on(id, type, handler) {
  byId(id).addEventListener(type, (event) => {
    event.preventDefault();
    handler();
  });
}

/** Replace what the element `id` holds. null is left out. */
export function show(id, ...children) {
  byId(id).replaceChildren(...present(children));
}

/** Return a new element with `properties` and `children`, elements or texts. null is left out. */
export function element(tag, properties, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...present(children));
  return made;
}

/** Return a table of `rows`, whose cells are texts or elements; null without rows. */
export function table(caption, headings, rows) {
  if (!rows?.length) return null;
  const line = (tag, cells) => element("tr", {}, ...cells.map((cell) => element(tag, {}, cell)));
  const body = element("tbody", {}, ...rows.map((cells) => line("td", cells)));
  const head = element("thead", {}, line("th", headings));
  return scrolling("div", caption, element("table", {}, element("caption", {}, caption), head, body));
}

/** Return an element that scrolls by itself: it has a name, and the keyboard reaches it. */
export function scrolling(tag, ariaLabel, child) {
  return element(tag, { className: "scrolling", tabIndex: 0, role: "region", ariaLabel }, child);
}

/** Return the status as a word; its colour says nothing more. */
export function badge(status) {
  const made = element("span", {}, status);
  made.dataset.status = status;
  return made;
}

function present(children) {
  return children.filter((child) => child !== null);
}
