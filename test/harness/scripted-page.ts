import { createContext, runInContext } from 'node:vm';

/** One that was clicked or typed into tells whoever listens. */
export class PageElement {
  textContent = '';
  value = '';
  hidden = false;
  disabled = false;
  href = '';
  download = '';
  readonly classes = new Set<string>();
  readonly classList = {
    toggle: (name: string, isOn: boolean) => {
      this.classes[isOn ? 'add' : 'delete'](name);
    },
  };
  readonly #listeners = new Map<string, ((event: { preventDefault(): void }) => void)[]>();

  addEventListener(type: string, listener: (event: { preventDefault(): void }) => void): void {
    this.#listeners.set(type, [...(this.#listeners.get(type) ?? []), listener]);
  }

  happen(type: string): void {
    for (const listener of this.#listeners.get(type) ?? []) listener({ preventDefault: () => undefined });
  }
}

export interface Download {
  fileName: string;
  mediaType: string;
  text: string;
}

export interface SentRequest {
  url: string;
  headers: Readonly<Record<string, string>>;
  credentials: string | undefined;
}

/**
 * A page and its script, as far as a page of ours needs a browser: elements that are known by their ids, downloads, and requests,
 * which really go to the server. No styles, and no security policy: those are looked at as headers.
 */
export class ScriptedPage {
  readonly downloads: Download[] = [];
  readonly requests: SentRequest[] = [];
  readonly #elements = new Map<string, PageElement>();
  readonly #blobs = new Map<string, { text: string; type: string }>();
  #pending: Promise<unknown> = Promise.resolve();

  /** @param url of the page, with what stands behind its `#` */
  constructor(
    private readonly url: URL,
    html: string,
  ) {
    for (const [tag = '', id = ''] of html.matchAll(/<[a-z]\w*\s[^>]*?\bid="([^"]+)"[^>]*>/g)) {
      const element = new PageElement();
      element.hidden = /\shidden\b/.test(tag);
      this.#elements.set(id, element);
    }
  }

  /** Answers when what it began is over. */
  async run(script: string): Promise<void> {
    const context = createContext({
      document: { getElementById: (id: string) => this.at(id), createElement: () => this.#anchor() },
      location: this.url,
      fetch: (path: string, order: RequestInit) => this.#fetch(path, order),
      URL: { createObjectURL: (blob: { text: string; type: string }) => this.#keep(blob), revokeObjectURL: () => undefined },
      Blob: class {
        readonly text: string;
        readonly type: string;
        constructor([text]: [string], { type }: { type: string }) {
          [this.text, this.type] = [text, type];
        }
      },
    });
    await (runInContext(`(async () => {${script}\n})()`, context) as Promise<void>);
  }

  /** Throws where the page has no such element: so would the script. */
  at(id: string): PageElement {
    const element = this.#elements.get(id);
    if (!element) throw new Error(`the page has no element #${id}`);
    return element;
  }

  click(id: string): void {
    this.at(id).happen('click');
  }

  type(values: Readonly<Record<string, string>>, form: string): void {
    for (const [id, value] of Object.entries(values)) this.at(id).value = value;
    this.at(form).happen('input');
  }

  /** Answers when the page has had its answer. */
  async submit(form: string): Promise<void> {
    this.at(form).happen('submit');
    await this.#pending;
    await new Promise(setImmediate);
  }

  #anchor(): PageElement & { click(): void } {
    const anchor = new PageElement();
    const click = (): void => {
      const { text = '', type = '' } = this.#blobs.get(anchor.href) ?? {};
      this.downloads.push({ fileName: anchor.download, mediaType: type, text });
    };
    return Object.assign(anchor, { click });
  }

  #keep(blob: { text: string; type: string }): string {
    const url = `blob:${this.#blobs.size}`;
    this.#blobs.set(url, blob);
    return url;
  }

  #fetch(path: string, order: RequestInit): Promise<Response> {
    const url = new URL(path, this.url).href;
    this.requests.push({ url, headers: order.headers as Record<string, string>, credentials: order.credentials });
    const answer = fetch(url, order).then(async (response) => {
      const text = await response.text();
      return new Response(text, { status: response.status });
    });
    this.#pending = answer.then((response) => response.clone().text());
    return answer;
  }
}
