import { randomUUID } from 'node:crypto';
import { aSession } from '../harness/principals.js';
import type { Keyhold, Workspace } from '../harness/service.js';
import { type Person, aFreshCode, aPerson, anAcceptance, anInvitation, newAuthenticatorOf } from '../harness/sign-in.js';
import type { Thing } from './things.js';

const PEOPLE = 16;
const OTHERS = 4;

/** What one request needs to be that of a person, by the names of its fields, and the session that it may come with. */
export interface Identified {
  thing: Thing;
  token: string;
  /** To be told that the request changed the person's password. */
  passwordChanged(): void;
  authenticatorChanged(): void;
}

interface WantedPerson {
  mayGoWrong: boolean;
  hasNewAuthenticator: boolean;
}

/** Those who sign in with a password and an authenticator. */
export class People {
  #asked = 0;

  private constructor(
    private readonly keyhold: Keyhold,
    private readonly workspace: Workspace,
    private readonly people: readonly Person[],
    /** In whose name everything that may go wrong is tried: accounts are locked after some tries. */
    private readonly others: readonly Person[],
  ) {}

  static async made(keyhold: Keyhold, workspace: Workspace): Promise<People> {
    const people: Person[] = [];
    for (let nth = 0; nth < PEOPLE + OTHERS; nth += 1) people.push(await aPerson(keyhold, workspace, 'admin'));
    return new People(keyhold, workspace, people.slice(OTHERS), people.slice(0, OTHERS));
  }

  /** Somebody, in turn, with a code that is still good and a session that was opened a moment ago. */
  async next(wanted: WantedPerson): Promise<Identified> {
    for (let tries = 0; tries < PEOPLE; tries += 1) {
      const identified = await this.#ofSomebody(wanted);
      if (identified) return identified;
    }
    throw new Error('everybody’s session was ended as soon as it was opened');
  }

  /** Undefined when another request of the same person's, which changed what signs them in, ended the session meanwhile. */
  async #ofSomebody({ mayGoWrong, hasNewAuthenticator }: WantedPerson): Promise<Identified | undefined> {
    const among = mayGoWrong ? this.others : this.people;
    const person = among[this.#asked++ % among.length];
    if (!person) throw new Error('nobody is there to sign in');
    const { memberId, email, password } = person;
    const of = { kind: 'member', memberId } as const;
    const [session, other] = [await aSession(this.keyhold, this.workspace, of), await aSession(this.keyhold, this.workspace, of)];
    const newPassword = `violet kettle ${randomUUID()}`;
    const opened = hasNewAuthenticator ? await session.call('POST', '/authenticator/open') : undefined;
    if (opened?.status === 401) return undefined;
    const { secret, ...setUp } = opened ? newAuthenticatorOf(opened) : { secret: person.totpSecret };
    const totpCode = await aFreshCode(this.keyhold, person);
    return {
      thing: { email, password, newPassword, totpCode, sessionId: other.sessionId, ...setUp },
      token: session.token,
      passwordChanged: () => (person.password = newPassword),
      authenticatorChanged: () => (person.totpSecret = secret),
    };
  }

  /** Everything that accepts an invitation. */
  async nextAcceptance(): Promise<Thing> {
    return anAcceptance(this.keyhold, await this.#invitation());
  }

  async nextInvitation(): Promise<Thing> {
    return { token: (await this.#invitation()).token };
  }

  #invitation(): Promise<{ token: string }> {
    return anInvitation(this.keyhold, this.workspace, 'user');
  }
}
