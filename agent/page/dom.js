// Elements without HTML: what the page shows comes from outside, so everything becomes
// text, and nothing is ever parsed.

// element("td", {class: "number"}, "12", otherElement). Attributes that are null or
// false are left out.
export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== null && value !== false) made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...children);
  return made;
}

// Writing makes the browser lay out again, so only what has changed is written.
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

export function setAttribute(node, name, value) {
  if (value === null || value === false) {
    if (node.hasAttribute(name)) node.removeAttribute(name);
  } else if (node.getAttribute(name) !== String(value)) {
    node.setAttribute(name, value);
  }
}

// A table of two columns: [[term, text], ...].
export function termList(pairs) {
  const list = element("dl");
  for (const [term, text, attributes] of pairs) {
    list.append(element("div", {}, element("dt", {}, term), element("dd", attributes ?? {}, text)));
  }
  return list;
}

// `head`: [[title, class], ...]; `rows`: lists of texts.
export function plainTable(head, rows) {
  const cells = head.map(([title, kind]) => element("th", {class: kind ?? null, scope: "col"}, title));
  const body = rows.map((row) =>
    element("tr", {}, ...row.map((text, i) => element("td", {class: head[i][1] ?? null}, text))));
  return element("table", {class: "plain"}, element("thead", {}, element("tr", {}, ...cells)),
                 element("tbody", {}, ...body));
}
