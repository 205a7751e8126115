import { type IncomingMessage, request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { text } from 'node:stream/consumers';

const HOPS_MAX = 12;

/** A page as it was shown: where, and after which redirects. */
export interface Page {
  url: string;
  status: number;
  headers: IncomingMessage['headers'];
  text: string;
  /** Every address that was asked for on the way, this one included. */
  way: string[];
}

/** Says of an address that it is not to be gone to: the page then has it as its `url`. */
export type Until = (url: string) => boolean;

interface Cookie {
  value: string;
  isStrict: boolean;
}

interface Going {
  method: 'GET' | 'POST';
  url: string;
  body?: string;
  /** Origin of the page that sends the browser there; undefined when a person types the address. */
  from: string | undefined;
}

/**
 * A browser as far as it matters here: cookies by host (each origin stands for a host of its own), `SameSite` as browsers heed it,
 * redirects, pages that go on by themselves, forms. A way that another site has touched is cross-site to its end.
 */
export class Browser {
  readonly #jars = new Map<string, Map<string, Cookie>>();

  /** @param certificate PEM of who vouches for https hosts */
  constructor(private readonly certificate: string) {}

  /** A person types an address. */
  open(url: string, until?: Until): Promise<Page> {
    return this.#go({ method: 'GET', url, from: undefined }, until);
  }

  /** A link on a page of `from`. */
  follow(from: string, url: string, until?: Until): Promise<Page> {
    return this.#go({ method: 'GET', url, from: new URL(from).origin }, until);
  }

  /** Sends the form of a page, filled in. */
  submit(page: Page, fields: Record<string, string>, until?: Until): Promise<Page> {
    const { origin } = new URL(page.url);
    return this.#go({ method: 'POST', url: page.url, body: new URLSearchParams(fields).toString(), from: origin }, until);
  }

  /** Lets a page that goes on by itself do so; answers the page itself when it does not. */
  goOn(page: Page): Promise<Page> {
    const [, target] = /<meta http-equiv="refresh" content="0;url=([^"]*)">/.exec(page.text) ?? [];
    if (target === undefined) return Promise.resolve(page);
    return this.follow(
      page.url,
      new URL(
        target.replaceAll(/&#(\d+);/g, (_, code) => String.fromCharCode(Number(code))),
        page.url,
      ).href,
    );
  }

  async #ask(going: Going, isCrossSite: boolean): Promise<Page> {
    const { origin } = new URL(going.url);
    const response = await this.#send(going, origin, isCrossSite);
    for (const line of response.headers['set-cookie'] ?? []) this.#keep(origin, line);
    return { url: going.url, status: response.statusCode ?? 0, headers: response.headers, text: await text(response), way: [going.url] };
  }

  /** Nothing of what this host was told is kept. */
  forget(origin: string): void {
    this.#jars.delete(origin);
  }

  cookie(origin: string, name: string): string | undefined {
    return this.#jars.get(origin)?.get(name)?.value;
  }

  setCookie(origin: string, name: string, value: string): void {
    this.#jar(origin).set(name, { value, isStrict: false });
  }

  async #go(start: Going, until: Until = () => false): Promise<Page> {
    let going = start;
    const way: string[] = [];
    let isCrossSite = false;
    for (let hop = 0; hop < HOPS_MAX; hop += 1) {
      isCrossSite ||= going.from !== undefined && going.from !== new URL(going.url).origin;
      way.push(going.url);
      const page = { ...(await this.#ask(going, isCrossSite)), way };
      const { location } = page.headers;
      if (location === undefined) return page;
      const next = new URL(location, going.url).href;
      if (until(next)) return { ...page, url: next };
      going = { method: 'GET', url: next, from: new URL(going.url).origin };
    }
    throw new Error(`sent on and on: ${way.join(' ')}`);
  }

  #send({ method, url, body }: Going, origin: string, isCrossSite: boolean): Promise<IncomingMessage> {
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
    const cookies = [...this.#jar(origin)].filter(([, { isStrict }]) => !(isStrict && isCrossSite));
    const headers = {
      ...(cookies.length > 0 && { cookie: cookies.map(([name, { value }]) => `${name}=${value}`).join('; ') }),
      ...(body !== undefined && { 'content-type': 'application/x-www-form-urlencoded' }),
    };
    const send = url.startsWith('https:') ? httpsRequest : httpRequest;
    send(url, { method, headers, ca: this.certificate, agent: false }, resolve).on('error', reject).end(body);
    return promise;
  }

  #keep(origin: string, line: string): void {
    const [pair = '', ...attributes] = line.split(';').map((part) => part.trim());
    const at = pair.indexOf('=');
    const [name, value] = [pair.slice(0, at), pair.slice(at + 1)];
    const isOver = attributes.some((attribute) => /^max-age=0$|^expires=Thu, 01 Jan 1970/i.test(attribute));
    if (isOver) this.#jar(origin).delete(name);
    else this.#jar(origin).set(name, { value, isStrict: attributes.some((attribute) => /^samesite=strict$/i.test(attribute)) });
  }

  #jar(origin: string): Map<string, Cookie> {
    const jar = this.#jars.get(origin) ?? new Map<string, Cookie>();
    this.#jars.set(origin, jar);
    return jar;
  }
}
