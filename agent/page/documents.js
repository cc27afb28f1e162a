// The documents that the agent carries: their Markdown, as much of it as they use, as elements.
import {element, setAttribute} from "./dom.js";

const kDocuments = [
  ["page.md", "This page"], ["findings.md", "Why nothing arrives"], ["semantics.md", "What the numbers mean"],
  ["configuration.md", "Configuration"], ["api.md", "API"], ["metrics.md", "Metrics"], ["runbooks/README.md", "Alerts"],
];

export class Documents {
  #place = document.getElementById("document");
  #links;
  #shown = null;

  constructor() {
    this.#links = kDocuments.map(([file, title]) => element("a", {href: `#docs/${file}`}, title));
    document.getElementById("document-list").append(...this.#links);
  }

  // `name`: "api.md", with "#reading" behind it to go there; null: nobody looks.
  async show(name) {
    if (name === null || name === this.#shown) return;
    this.#shown = name;
    const [file, place] = name.split("#");
    for (const link of this.#links) setAttribute(link, "aria-current", link.hash === `#docs/${file}` ? "page" : null);
    let made;
    try {
      const answer = await fetch(`/docs/${file.split("/").map(encodeURIComponent).join("/")}`);
      if (!answer.ok) throw new Error(`HTTP status ${answer.status}`);
      made = markdown(await answer.text(), file);
    } catch (error) {
      made = [element("p", {}, `There is no document ${file} here (${error.message}).`)];
      this.#shown = null;
    }
    // Another one may have been asked for meanwhile.
    if (this.#shown !== null && this.#shown !== name) return;
    this.#place.replaceChildren(...made);
    this.#place.scrollTop = 0;
    if (place) document.getElementById(idOf(place))?.scrollIntoView();
  }
}

function idOf(heading) {
  return `about-${heading.toLowerCase().replace(/[^\w -]/g, "").replaceAll(" ", "-")}`;
}

function markdown(source, file) {
  const lines = source.split("\n");
  const made = [];
  const words = (text) => inline(text, file);
  // The lines from here on that `belongs` says are one block.
  const take = (belongs) => {
    const taken = [lines.shift()];
    while (lines.length > 0 && belongs(lines[0])) taken.push(lines.shift());
    return taken;
  };
  while (lines.length > 0) {
    const [line] = lines;
    const heading = /^(#+) (.*)/.exec(line);
    const item = /^(- |\d+\. )/.exec(line);
    if (line.startsWith("```")) {
      const code = take((next) => !next.startsWith("```")).slice(1);
      lines.shift();
      made.push(element("pre", {}, code.join("\n")));
    } else if (heading) {
      lines.shift();
      made.push(element(`h${Math.min(heading[1].length + 1, 4)}`, {id: idOf(heading[2])}, ...words(heading[2])));
    } else if (line.startsWith("|")) {
      made.push(table(take((next) => next.startsWith("|")), words));
    } else if (item) {
      const items = [];
      for (const next of take((next) => /^(- |\d+\. | +\S)/.test(next))) {
        if (/^ /.test(next)) items[items.length - 1] += ` ${next.trim()}`;
        else items.push(next.replace(/^(- |\d+\. )/, ""));
      }
      made.push(element(item[1] === "- " ? "ul" : "ol", {}, ...items.map((one) => element("li", {}, ...words(one)))));
    } else if (line.trim() === "" || /^(!\[|<)/.test(line)) {
      lines.shift();  // pictures are not carried
    } else {
      made.push(element("p", {}, ...words(take((next) => next.trim() !== "" && !/^(#|\||```|- |!\[)/.test(next)).join(" "))));
    }
  }
  return made;
}

function table(lines, words) {
  const rows = lines.filter((line) => !/^[|\s:-]+$/.test(line) || !line.includes("-"))
    .map((line) => line.replace(/^\||\|\s*$/g, "").split(/(?<!\\)\|/).map((cell) => words(cell.trim())));
  const row = (tag, cells) => element("tr", {}, ...cells.map((cell) => element(tag, {}, ...cell)));
  return element("table", {class: "text"}, element("thead", {}, row("th", rows[0])),
                 element("tbody", {}, ...rows.slice(1).map((cells) => row("td", cells))));
}

const kInline = /`([^`]+)`|\*\*([^*]+)\*\*|(?<!\\)\*([^*]+)\*|\[([^\]]+)\]\(([^)]+)\)/g;

function inline(text, file) {
  const plain = (part) => part.replace(/\\(\W)/g, "$1");
  const made = [];
  let from = 0;
  for (const match of text.matchAll(kInline)) {
    const [all, code, strong, emphasis, title, target] = match;
    made.push(plain(text.slice(from, match.index)));
    from = match.index + all.length;
    if (code !== undefined) made.push(codeOf(plain(code)));
    else if (strong !== undefined) made.push(element("strong", {}, plain(strong)));
    else if (emphasis !== undefined) made.push(element("em", {}, plain(emphasis)));
    else made.push(linkOf(inline(title, file), target, file));
  }
  made.push(plain(text.slice(from)));
  return made;
}

// What can be looked at here is a link.
function codeOf(code) {
  const path = /^(?:GET )?(\/metrics|\/api\/v1(?:\/[a-z.]*)?)$/.exec(code)?.[1];
  const made = element("code", {}, code);
  return path && path !== "/api/v1/events" ? element("a", {href: path}, made) : made;
}

// To another document that is here; the rest stays words.
function linkOf(words, target, file) {
  const path = new URL(target, `http://docs/${target.startsWith("#") ? file : file.replace(/[^/]*$/, "")}`);
  const name = path.pathname.slice(1);
  const here = path.host === "docs" && (name.startsWith("runbooks/") || kDocuments.some(([one]) => one === name));
  return here ? element("a", {href: `#docs/${name}${path.hash}`}, ...words) : element("span", {}, ...words);
}
