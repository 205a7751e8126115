/** What a person can put right. Its message is the whole explanation: no stack is shown. */
export class CannotStart extends Error {
  name = 'CannotStart';
}
