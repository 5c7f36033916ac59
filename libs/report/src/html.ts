/** Text that is HTML already. Only `html` and `trusted` make it, so that nothing else reaches a page unescaped. */
export class Html {
  constructor(private readonly text: string) {}

  toString(): string {
    return this.text;
  }
}

/** What may stand in a template: text and numbers are escaped, Html is not, lists are joined, absent things are nothing. */
export type HtmlPart = string | number | Html | undefined | readonly HtmlPart[];

/** `` html`<p title="${name}">${text}</p>` ``: HTML with everything put into it escaped. Attributes need double quotes. */
export function html(strings: TemplateStringsArray, ...parts: readonly HtmlPart[]): Html {
  return new Html(strings.map((text, i) => (i === 0 ? '' : render(parts[i - 1])) + text).join(''));
}

/** Marks text as HTML that this library wrote itself: a style sheet, a script, JSON for a script. */
export function trusted(text: string): Html {
  return new Html(text);
}

/** Data for a script of the page, as an element of its own. No `<` is left in it that could end the element. */
export function jsonForScript(id: string, value: unknown): Html {
  return html`${trusted('<script type="application/json" id="')}${id}${trusted(`">${scriptJson(value)}</script>`)}`;
}

/** JSON that may stand in a script element. */
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
