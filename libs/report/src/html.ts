/** Safe HTML. Only `html` and `trusted` create it, so nothing else reaches a page unescaped. */
export class Html {
  constructor(private readonly text: string) {}

  toString(): string {
    return this.text;
  }
}

/** A value in a template. Text and numbers are escaped, Html is kept, lists are joined, undefined is left out. */
export type HtmlPart = string | number | Html | undefined | readonly HtmlPart[];

/** HTML with escaped values: `` html`<p title="${name}">${text}</p>` ``. Attributes need double quotes. */
export function html(strings: TemplateStringsArray, ...parts: readonly HtmlPart[]): Html {
  return new Html(strings.map((text, i) => (i === 0 ? '' : render(parts[i - 1])) + text).join(''));
}

/** Marks text of this library as safe HTML: a style sheet, a script, JSON for a script. */
export function trusted(text: string): Html {
  return new Html(text);
}

/** A script element that holds data for the scripts of a page. Every `<` is escaped, so the data cannot end the element. */
export function jsonForScript(id: string, value: unknown): Html {
  return html`${trusted('<script type="application/json" id="')}${id}${trusted(`">${scriptJson(value)}</script>`)}`;
}

/** JSON that is safe inside a script element. */
export function scriptJson(value: unknown): string {
  return JSON.stringify(value).replaceAll('<', '\\u003c');
}

function render(part: HtmlPart): string {
  if (part === undefined) return '';
  if (part instanceof Html) return part.toString();
  if (isList(part)) return part.map(render).join('');
  return String(part).replace(/[&<>"']/g, (character) => entities[character]);
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

// Array.isArray does not narrow readonly arrays.
function isList(part: HtmlPart): part is readonly HtmlPart[] {
  return Array.isArray(part);
}
