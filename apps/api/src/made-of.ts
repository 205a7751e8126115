import type { Abstract, FactoryProvider, Type } from '@nestjs/common';

type Tokens<Args extends readonly unknown[]> = { [Index in keyof Args]: Type<Args[Index]> | Abstract<Args[Index]> };

/** A provider for a class that knows no framework: made of the things of these types, in the order of its constructor. */
export function madeOf<Made, Args extends readonly unknown[]>(
  made: new (...args: Args) => Made,
  ...parts: Tokens<Args>
): FactoryProvider<Made> {
  return { provide: made, inject: [...parts], useFactory: (...given: unknown[]) => new made(...(given as unknown as Args)) };
}
